/** First signal: finish what is in hand. Second: stop it, back into the queue. */
import type { Log } from '../src/log.ts';
import type { Workers } from '../src/queue/queue.ts';

const graceMs = 10 * 60_000;

export async function untilStopped(workers: Workers, log: Log): Promise<void> {
  await nextSignal();
  log.info({ running: workers.running() }, 'finishing what is in hand; once more to stop at once');
  const again = nextSignal().then(() => workers.close(0));
  await Promise.race([workers.close(graceMs), again]);
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    const heard = () => {
      process.off('SIGINT', heard);
      process.off('SIGTERM', heard);
      resolve();
    };
    process.on('SIGINT', heard);
    process.on('SIGTERM', heard);
  });
}
