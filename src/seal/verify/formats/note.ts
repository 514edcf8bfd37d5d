/**
 * C2SP signed notes (signed-note v1.0.0), checkpoints (tlog-checkpoint v1.0.0) and the
 * lines of witnesses (tlog-cosignature v1): parsing and checking. Signing is not done here.
 */
import { type Bytes, fromBase64, sameBytes, sha256, textOf, utf8 } from './bytes.ts';
import { hashBytes } from './merkle.ts';

export interface NoteSignature {
  name: string;
  /** 4 bytes that say which key of that name it claims to be. */
  keyId: Bytes;
  signature: Bytes;
  /** The whole line, without its newline. */
  line: string;
}

export interface Note {
  /** What is signed, up to and including the newline before the blank line. */
  text: string;
  signatures: NoteSignature[];
}

/** A public key in the form `name+id+key`. */
export interface VerifierKey {
  name: string;
  keyId: Bytes;
  /** Ed25519 over the text, or an Ed25519 cosignature with a time of its own. */
  kind: 'note' | 'witness';
  publicKey: Bytes;
  vkey: string;
}

export interface Checkpoint extends Note {
  origin: string;
  size: number;
  root: Bytes;
}

export interface VerifiedSignature {
  key: VerifierKey;
  /** When a witness says that it signed, by its own clock; `null` for a plain signature. */
  at: Date | null;
}

export class NoteError extends Error {
  override name = 'NoteError';
}

const longestNoteBytes = 1024 * 1024;
const mostSignatures = 100;
const algorithms: Record<number, VerifierKey['kind']> = { 1: 'note', 4: 'witness' };
/** A name holds neither spaces nor plus signs. */
const namePattern = /^[^\p{White_Space}+]+$/u;

/** @throws NoteError */
export function parseNote(bytes: Uint8Array): Note {
  const whole = noteText(bytes);
  const middle = whole.lastIndexOf('\n\n');
  if (middle < 0) throw new NoteError('no blank line before the signatures');
  const text = whole.slice(0, middle + 1);
  const block = whole.slice(middle + 2);
  if (!block.endsWith('\n')) throw new NoteError('the last line is cut off');
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > mostSignatures) throw new NoteError('too many signatures');
  return { text, signatures: lines.map(parseSignature) };
}

function noteText(bytes: Uint8Array): string {
  if (bytes.length > longestNoteBytes) throw new NoteError('too long for a note');
  let text: string;
  try {
    text = textOf(bytes);
  } catch {
    throw new NoteError('not UTF-8');
  }
  if (/[\x00-\x09\x0b-\x1f]/.test(text)) throw new NoteError('holds control characters');
  return text;
}

function parseSignature(line: string): NoteSignature {
  const [dash, name, encoded, ...more] = line.split(' ');
  const bytes = fromBase64(encoded ?? '');
  if (dash !== '\u2014' || !namePattern.test(name ?? '') || more.length > 0)
    throw new NoteError('a signature line has the wrong form');
  if (bytes === null || bytes.length < 5) throw new NoteError('a signature can not be decoded');
  return { name: name ?? '', keyId: bytes.slice(0, 4), signature: bytes.slice(4), line };
}

