/**
 * Checks the log as a whole: entries, tree, chains, checkpoints, tokens and cosignatures in
 * the vault, and whether the database still says the same. It trusts the public keys in the
 * vault, so it finds what was changed in one place, not who changed everything: for that a
 * checkpoint, a token or a witness from outside is needed.
 */
import { createHash } from 'node:crypto';
import { plural } from '../../base/plural.ts';
import {
  allTimestamps,
  checkpointOf,
  checkpointsFrom,
  newestCheckpoint,
} from '../../catalog/checkpoints.ts';
import {
  entriesOfType,
  type LogEntryRow,
  logEntriesFrom,
  logNodes,
  logSize,
} from '../../catalog/log-entries.ts';
import { publicKeys } from '../../seal/keys.ts';
import { rememberedSize } from '../../seal/last-checkpoint.ts';
import { logRoot, recordName } from '../../seal/log.ts';
import { type LogEntry, readEntry } from '../../seal/log-entry.ts';
import { grow, joinedBy, leafHash, type TreeNodeHash } from '../../seal/merkle-tree.ts';
import {
  type Checkpoint,
  parseCheckpoint,
  parseNote,
  parseVkey,
  verifyNote,
} from '../../seal/verify/formats/note.ts';
import { verifyToken } from '../../seal/verify/formats/timestamp-token.ts';
import { logStore } from '../custody/checkpoint.ts';
import { timestampRoots } from '../custody/timestamp-roots.ts';
import { witnessKeys } from '../custody/witness.ts';
import type { Parts } from '../parts.ts';
import { messageOf } from '../run-step.ts';
import { timesOfLog } from './log-times.ts';

export interface LogFinding {
  /** `log`, `log entry 12`, `checkpoint 40` … */
  subject: string;
  ok: boolean;
  message: string;
}

const pageSize = 1_000;

/** Yields every fault, then one line that says what was looked at. */
export async function* verifyLog(parts: Parts, signal?: AbortSignal): AsyncGenerator<LogFinding> {
  const size = await logSize(parts.database);
  let faults = 0;
  for await (const fault of faultsOf(parts, size, signal)) {
    faults += 1;
    yield { ...fault, ok: false };
  }
  const newest = (await newestCheckpoint(parts.database))?.size ?? 0;
  const message = `${plural(size, 'entry', 'entries')}, signed up to ${newest}`;
  yield {
    subject: 'log',
    ok: faults === 0,
    message: faults === 0 ? message : `${plural(faults, 'fault')}; ${message}`,
  };
}

type Fault = Omit<LogFinding, 'ok'>;

async function* faultsOf(parts: Parts, size: number, signal?: AbortSignal): AsyncGenerator<Fault> {
  const remembered = await rememberedSize(logStore(parts).keysFolder);
  if (remembered > size) {
    yield {
      subject: 'log',
      message: `the database has ${plural(size, 'entry', 'entries')}, but a checkpoint over ${remembered} was kept in the data folder`,
    };
  }
  const heads = new Map<string, { seq: number; leaf: string }>();
  const timeFault = await timesOfLog(parts);
  const tree = new GrowingTree();
  for (let from = 0; from < size; from += pageSize) {
    signal?.throwIfAborted();
    const nodes: TreeNodeHash[] = [];
    for (const row of await logEntriesFrom(parts.database, from, pageSize)) {
      if (row.idx !== tree.size) {
        yield { subject: `log entry ${tree.size}`, message: 'missing from the database' };
        return;
      }
      const wrongTime = timeFault(row);
      const message = (await entryFault(parts, row, heads)) ?? wrongTime;
      if (message !== null) yield { subject: `log entry ${row.idx}`, message };
      nodes.push(...tree.append(row.body));
    }
    const kept = await logNodes(parts.database, nodes);
    if (kept.length !== nodes.length || !nodes.every(({ hash }, at) => kept[at]?.equals(hash))) {
      yield {
        subject: `log entries from ${from}`,
        message: 'the database holds other hashes over them, or not all',
      };
    }
  }
  for await (const name of parts.vault.recordNames('log-entries')) {
    if (name >= recordName(size)) {
      yield { subject: `log entry ${name}`, message: 'in the vault, but not in the database' };
    }
  }
  yield* manifestFaults(parts);
  yield* checkpointFaults(parts, size, signal);
  yield* tokenFaults(parts, signal);
  yield* cosignatureFaults(parts, signal);
}

