/** The one place where the end of a run becomes a decision of the queue. */
import { DelayedError, type Job, UnrecoverableError, WaitingError } from 'bullmq';
import { errorCode, HoldfastError, parksWork, ThrottledError } from '../base/errors.ts';
import { type JobData, type StageName, waitedMsOf } from './jobs.ts';

export type StageJobHandle = Job<JobData, unknown, StageName>;

/** Why a run was stopped from outside; `name` is what `errors.ts` calls an interruption. */
export class Interruption extends Error {
  override name = 'AbortError';
  readonly by: 'shutdown' | 'lost-lock';
  constructor(by: 'shutdown' | 'lost-lock') {
    super(by === 'shutdown' ? 'the worker is stopping' : 'another worker has taken the job over');
    this.by = by;
  }
}

/** Whatever a server asks for, we ask again after this long: the answer may have changed. */
const longestWaitMs = 30 * 60_000;
/** How soon we look whether our own database is back. */
const outageWaitMs = 2_000;
/** Trying costs a browser. */
const offlineWaitMs = 10_000;
/** And whether somebody made room: what is done until then is done again. */
const fullDiskWaitMs = 15_000;

export interface EndedRun {
  job: StageJobHandle;
  token: string;
  attempts: number;
  stoppedBy: Interruption | null;
}

/**
 * Does with a job what its error asks for, and returns what BullMQ must be told.
 * Stopped by us: back into the queue, not counted. Throttled, our own database away or our disk full:
 * later, not counted. Nothing to hope for, or tried often enough: failed. Anything else: tried again
 * after a while.
 */
export async function endingOf(error: unknown, run: EndedRun): Promise<Error> {
  const { job, token, stoppedBy } = run;
  if (stoppedBy !== null) {
    // With its lock lost the job is not ours any more: nothing may be done to it.
    if (stoppedBy.by === 'shutdown') await job.moveToWait(token);
    return new WaitingError();
  }
  if (parksWork(error)) {
    await job.moveToDelayed(Date.now() + parkedMs(error), token);
    return new DelayedError();
  }
  if (error instanceof ThrottledError) {
    const waitMs = Math.min(Math.max(error.retryAfterMs || 0, 0), longestWaitMs);
    await job.updateData({ ...job.data, waitedMs: waitedMsOf(job.data) + waitMs });
    await job.moveToDelayed(Date.now() + waitMs, token);
    return new DelayedError();
  }
  const givesUp = error instanceof HoldfastError && error.next === 'give-up';
  if (givesUp || job.attemptsMade + 1 >= run.attempts) {
    return new UnrecoverableError(`${errorCode(error)}: ${textOf(error)}`);
  }
  return error instanceof Error ? error : new Error(textOf(error));
}

function parkedMs({ code }: HoldfastError): number {
  if (code === 'no-network') return offlineWaitMs;
  return code === 'disk-full' ? fullDiskWaitMs : outageWaitMs;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
