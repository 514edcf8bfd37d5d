/** The end of a derive job: one entry of the log, in the chain of the capture's case. */
import { captureById } from '../../catalog/captures.ts';
import type { DerivationRow } from '../../catalog/derivations.ts';
import { endJob, hasEnded, type WaitingJob } from '../../catalog/derive-jobs.ts';
import { insertEvents, type NewEvent } from '../../catalog/events.ts';
import { submissionById } from '../../catalog/submissions.ts';
import { noteCustody } from '../custody/custody-event.ts';
import type { Parts } from '../parts.ts';
import type { Derivable } from './deriver.ts';

/** So many digests stand in the entry itself; the detail names all of them. */
const mostTargets = 500;

export async function enterJob(
  parts: Parts,
  { captureId, manifestSha256 }: Derivable,
  { jobId }: WaitingJob,
  derivations: DerivationRow[],
  events: NewEvent[],
): Promise<void> {
  const capture = await captureById(parts.database, captureId);
  const submission = capture && (await submissionById(parts.database, capture.submissionId));
  const records = derivations.map(({ recordSha256 }) => recordSha256);
  const finishedAt = new Date();
  await noteCustody(
    parts,
    {
      type: 'derivation',
      by: 'derive',
      caseName: submission?.caseName ?? null,
      targets: records.slice(0, mostTargets),
      detail: {
        job: jobId,
        capture: captureId,
        manifestSha256,
        records,
        finishedAt: finishedAt.toISOString(),
        events: events.map(({ at, ...event }) => ({ ...event, at: at.toISOString() })),
      },
      // A killed process may have left the entry in the vault: taking the log has adopted it.
      unless: async (tx) => {
        if (await hasEnded(tx, jobId)) throw new JobEnded();
      },
    },
    async (tx, { idx: logIndex }) => {
      await endJob(tx, { id: jobId, captureId, records, logIndex, finishedAt });
      await insertEvents(tx, null, events);
    },
  ).catch((error: unknown) => {
    if (!(error instanceof JobEnded)) throw error;
  });
}

class JobEnded extends Error {}
