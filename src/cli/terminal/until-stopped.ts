/** First signal: finish captures in hand; what is made of earlier ones goes back into the queue. Second: all of it does. */
import type { Log } from '../../base/log.ts';
import type { RunningWorkers } from '../../pipeline/running-workers.ts';

const graceMs = 10 * 60_000;

/**
 * Returns when the workers are closed; `done` ends the work as the first signal does.
 * @throws why they are outdated, once they are closed
 */
export async function untilStopped(
  workers: RunningWorkers,
  log: Log,
  done?: AbortSignal,
): Promise<void> {
  const signals = listen();
  try {
    await Promise.race([signals.next(), raised(done), raised(workers.outdated)]);
    if (workers.outdated.aborted) {
      await workers.close(0);
      throw workers.outdated.reason;
    }
    const hint = done?.aborted ? '' : '; press Ctrl-C again to stop at once';
    log.info({ running: workers.running() }, `finishing the jobs in hand${hint}`);
    const again = signals.next().then(() => workers.close(0));
    await Promise.race([workers.close(graceMs), again]);
  } finally {
    signals.stop();
  }
}

function listen(): { next(): Promise<void>; stop(): void } {
  let heard: () => void = () => {};
  const hear = () => heard();
  process.on('SIGINT', hear);
  process.on('SIGTERM', hear);
  return {
    next: () =>
      new Promise((resolve) => {
        heard = resolve;
      }),
    stop: () => {
      process.off('SIGINT', hear);
      process.off('SIGTERM', hear);
    },
  };
}

function raised(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}
