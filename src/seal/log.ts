/**
 * Adding to the log. The entry lies in the vault before its rows, under its index: what a
 * killed process left there is the next entry, and whoever comes next adds its rows first.
 */
import { createHash } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import { IntegrityError } from '../base/errors.ts';
import type { Queryable } from '../catalog/database.ts';
import {
  headOfCase,
  insertLogEntries,
  insertLogNodes,
  lockLog,
  logNodes,
  logSize,
  type NewLogEntry,
} from '../catalog/log-entries.ts';
import type { Vault } from '../vault/vault.ts';
import { canonicalJson } from './canonical-json.ts';
import { rememberedSize } from './last-checkpoint.ts';
import { type EntryType, type LogEntry, readEntry, writeEntry } from './log-entry.ts';
import { grow, joinedBy, type ReadNodes, rootOf, type TreeNodeHash } from './merkle-tree.ts';

/** Where the log lives beside its rows. */
export interface LogStore {
  vault: Vault;
  /** Absolute path of the folder with the keys. */
  keysFolder: string;
  /** Writes the rows that hang on an entry which a killed process left in the vault. */
  adopt(tx: Queryable, entry: NewLogEntry): Promise<void>;
}

export interface NewEntry {
  type: EntryType;
  /** Pseudonyms. */
  actor: string;
  case: string | null;
  at?: Date;
  manifestSha256?: string;
  targets?: string[];
  /** Kept as a record of its own; the entry holds its digest. */
  detail?: Record<string, unknown>;
}

export interface Appended {
  idx: number;
  entry: LogEntry;
  leafHash: Buffer;
}

/** Names of records in the order of the numbers that they stand for. */
export function recordName(number: number): string {
  return String(number).padStart(12, '0');
}

/**
 * Appends one entry, inside the caller's transaction; every other writer waits until it ends.
 * @throws IntegrityError `log-behind`, `record-differs`
 */
export async function appendEntry(
  tx: Queryable,
  store: LogStore,
  draft: NewEntry,
): Promise<Appended> {
  const idx = await takeLog(tx, store);
  const head = await headOfCase(tx, draft.case);
  const entry: LogEntry = {
    v: 1,
    type: draft.type,
    id: uuidv7(),
    at: (draft.at ?? new Date()).toISOString(),
    actor: draft.actor,
    case: draft.case,
    case_seq: (head?.caseSeq ?? -1) + 1,
    case_prev: head?.leafHash.toString('hex') ?? null,
    ...(draft.manifestSha256 === undefined ? {} : { manifest_sha256: draft.manifestSha256 }),
    ...(draft.targets === undefined ? {} : { targets: draft.targets }),
    ...(draft.detail === undefined
      ? {}
      : { detail_sha256: await storeDetail(store.vault, draft.detail) }),
  };
  const bytes = writeEntry(entry);
  // They come while the disk writes. Nobody else may write before it has, so it is awaited first.
  const joined = joinedHashes(tx, idx);
  joined.catch(() => {});
  await store.vault.keepRecord('log-entries', recordName(idx), bytes);
  return { idx, entry, leafHash: await addRows(tx, rowOf(idx, bytes, entry), await joined) };
}

/**
 * Takes the log for this transaction: sees that the database is not behind what is kept
 * outside it, and adds the rows of entries that are in the vault only.
 * @returns how many entries there are
 */
export async function takeLog(tx: Queryable, store: LogStore): Promise<number> {
  await lockLog(tx);
  let size = await logSize(tx);
  const [next, remembered] = await Promise.all([
    store.vault.readRecord('log-entries', recordName(size)),
    rememberedSize(store.keysFolder),
  ]);
  let left = next;
  await refuseWhereBehind(store, { size, remembered, more: left !== null });
  for (; left !== null; left = await store.vault.readRecord('log-entries', recordName(size))) {
    const row = rowOf(size, left, entryIn(size, left));
    await addRows(tx, row, await joinedHashes(tx, size));
    await store.adopt(tx, row);
    size += 1;
  }
  return size;
}

async function joinedHashes(tx: Queryable, size: number): Promise<Buffer[]> {
  const joined = joinedBy(size);
  return joined.length === 0 ? [] : await readNodes(tx)(joined);
}

