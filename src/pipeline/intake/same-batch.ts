/** A job may run twice, and what it asks for is asked once: the batch in the vault tells. */
import { createHash } from 'node:crypto';
import type { Queryable } from '../../catalog/database.ts';
import { submissionById } from '../../catalog/submissions.ts';
import { noteUnlogged } from '../../catalog/unlogged-records.ts';
import type { Submitted } from '../../model/submission.ts';
import type { Parts } from '../parts.ts';
import { submissionFrom } from './submission-record.ts';
import { whatBecameOf, writeSubmissions } from './write-submissions.ts';

/**
 * What this batch led to when it was submitted before; `null` where it wasn't. A process that
 * was killed between the file and its rows has left the file, and the rows are written now.
 * @throws IntegrityError `record-unreadable`
 */
export async function batchBefore(
  { vault, home }: Pick<Parts, 'vault' | 'home'>,
  tx: Queryable,
  batchId: string,
): Promise<Submitted[] | null> {
  const name = `${batchId}.jsonl`;
  const bytes = await vault.readRecord('submissions', name);
  if (bytes === null) return null;
  const lines = bytes.toString().split('\n').filter(Boolean);
  const rows = lines.map((line) => submissionFrom(`submissions/${name}`, line));
  const [first] = rows;
  if (first !== undefined && (await submissionById(tx, first.id)) === null) {
    await writeSubmissions(tx, rows, home.environment);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await noteUnlogged(tx, [{ kind: 'submissions', name, sha256 }]);
  }
  return rows.map(whatBecameOf);
}
