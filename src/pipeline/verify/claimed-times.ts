/** Whether the times that a manifest claims fit those of the log around it. */
import { checkpointOf } from '../../catalog/checkpoints.ts';
import { type LogEntryRow, logEntriesFrom } from '../../catalog/log-entries.ts';
import type { Manifest } from '../../seal/manifest.ts';
import { faultOfClaim } from '../../seal/verify/order-of-time.ts';
import type { Parts } from '../parts.ts';

/** @returns what is wrong, in words, or `null` */
export async function faultOfTimes(
  { database }: Pick<Parts, 'database'>,
  { startedAt, finishedAt, priorCheckpoint: prior }: Manifest,
  entry: Pick<LogEntryRow, 'idx' | 'at'>,
): Promise<string | null> {
  let knownAt: Date | null = null;
  if (prior != null) {
    const checkpoint = await checkpointOf(database, prior.size);
    if (checkpoint?.sha256 !== prior.sha256 || prior.size > entry.idx)
      return 'the manifest names an earlier checkpoint that this log does not have';
    const [newest] = await logEntriesFrom(database, prior.size - 1, 1);
    knownAt = newest?.at ?? null;
  }
  const claimed = {
    startedAt: new Date(startedAt),
    finishedAt: new Date(finishedAt),
    enteredAt: entry.at,
  };
  const fault = faultOfClaim(claimed, knownAt);
  return fault === null
    ? null
    : `${fault}: claims ${startedAt} to ${finishedAt}, was entered at ${entry.at.toISOString()}${knownAt === null ? '' : `, and names a checkpoint of ${knownAt.toISOString()} or later`}`;
}
