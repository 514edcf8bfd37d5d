/**
 * Enters in the log, by their digests and many at a time, the records that no other entry
 * names: checks, events, plans of watches, submissions, decisions. From then on their loss
 * is found, also where vault and database have both lost them.
 */
import { createHash } from 'node:crypto';
import type { Queryable } from '../../catalog/database.ts';
import {
  forgetUnlogged,
  type UnloggedRecord,
  unloggedRecords,
  unloggedState,
} from '../../catalog/unlogged-records.ts';
import type { Parts } from '../parts.ts';
import { noteCustody } from './custody-event.ts';
import { noteOlderRecords } from './older-records.ts';
import { detailOf } from './records-detail.ts';

/** As many go into the details of one entry, which stay below a megabyte. */
const mostRecords = 5_000;
const longestWaitMs = 15 * 60_000;

/** Makes the batches that are due. @returns how many records were entered */
export async function enterRecords(parts: Parts, signal: AbortSignal): Promise<number> {
  const tookOver = await noteOlderRecords(parts, signal);
  if (!tookOver && !(await isDue(parts.database))) return 0;
  let entered = 0;
  let lost = 0;
  for (;;) {
    signal.throwIfAborted();
    const waiting = await unloggedRecords(parts.database, mostRecords, lost);
    const batch = await thoseThere(parts, waiting);
    lost += waiting.length - batch.length;
    if (batch.length > 0) await enter(parts, batch);
    entered += batch.length;
    // What came meanwhile waits for its own turn.
    if (waiting.length < mostRecords) return entered;
  }
}

async function isDue(db: Queryable): Promise<boolean> {
  const { count, waitedMs } = await unloggedState(db);
  return count >= mostRecords || waitedMs >= longestWaitMs;
}

/** Only what lies in the vault as it was noted; `verify` names the rest. */
async function thoseThere(
  { vault, log }: Pick<Parts, 'vault' | 'log'>,
  waiting: UnloggedRecord[],
): Promise<UnloggedRecord[]> {
  const there: UnloggedRecord[] = [];
  for (const record of waiting) {
    const bytes = await vault.readRecord(record.kind, record.name).catch(() => null);
    const found = bytes && createHash('sha256').update(bytes).digest('hex');
    if (found === record.sha256) there.push(record);
    else log.error({ ...record, found }, 'a record is not as it was noted, and not entered');
  }
  return there;
}

async function enter(parts: Parts, batch: UnloggedRecord[]): Promise<void> {
  await noteCustody(parts, { type: 'records', by: 'holdfast', detail: detailOf(batch) }, (tx) =>
    forgetUnlogged(tx, batch),
  );
  parts.log.info({ records: batch.length }, 'records entered in the log');
}
