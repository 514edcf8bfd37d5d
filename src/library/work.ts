/** Workers inside a program, as a thing that can be stopped. */
import type { Queryable } from '../catalog/database.ts';
import { untilNothingLeft } from '../pipeline/answers/until-closed.ts';
import type { RunningWorkers } from '../pipeline/running-workers.ts';
import type { Work } from './holdfast.ts';

const defaultGraceMs = 30_000;

/** @param signal stops at once */
export function workOf(workers: RunningWorkers, signal: AbortSignal | undefined): Work {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  ended.catch(() => undefined); // nobody need listen
  const stopNow = () => void stop(0).catch(() => undefined); // `ended` tells
  const stop = async (graceMs = defaultGraceMs) => {
    try {
      await workers.close(graceMs);
    } catch (error) {
      reject(error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', stopNow);
      workers.outdated.removeEventListener('abort', stopNow);
    }
    if (workers.outdated.aborted) reject(workers.outdated.reason);
    else resolve();
  };
  signal?.addEventListener('abort', stopNow);
  workers.outdated.addEventListener('abort', stopNow);
  if (signal?.aborted) stopNow();
  return {
    running: () => workers.running(),
    ended,
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}

/** Stops it when nothing is left to capture, unless it was stopped before. */
export function stopWhenDone(work: Work, database: Queryable): void {
  const stopped = new AbortController();
  const over = () => stopped.abort();
  work.ended.then(over, over);
  untilNothingLeft(database, stopped.signal)
    .then(async () => {
      if (!stopped.signal.aborted) await work.stop();
    })
    .catch(() => undefined); // `ended` tells
}
