/** The entries in a bundle: each is in the log where it claims to be, and no case has a hole. */
import { plural } from '../../../base/plural.ts';
import { type BundleFinding, finding } from '../findings.ts';
import { sha256Hex, toHex } from '../formats/bytes.ts';
import { leafHash, verifyInclusion } from '../formats/merkle.ts';
import { parseInclusionProof } from '../formats/note.ts';
import { parsed, readSealedEntry } from '../sealed-records.ts';
import type { BundleFiles } from './files.ts';
import { readWhole } from './files.ts';
import {
  entriesWithProofs,
  longestRecordBytes,
  messageOf,
  sameCheckpoint,
  type TrustedCheckpoints,
} from './log.ts';
import { isRemoval, type LogFacts, noFacts, type PlacedEntry, remember } from './log-facts.ts';
import { paths } from './paths.ts';

const longestProofBytes = 1024 * 1024;

export async function* verifyEntries(
  files: BundleFiles,
  checkpoints: TrustedCheckpoints,
  signal?: AbortSignal,
): AsyncGenerator<BundleFinding, LogFacts> {
  const facts = noFacts();
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
      remember(facts, entry, yield* detailOf(files, entry));
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

/** What the entry names by its digest; `null` where it names nothing, or that is not here. */
async function* detailOf(
  files: BundleFiles,
  entry: PlacedEntry,
): AsyncGenerator<BundleFinding, Record<string, unknown> | null> {
  const { index, detailSha256 } = entry;
  if (detailSha256 === null) return null;
  const subject = `detail of entry ${index}`;
  const path = paths.detail(detailSha256);
  if (!files.sizes().has(path)) {
    yield missingDetail(subject, entry);
    return null;
  }
  const bytes = await readWhole(files, path, longestRecordBytes);
  if ((await sha256Hex(bytes)) === detailSha256) return parsed(bytes, 'detail');
  yield finding('entry', subject, 'invalid', 'is not what the entry speaks of');
  return null;
}

/** Of a removal that belongs to no case every target stands in the entry, and its detail is never handed over. */
function missingDetail(subject: string, entry: PlacedEntry): BundleFinding {
  return isRemoval(entry) && entry.caseId === null
    ? finding('entry', subject, 'note', 'not handed over: it may name captures of other cases')
    : finding(
        'entry',
        subject,
        'incomplete',
        `not supplied: the entry (${entry.type}) rests on it`,
      );
}

/** One line a case; and that nothing of it can have been left out behind the last entry here. */
export function* describeChains(
  facts: LogFacts,
  checkpoints: TrustedCheckpoints,
): Generator<BundleFinding> {
  for (const [caseId, { next }] of facts.cases)
    yield finding(
      'chain',
      `case ${caseId}`,
      'ok',
      `${plural(next, 'entry', 'entries')} from its first, none left out between them`,
    );
  if (facts.exports.size === 0)
    yield finding('chain', 'export', 'incomplete', 'no entry says that this was handed over');
  else if (checkpoints.length > 0) yield upToTheEnd(facts, checkpoints.at(-1)?.size ?? 0);
}

/**
 * An export is followed by nothing up to the checkpoint that is made over it. Where entries lack
 * there, the case may have gone on, and a later export of more captures been left out.
 */
function upToTheEnd({ places, exports }: LogFacts, size: number): BundleFinding {
  const first = Math.min(...[...exports.values()].map(({ index }) => index));
  const here = new Set(places.map(({ index }) => index).filter((index) => index >= first));
  const lacking = size - first - here.size;
  const subject = 'newest export';
  return lacking <= 0
    ? finding('chain', subject, 'ok', 'every entry from it to the newest checkpoint is here')
    : finding(
        'chain',
        subject,
        'incomplete',
        `${plural(lacking, 'entry', 'entries')} between it (entry ${first}) and the newest checkpoint (over ${size}) not here: later entries of the case, a later export among them, may have been left out`,
      );
}
