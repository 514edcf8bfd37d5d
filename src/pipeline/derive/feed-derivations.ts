/**
 * Hands derive jobs to the queue. They come after captures: while any capture waits or runs,
 * no more than a few are under way, so that whatever is being captured has the machine.
 */
import { handedJobs, handJobsAgain, takeJobs, type WaitingJob } from '../../catalog/derive-jobs.ts';
import { unfinishedCount } from '../../catalog/feeder.ts';
import type { Queue } from '../../queue/queue.ts';
import type { Parts } from '../parts.ts';

/** In the queue at once: while captures wait, and otherwise. */
const besideCaptures = 2;
const otherwise = 20;
/** A job that was handed over a moment ago may just be being added. */
const graceMs = 15_000;
/** After so many rounds a job counts as stuck, and holds nobody else up. */
export const hopefulJobRounds = 3;

/** @returns how many jobs were handed over */
export async function feedDerivations(
  { database }: Pick<Parts, 'database'>,
  queue: Queue,
): Promise<number> {
  const busy = (await handedJobs(database)).filter(isHopeful).length;
  const bound = (await unfinishedCount(database)) > 0 ? besideCaptures : otherwise;
  if (busy >= bound) return 0;
  const taken = await takeJobs(database, bound - busy);
  await queue.addDerive(
    taken.map(({ captureId, round, again }) => ({ captureId, round, priority: again ? -1 : 0 })),
  );
  return taken.length;
}

/** Hands over again what has neither ended nor a live job. @returns how many */
export async function recoverLostJobs(
  { database, log }: Pick<Parts, 'database' | 'log'>,
  queue: Queue,
  now = new Date(),
): Promise<number> {
  const lost: WaitingJob[] = [];
  for (const job of await handedJobs(database)) {
    const age = now.getTime() - (job.handedAt?.getTime() ?? 0);
    if (age < graceMs * 2 ** Math.min(job.round - 1, 6)) continue;
    if (!(await queue.isDeriving(job.captureId, job.round))) lost.push(job);
  }
  if (lost.length === 0) return 0;
  log.warn(
    { captures: lost.map(({ captureId }) => captureId) },
    'derive jobs that were lost: handed over again',
  );
  await handJobsAgain(database, lost);
  return lost.length;
}

function isHopeful({ round }: WaitingJob): boolean {
  return round <= hopefulJobRounds;
}