/**
 * A capture that the log knows and nobody has any more: its manifest and its rows were taken
 * away together, or its manifest was, before a rebuild.
 */
async function* manifestFaults(parts: Pick<Parts, 'database'>): AsyncGenerator<Fault> {
  const { rows } = await parts.database.query<{ idx: number; sha256: string }>(
    `select idx, manifest_sha256 as sha256 from log_entries
     where type = 'capture' and not exists (
       select from capture_outcomes
       where capture_outcomes.manifest_sha256 = log_entries.manifest_sha256)
     order by idx limit ${pageSize}`,
  );
  for (const { idx, sha256 } of rows) {
    yield {
      subject: `log entry ${idx}`,
      message: `no closed capture has the manifest that it records (SHA-256 ${sha256})`,
    };
  }
}

/** What is wrong with one entry, or `null`. */
async function entryFault(
  parts: Parts,
  row: LogEntryRow,
  heads: Map<string, { seq: number; leaf: string }>,
): Promise<string | null> {
  const kept = await parts.vault.readRecord('log-entries', recordName(row.idx));
  if (kept === null) return 'missing from the vault';
  if (!kept.equals(row.body)) return 'the database and the vault hold different bytes';
  let entry: LogEntry;
  try {
    entry = readEntry(row.body);
  } catch (error) {
    return `can't be read: ${messageOf(error)}`;
  }
  const leaf = leafHash(row.body);
  const head = heads.get(entry.case ?? '');
  heads.set(entry.case ?? '', { seq: entry.case_seq, leaf: leaf.toString('hex') });
  if (!row.leafHash.equals(leaf)) return 'the leaf hash in the database differs';
  if (entry.case_seq !== (head?.seq ?? -1) + 1 || entry.case_prev !== (head?.leaf ?? null))
    return 'does not follow the entry before it in the chain of its case';
  return (await detailFault(parts, entry)) ?? columnFault(row, entry);
}

async function detailFault(parts: Pick<Parts, 'vault'>, entry: LogEntry): Promise<string | null> {
  if (entry.detail_sha256 === undefined) return null;
  const bytes = await parts.vault.readRecord('log-details', entry.detail_sha256);
  if (bytes === null) return 'its details are missing from the vault';
  const found = createHash('sha256').update(bytes).digest('hex');
  return found === entry.detail_sha256 ? null : 'its details are not what they were';
}

/** The columns are for questions only, but whoever asks relies on them. */
function columnFault(row: LogEntryRow, entry: LogEntry): string | null {
  const differing = [
    row.id === entry.id || 'id',
    row.type === entry.type || 'type',
    row.at.toISOString() === new Date(entry.at).toISOString() || 'at',
    row.caseId === entry.case || 'case_id',
    row.caseSeq === entry.case_seq || 'case_seq',
    row.manifestSha256 === (entry.manifest_sha256 ?? null) || 'manifest_sha256',
    row.targets.join() === (entry.targets ?? []).join() || 'targets',
    row.detailSha256 === (entry.detail_sha256 ?? null) || 'detail_sha256',
  ].filter((name) => name !== true);
  return differing.length === 0
    ? null
    : `its columns differ from its bytes: ${differing.join(', ')}`;
}

