/** The entries in a bundle: each is in the log where it claims to be, and no case has a hole. */
import { plural } from '../../../base/plural.ts';
import { type BundleFinding, finding } from '../findings.ts';
import { sha256Hex, toHex } from '../formats/bytes.ts';
import { leafHash, verifyInclusion } from '../formats/merkle.ts';
import { parseInclusionProof } from '../formats/note.ts';
import { parsed, readSealedEntry, type SealedEntry } from '../sealed-records.ts';
import type { BundleFiles } from './files.ts';
import { readWhole } from './files.ts';
import {
  entriesWithProofs,
  longestRecordBytes,
  messageOf,
  sameCheckpoint,
  type TrustedCheckpoints,
} from './log.ts';
import { paths } from './paths.ts';

export interface PlacedEntry extends SealedEntry {
  index: number;
}

/** What later steps need of the entries: a few facts of each, not the entries. */
/** An entry about what was made of one capture. */
export interface DerivationJob {
  index: number;
  /** Of the capture; `null` where the entry's detail, which names it, is not here. */
  manifestSha256: string | null;
  /** SHA-256 of the records. */
  records: string[];
}

export interface LogFacts {
  /** Entries of captures, by the digest of the manifest. */
  captures: Map<string, { index: number; at: Date; caseId: string | null }>;
  /** Digests that were removed by order, with the newest entry that says so. */
  removed: Map<string, { index: number; at: Date }>;
  /** The newest export of each case, which names what was handed over. */
  exports: Map<string, PlacedEntry>;
  derivations: DerivationJob[];
  /** Entries that record timestamps, with the digests of the tokens. */
  timestamped: PlacedEntry[];
  /** Entries that record OpenTimestamps proofs, with the digests of the proofs. */
  otsProofs: PlacedEntry[];
  /** How far the chain of each case is known. */
  cases: Map<string, { next: number; leaf: string }>;
  entries: number;
}

/** Removals by order; version 0.1.0 called them tombstones. */
const removalTypes = new Set(['removal', 'tombstone']);

const longestProofBytes = 1024 * 1024;

export async function* verifyEntries(
  files: BundleFiles,
  checkpoints: TrustedCheckpoints,
  signal?: AbortSignal,
): AsyncGenerator<BundleFinding, LogFacts> {
  const facts: LogFacts = {
    captures: new Map(),
    removed: new Map(),
    exports: new Map(),
    derivations: [],
    timestamped: [],
    otsProofs: [],
    cases: new Map(),
    entries: 0,
  };
  for await (const { bytes, proofPath } of entriesWithProofs(files)) {
    signal?.throwIfAborted();
    if (proofPath === null || bytes.length === 0) {
      yield finding(
        'entry',
        paths.entries,
        'incomplete',
        'there are not as many proofs as entries',
      );
      break;
    }
    try {
      const leaf = await leafHash(bytes);
      const index = await placeOf(files, checkpoints, leaf, proofPath);
      const entry = { ...readSealedEntry(bytes), index };
      yield finding('entry', `entry ${index}`, 'ok', `${entry.type} at ${entry.at.toISOString()}`);
      yield* follow(facts, entry, toHex(leaf));
      remember(facts, entry);
      if (entry.detailSha256 !== null) yield* verifyDetail(files, facts, entry, entry.detailSha256);
    } catch (error) {
      yield finding('entry', proofPath, 'invalid', messageOf(error));
    }
  }
  return facts;
}

/** Where the entry is. @throws Error when it is not there */
async function placeOf(
  files: BundleFiles,
  checkpoints: TrustedCheckpoints,
  leaf: Uint8Array,
  path: string,
): Promise<number> {
  const { index, proof, checkpointBytes } = parseInclusionProof(
    await readWhole(files, path, longestProofBytes),
  );
  if (paths.proof(index) !== path) throw new Error(`the proof is for entry ${index}`);
  const checkpoint = sameCheckpoint(checkpoints, checkpointBytes);
  if (checkpoint === undefined) throw new Error('the proof leads to no trusted checkpoint');
  const { size, root } = checkpoint;
  if (await verifyInclusion({ index, size, leaf, proof }, root)) return index;
  throw new Error(`the entry is not the one at ${index} of the log: it was altered`);
}

/** Entries of a case come one after the other from its first, each naming the one before. */
function* follow(facts: LogFacts, entry: PlacedEntry, leaf: string): Generator<BundleFinding> {
  // What belongs to no case is the log's own; a bundle holds only some of it.
  if (entry.caseId === null) return;
  const { next, leaf: before } = facts.cases.get(entry.caseId) ?? { next: 0, leaf: null };
  const subject = `entry ${entry.index}`;
  if (entry.caseSeq !== next) {
    yield finding(
      'chain',
      subject,
      'invalid',
      `is number ${entry.caseSeq} of its case where ${next} should follow: entries were left out`,
    );
  } else if (entry.casePrev !== before) {
    yield finding('chain', subject, 'invalid', 'names another entry as the one before it');
  }
  facts.cases.set(entry.caseId, { next: entry.caseSeq + 1, leaf });
}

function remember(facts: LogFacts, entry: PlacedEntry): void {
  facts.entries += 1;
  const { index, at, caseId, manifestSha256, targets } = entry;
  if (entry.type === 'capture' && manifestSha256 !== null && !facts.captures.has(manifestSha256))
    facts.captures.set(manifestSha256, { index, at, caseId });
  if (removalTypes.has(entry.type)) for (const target of targets) facts.removed.set(target, entry);
  if (entry.type === 'exported') facts.exports.set(caseId ?? '', entry);
  if (entry.type === 'timestamped') facts.timestamped.push(entry);
  if (entry.type === 'ots-proof') facts.otsProofs.push(entry);
}

/** An entry is small: long lists of what was removed or handed over are in its detail. */
async function* verifyDetail(
  files: BundleFiles,
  facts: LogFacts,
  entry: PlacedEntry,
  sha256: string,
): AsyncGenerator<BundleFinding> {
  const { index } = entry;
  const path = paths.detail(sha256);
  if (!files.sizes().has(path)) {
    if (entry.type === 'derivation')
      facts.derivations.push({ index, manifestSha256: null, records: entry.targets });
    return;
  }
  const detail = await readWhole(files, path, longestRecordBytes);
  if ((await sha256Hex(detail)) !== sha256) {
    yield finding(
      'entry',
      `detail of entry ${index}`,
      'invalid',
      'is not what the entry speaks of',
    );
    return;
  }
  const { targets, manifests, manifestSha256, records } = parsed(detail, 'detail');
  if (entry.type === 'derivation' && Array.isArray(records))
    facts.derivations.push({
      index,
      manifestSha256: String(manifestSha256),
      records: records.map(String),
    });
  if (removalTypes.has(entry.type))
    for (const target of Array.isArray(targets) ? targets : [])
      facts.removed.set(String(target), entry);
  if (entry.type === 'exported' && Array.isArray(manifests))
    facts.exports.set(entry.caseId ?? '', { ...entry, targets: manifests.map(String) });
}

/** One line a case; and that the export which made the bundle is among the entries. */
export function* describeChains(facts: LogFacts): Generator<BundleFinding> {
  for (const [caseId, { next }] of facts.cases)
    yield finding(
      'chain',
      `case ${caseId}`,
      'ok',
      `${plural(next, 'entry', 'entries')} from its first, none left out`,
    );
  if (facts.exports.size === 0)
    yield finding('chain', 'export', 'incomplete', 'no entry says that this was handed over');
}
