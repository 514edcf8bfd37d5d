/**
 * Records that no entry of the log names by itself: acts of asking, checks, events, plans of
 * watches, decisions. They go into the vault before their rows, and get into the log by
 * their digests, in batches (`custody/enter-records.ts`).
 */
import { uuidv7 } from 'uuidv7';
import type { Queryable } from '../catalog/database.ts';
import { insertEvents, knownEvents, type NewEvent } from '../catalog/events.ts';
import { isUnlogged, noteUnlogged } from '../catalog/unlogged-records.ts';
import { canonicalJson } from '../seal/canonical-json.ts';
import type { RecordKind } from '../vault/vault.ts';
import type { Parts } from './parts.ts';

export const batchedKinds = [
  'submissions',
  'observations',
  'events',
  'watch-plans',
  'cluster-decisions',
  'graphic-marks',
] as const satisfies RecordKind[];
export type BatchedKind = (typeof batchedKinds)[number];

interface Kept {
  kind: BatchedKind;
  name: string;
}

/** What each transaction has kept so far. */
const keptIn = new WeakMap<Queryable, Kept[]>();

/**
 * A transaction that keeps records: where it is rolled back, they go again, for they tell of
 * what never was. A killed process leaves them, which `verify` finds and `rebuild` takes in.
 */
export async function withRecords<T>(
  parts: Pick<Parts, 'database' | 'vault'>,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  const kept: Kept[] = [];
  try {
    return await parts.database.transaction((tx) => {
      keptIn.set(tx, kept);
      return work(tx);
    });
  } catch (error) {
    // Why it failed is what the caller must hear.
    for (const record of kept) await discard(parts, record).catch(() => undefined);
    throw error;
  }
}

/** Unless it was committed after all: only the answer may have been lost. */
async function discard(
  { database, vault }: Pick<Parts, 'database' | 'vault'>,
  { kind, name }: Kept,
): Promise<void> {
  if (!(await isUnlogged(database, kind, name))) await vault.removeRecord(kind, name);
}

/** Within a transaction `withRecords` that writes the record's rows. */
export async function keepRecord(
  { vault }: Pick<Parts, 'vault'>,
  tx: Queryable,
  kind: BatchedKind,
  name: string,
  bytes: string,
): Promise<void> {
  keptIn.get(tx)?.push({ kind, name });
  const { sha256 } = await vault.keepRecord(kind, name, bytes);
  await noteUnlogged(tx, [{ kind, name, sha256 }]);
}

/** Events that belong to no capture. What was told before, by its id, is not told again. */
export async function noteEvents(
  parts: Pick<Parts, 'vault'>,
  tx: Queryable,
  events: NewEvent[],
): Promise<void> {
  const named = events.map((event) => ({ ...event, id: event.id ?? uuidv7() }));
  const known = await knownEvents(
    tx,
    named.map(({ id }) => id),
  );
  const fresh = named.filter(({ id }) => !known.has(id));
  if (fresh.length === 0) return;
  await keepRecord(parts, tx, 'events', `${uuidv7()}.jsonl`, eventLines(fresh));
  await insertEvents(tx, null, fresh);
}

/** As they lie in the vault: JSON lines. */
export function eventLines(events: (NewEvent & { id: string })[]): string {
  return events
    .map(({ id, kind, sourceKey, detail, at }) => ({ id, kind, sourceKey, detail, at }))
    .map((event) => `${canonicalJson(JSON.parse(JSON.stringify(event)))}\n`)
    .join('');
}
