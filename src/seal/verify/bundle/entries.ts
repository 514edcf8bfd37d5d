/** The entries in a bundle: each is in the log where it claims to be. */
import { type BundleFinding, finding } from '../findings.ts';
import { sha256Hex, toHex } from '../formats/bytes.ts';
import { leafHash, verifyInclusion } from '../formats/merkle.ts';
import { parseInclusionProof } from '../formats/note.ts';
import { parsed, readSealedEntry } from '../sealed-records.ts';
import { follow } from './chains.ts';
import type { BundleFiles } from './files.ts';
import { readWhole } from './files.ts';
import {
  entriesWithProofs,
  longestRecordBytes,
  messageOf,
  sameCheckpoint,
  type TrustedCheckpoints,
} from './log.ts';
import { type LogFacts, noFacts, type PlacedEntry, remember, settle } from './log-facts.ts';
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
      follow(facts, entry, toHex(leaf));
      remember(facts, entry, yield* detailOf(files, facts, entry));
    } catch (error) {
      yield finding('entry', proofPath, 'invalid', messageOf(error));
    }
  }
  settle(facts);
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

/** What the entry names by its digest; `null` where it names nothing, or that is not here. */
async function* detailOf(
  files: BundleFiles,
  facts: LogFacts,
  entry: PlacedEntry,
): AsyncGenerator<BundleFinding, Record<string, unknown> | null> {
  const { index, detailSha256 } = entry;
  if (detailSha256 === null) return null;
  const subject = `detail of entry ${index}`;
  const path = paths.detail(detailSha256);
  if (!files.sizes().has(path)) {
    // Whether it may be missing depends on the export, which comes last.
    facts.undetailed.push(entry);
    return null;
  }
  const bytes = await readWhole(files, path, longestRecordBytes);
  if ((await sha256Hex(bytes)) === detailSha256) return parsed(bytes, 'detail');
  yield finding('entry', subject, 'invalid', 'is not what the entry speaks of');
  return null;
}