/** @throws NoteError for another form or algorithm, and when the id is not that of name and key */
export async function parseVkey(vkey: string): Promise<VerifierKey> {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(vkey.trim()) ?? [];
  const bytes = fromBase64(encoded ?? '');
  if (name === undefined || id === undefined || bytes === null || !namePattern.test(name))
    throw new NoteError('a public key has the form name+id+key');
  const kind = algorithms[bytes[0] ?? 0];
  if (kind === undefined || bytes.length !== 33)
    throw new NoteError(`the key ${name} is of no kind that is known here`);
  const digest = await sha256(utf8(`${name}\n`), bytes);
  const keyId = Uint8Array.from(id.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  if (!sameBytes(digest.slice(0, 4), keyId))
    throw new NoteError(`the id ${id} is not that of the key ${name}`);
  return { name, keyId, kind, publicKey: bytes.slice(1), vkey: vkey.trim() };
}

/**
 * Which of the keys have signed it. Lines of other keys are passed over, as the
 * specification demands.
 * @throws NoteError when a line claims to be of one of the keys and is not
 */
export async function verifyNote(note: Note, keys: VerifierKey[]): Promise<VerifiedSignature[]> {
  const verified: VerifiedSignature[] = [];
  for (const key of keys) {
    const own = note.signatures.filter(
      ({ name, keyId }) => name === key.name && sameBytes(keyId, key.keyId),
    );
    for (const { signature } of own) {
      const at = await signedAt(note.text, signature, key);
      if (at === undefined) throw new NoteError(`the signature of ${key.name} does not verify`);
      verified.push({ key, at });
    }
  }
  return verified;
}

/** `undefined` when the signature does not verify. */
async function signedAt(
  text: string,
  signature: Bytes,
  key: VerifierKey,
): Promise<Date | null | undefined> {
  if (key.kind === 'note')
    return (await verifyEd25519(key.publicKey, signature, utf8(text))) ? null : undefined;
  if (signature.length !== 72) return undefined;
  const seconds = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  // The largest time that a Date can hold, in seconds.
  if (seconds > 8_640_000_000_000n) return undefined;
  const message = utf8(`cosignature/v1\ntime ${seconds}\n${text}`);
  const good = await verifyEd25519(key.publicKey, signature.slice(8), message);
  return good ? new Date(Number(seconds) * 1000) : undefined;
}

/** RFC 8032. @throws Error where the runtime has no Ed25519 */
async function verifyEd25519(publicKey: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  if (signature.length !== 64) return false;
  const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', key, signature, message);
}

/**
 * A checkpoint, not yet checked against any key. Extension lines are refused: our log
 * writes none, and nobody audits them.
 * @throws NoteError
 */
export function parseCheckpoint(bytes: Uint8Array): Checkpoint {
  const note = parseNote(bytes);
  const [origin, size, root, end, ...more] = note.text.split('\n');
  if (!origin || size === undefined || root === undefined || end !== '' || more.length > 0)
    throw new NoteError('a checkpoint has three lines of text');
  if (!/^(0|[1-9][0-9]*)$/.test(size) || !Number.isSafeInteger(Number(size)))
    throw new NoteError('the size of the tree is not a number');
  const rootHash = fromBase64(root);
  if (rootHash === null || rootHash.length !== hashBytes)
    throw new NoteError('the root is not a SHA-256 digest');
  return { ...note, origin, size: Number(size), root: rootHash };
}

/** A proof in the form of c2sp.org/tlog-proof@v1, with the checkpoint it leads to. */
export interface InclusionProofFile {
  index: number;
  proof: Bytes[];
  checkpoint: Checkpoint;
  checkpointBytes: Bytes;
}

/** @throws NoteError */
export function parseInclusionProof(bytes: Uint8Array): InclusionProofFile {
  const text = noteText(bytes);
  const middle = text.indexOf('\n\n');
  if (middle < 0) throw new NoteError('the proof holds no checkpoint');
  const [title, indexLine = '', ...lines] = text.slice(0, middle).split('\n');
  const index = /^index (0|[1-9][0-9]*)$/.exec(indexLine)?.[1];
  if (title !== 'c2sp.org/tlog-proof@v1' || !Number.isSafeInteger(Number(index)))
    throw new NoteError('not a proof of c2sp.org/tlog-proof@v1 without extra data');
  const checkpointBytes = utf8(text.slice(middle + 2));
  return {
    index: Number(index),
    proof: parseHashes(lines),
    checkpoint: parseCheckpoint(checkpointBytes),
    checkpointBytes,
  };
}

/** One base64 hash a line. @throws NoteError */
export function parseHashes(lines: string[]): Bytes[] {
  return lines.map((line) => {
    const hash = fromBase64(line);
    if (hash === null || hash.length !== hashBytes)
      throw new NoteError('a hash of it is malformed');
    return hash;
  });
}
