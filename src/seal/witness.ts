/**
 * A witness (C2SP tlog-witness v1): keeps the last checkpoint it co-signed of each log it
 * knows, and co-signs only what continues it. It needs no database and nothing of the
 * archive that it watches, so that another organisation can run it.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../base/make-folder.ts';
import { replaceFile } from '../base/synced-file.ts';
import { cosign, type NoteSigner } from './note-signing.ts';
import { verifyConsistency } from './verify/formats/merkle.ts';
import {
  type Checkpoint,
  NoteError,
  parseCheckpoint,
  parseHashes,
  type VerifierKey,
  verifyNote,
} from './verify/formats/note.ts';

export interface WitnessOptions {
  signer: NoteSigner;
  /** Public keys of the logs it watches; each is known by its origin. */
  logs: VerifierKey[];
  /** Where the last checkpoints are kept. */
  folder: string;
  now?: () => Date;
}

export interface WitnessAnswer {
  status: 200 | 400 | 403 | 404 | 409 | 422;
  contentType: string;
  body: string;
}

export interface Witness {
  /** The body of a `POST …/add-checkpoint`. */
  addCheckpoint(body: Uint8Array): Promise<WitnessAnswer>;
}

interface Asked {
  oldSize: number;
  proof: Uint8Array[];
  checkpoint: Checkpoint;
  bytes: Buffer;
}

const mostProofLines = 63;

export function openWitness(options: WitnessOptions): Witness {
  // Looking at the last checkpoint and keeping the next is one act: requests take turns.
  let turn: Promise<unknown> = Promise.resolve();
  return {
    addCheckpoint(body) {
      const answer = turn.then(() => consider(options, body));
      turn = answer.catch(() => undefined);
      return answer;
    },
  };
}

async function consider(options: WitnessOptions, body: Uint8Array): Promise<WitnessAnswer> {
  let asked: Asked;
  try {
    asked = readQuestion(Buffer.from(body));
  } catch (error) {
    if (error instanceof NoteError) return said(400, error.message);
    throw error;
  }
  const { checkpoint, oldSize, proof, bytes } = asked;
  const keys = options.logs.filter(({ name }) => name === checkpoint.origin);
  if (keys.length === 0) return said(404, 'this log is not known here');
  const signed = await verifyNote(checkpoint, keys).catch(() => []);
  if (signed.length === 0) return said(403, 'no signature of a key that is trusted for this log');
  if (oldSize > checkpoint.size) return said(400, 'the old size is beyond the new one');
  const last = await lastSeen(options.folder, checkpoint.origin);
  if (oldSize !== (last?.size ?? 0)) return conflict(last?.size ?? 0);
  if (last !== null && oldSize === checkpoint.size && !same(last.root, checkpoint.root))
    return conflict(last.size);
  if (!(await continues(last, checkpoint, proof)))
    return said(422, 'the proof does not show that this tree continues the last one');
  await saveNote(options.folder, checkpoint.origin, bytes);
  const line = cosign(checkpoint.text, options.signer, options.now?.() ?? new Date());
  return { status: 200, contentType: 'text/plain; charset=utf-8', body: line };
}

/** @throws NoteError */
function readQuestion(body: Buffer): Asked {
  const end = body.indexOf('\n\n');
  if (end < 0) throw new NoteError('no empty line before the checkpoint');
  const [old = '', ...lines] = body.subarray(0, end).toString('utf8').split('\n');
  const oldSize = /^old (0|[1-9]\d{0,15})$/.exec(old)?.[1];
  if (oldSize === undefined) throw new NoteError('the first line is not "old" and a size');
  if (lines.length > mostProofLines) throw new NoteError('more proof lines than any tree needs');
  const bytes = body.subarray(end + 2);
  return {
    oldSize: Number(oldSize),
    proof: parseHashes(lines),
    checkpoint: parseCheckpoint(bytes),
    bytes,
  };
}

async function continues(
  last: Checkpoint | null,
  { size, root }: Checkpoint,
  proof: Uint8Array[],
): Promise<boolean> {
  // From nothing anything may follow, and needs no proof.
  if (last === null) return proof.length === 0;
  return verifyConsistency({ oldSize: last.size, oldRoot: last.root, size, root, proof });
}

async function lastSeen(folder: string, origin: string): Promise<Checkpoint | null> {
  try {
    return parseCheckpoint(await readFile(fileOf(folder, origin)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    // Unreadable is not the same as nothing: a witness that forgot must not sign anew.
    throw error;
  }
}

async function saveNote(folder: string, origin: string, note: Uint8Array): Promise<void> {
  await makeFolder(folder, 0o700);
  await replaceFile(fileOf(folder, origin), note);
}

/** Origins hold slashes. */
function fileOf(folder: string, origin: string): string {
  return join(folder, `${encodeURIComponent(origin)}.note`);
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.from(one).equals(other);
}

function said(status: 400 | 403 | 404 | 422, words: string): WitnessAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${words}\n` };
}

function conflict(size: number): WitnessAnswer {
  return { status: 409, contentType: 'text/x.tlog.size', body: `${size}\n` };
}