/** Rows of one entry. @returns the leaf hash */
async function addRows(tx: Queryable, row: NewLogEntry, joined: Buffer[]): Promise<Buffer> {
  const [leaf] = await insertLogEntries(tx, [row]);
  if (leaf === undefined) throw new TypeError('an insert returns its row');
  await insertLogNodes(tx, grow(row.idx, leaf, joined));
  return leaf;
}

/**
 * Rows of a run of entries that begins at `from`, for `rebuild`. `latest` holds the newest
 * subtree of each level between calls, beginning empty with entry 0.
 */
export async function restoreEntries(
  tx: Queryable,
  from: number,
  records: Buffer[],
  latest: Map<number, Buffer>,
): Promise<void> {
  const rows = records.map((bytes, position) => {
    const idx = from + position;
    return rowOf(idx, bytes, entryIn(idx, bytes));
  });
  const nodes: TreeNodeHash[] = [];
  const joined = (size: number) =>
    joinedBy(size).map(({ level }) => latest.get(level) ?? Buffer.alloc(0));
  for (const [position, leaf] of (await insertLogEntries(tx, rows)).entries()) {
    for (const node of grow(from + position, leaf, joined(from + position))) {
      latest.set(node.level, node.hash);
      nodes.push(node);
    }
  }
  await insertLogNodes(tx, nodes);
}

function rowOf(idx: number, body: Buffer, entry: LogEntry): NewLogEntry {
  return {
    idx,
    body,
    id: entry.id,
    type: entry.type,
    at: new Date(entry.at),
    caseId: entry.case,
    caseSeq: entry.case_seq,
    manifestSha256: entry.manifest_sha256 ?? null,
    targets: entry.targets ?? [],
    detailSha256: entry.detail_sha256 ?? null,
  };
}

/** @throws IntegrityError `entry-unreadable` */
function entryIn(idx: number, bytes: Buffer): LogEntry {
  try {
    return readEntry(bytes);
  } catch (error) {
    throw new IntegrityError(
      'entry-unreadable',
      `entry ${idx} of the log can't be read: ${String(error).slice(0, 300)}`,
    );
  }
}

/** @throws IntegrityError `log-incomplete` when the database lacks a hash that the tree has */
export function readNodes(db: Queryable): ReadNodes {
  return async (wanted) => {
    const found = await logNodes(db, wanted);
    if (found.length === wanted.length) return found;
    throw new IntegrityError(
      'log-incomplete',
      'the database lacks hashes of the log: run "holdfast rebuild --drop" to make it anew from the vault',
    );
  };
}

export function logRoot(db: Queryable, size: number): Promise<Buffer> {
  return rootOf(size, readNodes(db));
}

async function storeDetail(vault: Vault, detail: Record<string, unknown>): Promise<string> {
  const bytes = canonicalJson(detail);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await vault.keepRecord('log-details', sha256, bytes);
  return sha256;
}

/** Vaults whose checkpoints this process has looked through once. */
const lookedThrough = new WeakSet<Vault>();

/**
 * A database that was put back from a backup must not go on from there: it would sign a
 * second history. Entries in the vault beyond it are either what a killed process left or
 * a sign of that, so only then, and once a process, all kept checkpoints are listed.
 */
async function refuseWhereBehind(
  store: LogStore,
  { size, remembered, more }: { size: number; remembered: number; more: boolean },
): Promise<void> {
  if (remembered > size) throw behind(size, remembered, 'the data folder');
  if (lookedThrough.has(store.vault) && !more) return;
  let newest = 0;
  for await (const name of store.vault.recordNames('checkpoints')) {
    newest = Math.max(newest, Number(name) || 0);
  }
  if (newest > size) throw behind(size, newest, 'the vault');
  lookedThrough.add(store.vault);
}

function behind(size: number, kept: number, where: string): IntegrityError {
  return new IntegrityError(
    'log-behind',
    `the log in the database has ${size} entries, but a checkpoint over ${kept} is kept in ${where}: ` +
      'the database was put back to an earlier state, and nothing is added to it. ' +
      'Run "holdfast rebuild --drop" to make it anew from the vault; if the vault lacks entries too, restore it first',
  );
}
