/**
 * What the first batch holds: all records that are there. An archive from before there were
 * batches has many, and events that were never records; they are taken over once, as the
 * catalog has them.
 */
import { createHash } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import type { Queryable } from '../../catalog/database.ts';
import { eventsOfNoCapture } from '../../catalog/events.ts';
import { hasEntryOfType } from '../../catalog/log-entries.ts';
import {
  hasSubmissionsBeforeBatches,
  noteUnlogged,
  type UnloggedRecord,
  withRows,
} from '../../catalog/unlogged-records.ts';
import { listWatches } from '../../catalog/watches.ts';
import { canonicalJson } from '../../seal/canonical-json.ts';
import {
  type BatchedKind,
  batchedKinds,
  eventLines,
  keepRecord,
  withRecords,
} from '../keep-record.ts';
import type { Parts } from '../parts.ts';

const pageSize = 1_000;

/** Once: whoever comes second finds the batch of the first. @returns whether there are such */
export async function noteOlderRecords(parts: Parts, signal: AbortSignal): Promise<boolean> {
  if (!(await isOlder(parts.database))) return false;
  return withRecords(parts, async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('holdfast older records', 0))`);
    if (!(await isOlder(tx))) return false;
    await takeOverEvents(parts, tx);
    await takeOverWatches(parts, tx);
    for (const kind of batchedKinds)
      for await (const page of pagesOf(parts.vault.recordNames(kind), signal))
        await noteThere(parts, tx, kind, page);
    return true;
  });
}

/** It was in use before there were batches, or was rebuilt from files of then, and has none yet. */
async function isOlder(db: Queryable): Promise<boolean> {
  if (await hasEntryOfType(db, 'records')) return false;
  return hasSubmissionsBeforeBatches(db);
}

/** Sweeps of then ended watches and wrote it down nowhere else. */
async function takeOverWatches(parts: Pick<Parts, 'vault'>, tx: Queryable): Promise<void> {
  for (const watch of await listWatches(tx)) {
    if (watch.state !== 'ended') continue;
    const plan = JSON.parse(JSON.stringify({ change: 'watch', ...watch })) as unknown;
    await keepRecord(parts, tx, 'watch-plans', `${uuidv7()}.json`, canonicalJson(plan));
  }
}

async function takeOverEvents(parts: Pick<Parts, 'vault'>, tx: Queryable): Promise<void> {
  for (let after: string | null = null; ; ) {
    const events = await eventsOfNoCapture(tx, after, pageSize);
    if (events.length === 0) return;
    await keepRecord(parts, tx, 'events', `${uuidv7()}.jsonl`, eventLines(events));
    after = events.at(-1)?.id ?? null;
  }
}

/** Not what a killed process left without its rows. */
export async function noteThere(
  { vault }: Pick<Parts, 'vault'>,
  tx: Queryable,
  kind: BatchedKind,
  names: string[],
): Promise<void> {
  const records: UnloggedRecord[] = [];
  for (const name of await withRows(tx, kind, names)) {
    const bytes = await vault.readRecord(kind, name);
    if (bytes === null) continue;
    records.push({ kind, name, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  await noteUnlogged(tx, records);
}

export async function* pagesOf(
  names: AsyncIterable<string>,
  signal?: AbortSignal,
): AsyncGenerator<string[]> {
  let page: string[] = [];
  for await (const name of names) {
    signal?.throwIfAborted();
    page.push(name);
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
