/** The log in a bundle: keys, checkpoints, and its entries as they lie there. */
import { plural } from '../../../base/plural.ts';
import { type BundleFinding, finding } from '../findings.ts';
import { type Bytes, sameBytes, sha256Hex, textOf, utf8 } from '../formats/bytes.ts';
import {
  type Checkpoint,
  parseCheckpoint,
  parseNote,
  parseVkey,
  type VerifierKey,
  verifyNote,
} from '../formats/note.ts';
import { parsed, readSealedEntry } from '../sealed-records.ts';
import type { BundleFiles } from './files.ts';
import { linesOf, readWhole } from './files.ts';
import { checkpointName, paths, proofName } from './paths.ts';

/** A checkpoint that is signed by a trusted key. */
export interface TrustedCheckpoint extends Checkpoint {
  bytes: Bytes;
  sha256: string;
}

/** Ascending by size. */
export type TrustedCheckpoints = TrustedCheckpoint[];

export const longestRecordBytes = 16 * 1024 * 1024;
const longestNoteBytes = 1024 * 1024;
/** Of logs and of witnesses, each: every note is checked with every key. */
export const mostOwnKeys = 100;

/**
 * The keys to check with: those that were given, else those in the bundle, which show no
 * more than that the bundle agrees with itself; and their successors.
 */
export async function* verifyKeys(
  files: BundleFiles,
  given: string[],
): AsyncGenerator<BundleFinding, VerifierKey[]> {
  const own = given.length > 0 ? [] : await textLines(files, paths.vkeys);
  if (own.length > mostOwnKeys)
    yield finding('checkpoint', 'key', 'invalid', `the bundle names more than ${mostOwnKeys} keys`);
  const keys: VerifierKey[] = [];
  for (const text of [...given, ...own.slice(0, mostOwnKeys)]) {
    const key = await parseVkey(text).catch((error: Error) => error);
    if (key instanceof Error) yield finding('checkpoint', 'key', 'invalid', key.message);
    else if (!isKnown(keys, key)) keys.push(key);
  }
  if (given.length === 0) {
    yield finding(
      'warning',
      'key',
      'note',
      'no key was given, so the one inside the bundle was used: whoever made up a bundle would have put one there. ' +
        'Get the key from its owner by another way, and give it with --vkey',
    );
  }
  yield* addSuccessors(files, keys);
  return keys;
}

/** A key vouches for its successor by a statement that it signs, in the detail of an entry. */
async function* addSuccessors(
  files: BundleFiles,
  keys: VerifierKey[],
): AsyncGenerator<BundleFinding> {
  for await (const { bytes } of entriesWithProofs(files)) {
    if (!textOf(bytes).includes('"key-rotated"')) continue;
    try {
      const { detailSha256 } = readSealedEntry(bytes);
      const path = paths.detail(detailSha256 ?? '');
      const detail = parsed(await readWhole(files, path, longestRecordBytes), 'detail');
      const statement = parseNote(utf8(String(detail.statement)));
      const signers = await verifyNote(statement, keys);
      const [title, origin, , named = ''] = statement.text.split('\n');
      if (signers.length === 0 || title !== 'holdfast key rotation') continue;
      const successor = await parseVkey(named.replace(/^new /, ''));
      if (successor.name !== origin || isKnown(keys, successor)) continue;
      keys.push(successor);
      const signer = signers[0]?.key.vkey ?? '';
      yield finding('checkpoint', 'key', 'ok', `${signer} names its successor ${successor.vkey}`);
    } catch (error) {
      yield finding(
        'checkpoint',
        'key',
        'invalid',
        `a successor is named wrongly: ${messageOf(error)}`,
      );
    }
  }
}

function isKnown(keys: VerifierKey[], { vkey }: VerifierKey): boolean {
  return keys.some((key) => key.vkey === vkey);
}

/** Every checkpoint is signed by a trusted key, of one log, and where its name says. */
export async function* verifyCheckpoints(
  files: BundleFiles,
  keys: VerifierKey[],
): AsyncGenerator<BundleFinding, TrustedCheckpoints> {
  const trusted: TrustedCheckpoints = [];
  const names = [...files.sizes().keys()].filter((path) => checkpointName.test(path)).sort();
  if (names.length === 0)
    yield finding('checkpoint', paths.entries, 'incomplete', 'the bundle holds no checkpoint');
  for (const path of names) {
    try {
      const bytes = await readWhole(files, path, longestNoteBytes);
      const checkpoint = parseCheckpoint(bytes);
      const signers = await verifyNote(checkpoint, keys);
      const fault = checkpointFault(checkpoint, path, signers.length, trusted[0]);
      if (fault === null) trusted.push({ ...checkpoint, bytes, sha256: await sha256Hex(bytes) });
      const signer = signers[0]?.key.vkey ?? '';
      yield fault === null
        ? finding(
            'checkpoint',
            path,
            'ok',
            `${plural(checkpoint.size, 'entry', 'entries')}, signed by ${signer}`,
          )
        : finding('checkpoint', path, 'invalid', fault);
    } catch (error) {
      yield finding('checkpoint', path, 'invalid', messageOf(error));
    }
  }
  return trusted;
}

function checkpointFault(
  { origin, size }: Checkpoint,
  path: string,
  signers: number,
  first: TrustedCheckpoint | undefined,
): string | null {
  if (signers === 0) return `not signed by a trusted key (it claims to be of ${origin})`;
  if (path !== paths.checkpoint(size))
    return `is over ${plural(size, 'entry', 'entries')}, its name says otherwise`;
  if (first !== undefined && first.origin !== origin)
    return `of the log ${origin}, the others are of ${first.origin}`;
  return null;
}

export interface EntryWithProof {
  bytes: Bytes;
  /** Path of its proof; `null` when there are more entries than proofs. */
  proofPath: string | null;
}

/** Entries in the order of the log, each with the proof in the same place. */
export async function* entriesWithProofs(files: BundleFiles): AsyncGenerator<EntryWithProof> {
  if (!files.sizes().has(paths.entries)) return;
  const proofs = [...files.sizes().keys()]
    .filter((path) => proofName.test(path))
    .sort()
    .values();
  for await (const bytes of linesOf(files.open(paths.entries)))
    yield { bytes, proofPath: proofs.next().value ?? null };
  for (const proofPath of proofs) yield { bytes: new Uint8Array(), proofPath };
}

/** Lines of a small text; none when it is missing. */
export async function textLines(files: BundleFiles, path: string): Promise<string[]> {
  if (!files.sizes().has(path)) return [];
  const text = textOf(await readWhole(files, path, longestRecordBytes));
  return text.split('\n').filter((line) => line !== '');
}

/** The trusted checkpoint with exactly these bytes. */
export function sameCheckpoint(
  checkpoints: TrustedCheckpoints,
  bytes: Uint8Array,
): TrustedCheckpoint | undefined {
  return checkpoints.find((one) => sameBytes(one.bytes, bytes));
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
