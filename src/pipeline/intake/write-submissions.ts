/** Submissions as rows, with the captures that they open. */
import { openCaptures } from '../../catalog/captures.ts';
import type { Queryable } from '../../catalog/database.ts';
import { insertSubmissions } from '../../catalog/submissions.ts';
import type { Environment } from '../../model/capture-record.ts';
import type { Submitted } from '../../model/submission.ts';
import type { NewSubmission } from './submission-record.ts';

/** Submissions and the captures that they open. Also the way in for `rebuild`. */
export async function writeSubmissions(
  tx: Queryable,
  rows: NewSubmission[],
  environment: Environment,
): Promise<void> {
  await insertSubmissions(tx, rows);
  await openCaptures(
    tx,
    rows.flatMap(({ opensCapture, captureId, sourceKey, id, submittedAt }) =>
      opensCapture && captureId !== null && sourceKey !== null
        ? [{ id: captureId, submissionId: id, sourceKey, environment, openedAt: submittedAt }]
        : [],
    ),
  );
}

export function whatBecameOf(row: NewSubmission): Submitted {
  return {
    submissionId: row.id,
    link: row.link,
    key: row.sourceKey,
    rejected: row.rejected,
    captureId: row.captureId,
    opened: row.opensCapture,
  };
}