/** Every checkpoint in the vault is signed, has the root of the entries before it, and is in the database. */
async function* checkpointFaults(
  parts: Pick<Parts, 'database' | 'vault'>,
  size: number,
  signal?: AbortSignal,
): AsyncGenerator<Fault> {
  const known = await publicKeys(parts.vault);
  const keys = await Promise.all(known.map(({ vkey }) => parseVkey(vkey)));
  const seen = new Set<number>();
  for await (const { name, bytes } of parts.vault.records('checkpoints')) {
    signal?.throwIfAborted();
    const subject = `checkpoint ${Number(name)}`;
    seen.add(Number(name));
    let checkpoint: Checkpoint;
    try {
      checkpoint = parseCheckpoint(bytes);
      if ((await verifyNote(checkpoint, keys)).length === 0) {
        yield { subject, message: 'is signed by no key of this log' };
        continue;
      }
    } catch (error) {
      yield { subject, message: messageOf(error) };
      continue;
    }
    if (recordName(checkpoint.size) !== name || checkpoint.size > size) {
      yield { subject, message: 'is over another number of entries than there are' };
      continue;
    }
    const root = await logRoot(parts.database, checkpoint.size).catch(() => null);
    if (root?.equals(checkpoint.root) !== true) {
      yield { subject, message: 'the entries no longer have the root that was signed' };
    }
    const row = await checkpointOf(parts.database, checkpoint.size);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (
      row === null ||
      !row.note.equals(bytes) ||
      row.sha256 !== sha256 ||
      !row.root.equals(checkpoint.root)
    ) {
      yield { subject, message: 'the database holds another checkpoint than the vault, or none' };
    }
  }
  for (const { size: only } of await checkpointsFrom(parts.database, 0, 1_000_000)) {
    if (!seen.has(only)) {
      yield { subject: `checkpoint ${only}`, message: 'is in the database, but not in the vault' };
    }
  }
}

/** Every token that the log records is there, is that one, and still verifies as of its time. */
async function* tokenFaults(parts: Parts, signal?: AbortSignal): AsyncGenerator<Fault> {
  const records = new Map<string, string>();
  for await (const { name, bytes } of parts.vault.records('timestamps')) {
    records.set(createHash('sha256').update(bytes).digest('hex'), name);
  }
  const rows = await allTimestamps(parts.database);
  const roots = rows.length === 0 ? [] : await timestampRoots(parts);
  for (const row of rows) {
    signal?.throwIfAborted();
    const subject = `timestamp of checkpoint ${row.size} by ${row.authority}`;
    const name = records.get(row.tokenSha256);
    const token = name === undefined ? null : await parts.vault.readRecord('timestamps', name);
    const checkpoint = await checkpointOf(parts.database, row.size);
    if (token === null || checkpoint === null) {
      yield { subject, message: 'the token is not the one that the log records, or is missing' };
      continue;
    }
    try {
      const { genTime } = await verifyToken({ token, data: checkpoint.note, roots });
      if (genTime.getTime() !== row.genTime.getTime())
        yield { subject, message: 'the database has another time than the token' };
    } catch (error) {
      yield { subject, message: messageOf(error) };
    }
  }
  for (const { targets, idx } of await entriesOfType(parts.database, 'timestamped')) {
    if (!targets.every((sha256) => records.has(sha256)))
      yield {
        subject: `log entry ${idx}`,
        message: 'the token that it records is missing or was exchanged',
      };
  }
}

/** Lines of witnesses that the settings name verify under their keys. */
async function* cosignatureFaults(parts: Parts, signal?: AbortSignal): AsyncGenerator<Fault> {
  const keys = await witnessKeys(parts);
  for await (const { name, bytes } of parts.vault.records('cosignatures')) {
    signal?.throwIfAborted();
    const subject = `cosignature ${name}`;
    const checkpoint = await checkpointOf(parts.database, Number(name.split('.')[0]));
    if (checkpoint === null) {
      yield { subject, message: 'is over a checkpoint that is not there' };
      continue;
    }
    try {
      await verifyNote(parseNote(Buffer.concat([checkpoint.note, bytes])), keys);
    } catch (error) {
      yield { subject, message: messageOf(error) };
    }
  }
}

/** The tree of the entries as they are now, made anew. Only its right edge is kept. */
class GrowingTree {
  size = 0;
  readonly #latest = new Map<number, Buffer>();

  append(entry: Buffer): TreeNodeHash[] {
    const joined = joinedBy(this.size).map(({ level }) => this.#latest.get(level) as Buffer);
    const grown = grow(this.size, leafHash(entry), joined);
    for (const { level, hash } of grown) this.#latest.set(level, hash);
    this.size += 1;
    return grown;
  }
}
