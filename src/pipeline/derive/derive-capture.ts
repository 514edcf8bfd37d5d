/**
 * A derive job: everything that is to be made of one closed capture. What the same tools made
 * of the same bytes before is taken over; what is new lies in the vault, as a record and its
 * files, before its rows. A job that is run again goes on where it was killed.
 */
import { errorCode, parksWork } from '../../base/errors.ts';
import type { BudgetLimits } from '../../base/time-budget.ts';
import type { DerivationRow } from '../../catalog/derivations.ts';
import { dropJob, hasEnded, type WaitingJob, waitingJobOf } from '../../catalog/derive-jobs.ts';
import type { NewEvent } from '../../catalog/events.ts';
import { heldFiles } from '../../catalog/held-files.ts';
import { keepSearchable } from '../../catalog/keep-searchable.ts';
import { openPictures, type Pictures, pictureTime } from '../../media/pictures/pictures.ts';
import { compareWithEarlier } from '../copies/compare-with-earlier.ts';
import type { Hashing } from '../copies/fingerprint-media.ts';
import { DeriveTime } from '../derive-time.ts';
import type { Parts, StageRun } from '../parts.ts';
import { reportProgress } from '../report-progress.ts';
import { wasInterrupted } from '../run-step.ts';
import { derivableOf, wantedIn } from './derivable.ts';
import type { Derivable } from './deriver.ts';
import { enterJob } from './enter-job.ts';
import { derivationId, deriveOne } from './make-derivation.ts';

/**
 * Returns when the job has ended, well or badly; throws when the queue should run it again.
 * @param time of the pictures in it
 */
export async function deriveCapture(
  parts: Parts,
  run: StageRun,
  time: BudgetLimits = pictureTime,
): Promise<void> {
  const job = await waitingJobOf(parts.database, run.captureId);
  if (job === null || (await hasEnded(parts.database, job.jobId))) return;
  const capture = await derivableOf(parts, run.captureId);
  if (capture === null) return;
  await using pictures = openPictures(run.signal, { time });
  const derivations = await deriveAll(parts, run, { capture, job, pictures });
  if (derivations.length === 0) {
    await dropJob(parts.database, job.jobId);
    return;
  }
  const events = await copiesFound({ ...parts, pictures }, run, capture, derivations, job);
  await enterJob(parts, capture, job, derivations, events);
  // What was read can be searched when the job has ended, not only when somebody sweeps.
  await keepSearchable(parts.database, { most: 200, wait: true });
  parts.log.info(
    { captureId: run.captureId, derivations: derivations.length },
    'derivations ended',
  );
}

async function deriveAll(
  parts: Parts,
  run: StageRun,
  { capture, job, pictures }: { capture: Derivable; job: WaitingJob; pictures: Pictures },
): Promise<DerivationRow[]> {
  const wanted = await wantedIn(parts, parts.database, capture, job.kinds);
  const made: DerivationRow[] = [];
  const reading = { spentMs: 0 };
  const time = new DeriveTime(parts.config.limits);
  await reportProgress(parts, run, 'derive', async (tell) => {
    for (const one of wanted) {
      if (wasInterrupted(run.signal)) throw run.signal.reason;
      tell({ note: one.kind });
      const row = await deriveOne(parts, run.signal, {
        capture,
        wanted: one,
        ...{ job, reading, time, pictures },
        tell: (note) => tell({ note: `${one.kind} ${note}` }),
      });
      if (row !== null) made.push(row);
    }
  });
  return made;
}

/** Once fingerprints have ended: what was kept before and shows or sounds the same. */
async function copiesFound(
  parts: Parts & Hashing,
  { captureId, signal }: StageRun,
  { source }: Derivable,
  derivations: DerivationRow[],
  job: WaitingJob,
): Promise<NewEvent[]> {
  const hashed = derivations.filter(
    ({ kind, state }) => kind === 'fingerprints' && state === 'done',
  );
  if (hashed.length === 0) return [];
  const anew = new Set(hashed.filter((row) => isOfJob(row, job)).map(({ subject }) => subject));
  const held = await heldFiles(parts.database, captureId);
  try {
    return await compareWithEarlier(parts, { captureId, source, signal }, held, anew);
  } catch (error) {
    if (wasInterrupted(signal) || parksWork(error)) throw error;
    parts.log.warn({ captureId, code: errorCode(error), err: error }, 'copies were not looked for');
    return [];
  }
}

/** Made by this job, and not taken over from an earlier one. */
function isOfJob({ id, kind, subject }: DerivationRow, { jobId }: WaitingJob): boolean {
  return id === derivationId(jobId, { kind, subject });
}
