/** That the log in a bundle was never rewritten: each of its checkpoints goes on from the one before. */
import { plural } from '../../../base/plural.ts';
import { type BundleFinding, finding } from '../findings.ts';
import { verifyConsistency } from '../formats/merkle.ts';
import {
  type Checkpoint,
  parseCheckpoint,
  parseHashes,
  type VerifierKey,
  verifyNote,
} from '../formats/note.ts';
import type { BundleFiles } from './files.ts';
import { messageOf, type TrustedCheckpoints, textLines } from './log.ts';
import { consistencyName, paths } from './paths.ts';

/**
 * Each checkpoint goes on from the one before, and the last from those that the reader has kept.
 * @returns the paths of the proofs that lead to a checkpoint here
 */
export async function* verifyEarlier(
  files: BundleFiles,
  checkpoints: TrustedCheckpoints,
  earlier: Uint8Array[],
  keys: VerifierKey[],
): AsyncGenerator<BundleFinding, Set<string>> {
  for (const [position, next] of checkpoints.entries()) {
    const before = checkpoints[position - 1];
    if (before !== undefined) yield await goesOnFrom(files, before, next);
  }
  for (const [position, bytes] of earlier.entries()) {
    yield await goesOnFromKept(files, checkpoints, bytes, keys).catch((error: unknown) =>
      finding('consistency', `earlier checkpoint ${position + 1}`, 'invalid', messageOf(error)),
    );
  }
  return yield* verifyOtherProofs(files, checkpoints);
}

/** Proofs may also lead from a checkpoint that only the receiver has. */
async function* verifyOtherProofs(
  files: BundleFiles,
  checkpoints: TrustedCheckpoints,
): AsyncGenerator<BundleFinding, Set<string>> {
  const known = new Set<string>();
  for (const path of files.sizes().keys()) {
    const [from = 0, to = 0] = (consistencyName.exec(path) ?? []).slice(1).map(Number);
    const place = checkpoints.findIndex(({ size }) => size === to);
    const next = checkpoints[place];
    if (next === undefined || from >= to) continue;
    known.add(path);
    const before = checkpoints.find(({ size }) => size === from);
    if (before === undefined) yield await unused(files, path);
    else if (before !== checkpoints[place - 1]) yield await goesOnFrom(files, before, next);
  }
  return known;
}

async function unused(files: BundleFiles, path: string): Promise<BundleFinding> {
  try {
    parseHashes(await textLines(files, path));
    return finding('consistency', path, 'note', 'leads from a checkpoint that is not here');
  } catch (error) {
    return finding('consistency', path, 'invalid', messageOf(error));
  }
}

async function goesOnFrom(
  files: BundleFiles,
  before: Checkpoint,
  next: Checkpoint,
): Promise<BundleFinding> {
  const subject = `${before.size} to ${next.size}`;
  const path = paths.consistency(before.size, next.size);
  if (before.size !== next.size && !files.sizes().has(path))
    return finding('consistency', subject, 'incomplete', 'the bundle holds no proof of it');
  try {
    const proof = before.size === next.size ? [] : parseHashes(await textLines(files, path));
    const claim = { oldSize: before.size, oldRoot: before.root, size: next.size, root: next.root };
    return (await verifyConsistency({ ...claim, proof }))
      ? finding('consistency', subject, 'ok', 'the later log begins with the whole earlier one')
      : finding(
          'consistency',
          subject,
          'invalid',
          'the log was rewritten between these checkpoints',
        );
  } catch (error) {
    return finding('consistency', subject, 'invalid', messageOf(error));
  }
}

/** The smallest checkpoint that a proof leads to from the kept one. */
async function goesOnFromKept(
  files: BundleFiles,
  checkpoints: TrustedCheckpoints,
  bytes: Uint8Array,
  keys: VerifierKey[],
): Promise<BundleFinding> {
  const kept = parseCheckpoint(bytes);
  const subject = `earlier checkpoint over ${plural(kept.size, 'entry', 'entries')}`;
  if ((await verifyNote(kept, keys)).length === 0)
    return finding('consistency', subject, 'invalid', 'not signed by the key of this log');
  const newest = checkpoints.at(-1);
  if (newest === undefined || newest.origin !== kept.origin)
    return finding('consistency', subject, 'invalid', 'of another log');
  if (newest.size < kept.size)
    return finding(
      'consistency',
      subject,
      'incomplete',
      'newer than this bundle, which can say nothing of it',
    );
  const after = checkpoints.find(
    ({ size }) => size === kept.size || files.sizes().has(paths.consistency(kept.size, size)),
  );
  if (after !== undefined) return { ...(await goesOnFrom(files, kept, after)), subject };
  return finding(
    'consistency',
    subject,
    'incomplete',
    `the bundle holds no proof from it: ask for an export with --since ${kept.size}`,
  );
}
