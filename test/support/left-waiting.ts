/** What waits for a time that nobody needs any more, counted in the memory of this process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { queryObjects } from 'node:v8';

/** The class of what `setTimeout` gives; `AbortSignal.timeout` keeps one of its own too. */
const Timer = clearedTimer().constructor as new () => object;

/** Timers and abort signals in memory after it was cleaned up. */
export async function waiting(): Promise<number> {
  // What ended just now is let go of by the next turn, not by this one.
  await sleep(10);
  return count(Timer) + count(AbortSignal);
}

function count(of: new () => object): number {
  return Number(queryObjects(of, { format: 'count' }));
}

function clearedTimer(): NodeJS.Timeout {
  const timer = setTimeout(() => {}, 0);
  clearTimeout(timer);
  return timer;
}
