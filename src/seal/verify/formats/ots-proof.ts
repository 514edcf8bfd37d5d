/**
 * Reads OpenTimestamps proofs (`.ots`, detached, major version 1): a tree of operations that
 * begins at a file's SHA-256 and ends in attestations, each about the message that the
 * operations have made by then. Everything is bounded, because proofs come from strangers:
 * the limits are those of the format's own library where it has one. Runs in Node and in a
 * browser. What an attestation is worth is said by `bundle-ots.ts`.
 */
import { type Bytes, fromHex, sameBytes, textOf, toHex, utf8 } from './bytes.ts';

/** One step: the message is hashed, turned, spelled out in hexadecimal, or has bytes added. */
export type OtsOperation =
  | { kind: 'sha256' | 'sha1' | 'ripemd160' | 'reverse' | 'hexlify' }
  | { kind: 'append' | 'prepend'; bytes: Bytes };

export type OtsAttestation =
  /** A calendar promises to have the message put into a block. Nothing is proved by it. */
  | { kind: 'pending'; calendar: string }
  /** The message is the Merkle root of the Bitcoin block of this height. */
  | { kind: 'bitcoin'; height: number }
  /** Of a kind that is unknown here. */
  | { kind: 'unknown'; tag: string; payload: Bytes };

export interface OtsNode {
  attestations: OtsAttestation[];
  branches: { operation: OtsOperation; next: OtsNode }[];
}

export interface OtsProof {
  /** SHA-256 of the file that the proof is about. */
  digest: Bytes;
  tree: OtsNode;
}

/** The bytes are no proof, or one beyond the limits. */
export class OtsError extends Error {
  override name = 'OtsError';
}

export const otsLimits = {
  proofBytes: 64 * 1024,
  /** Operations one after the other. */
  depth: 256,
  operations: 2_048,
  attestations: 64,
  /** Of a message, and of what one operation adds to it. */
  messageBytes: 4_096,
  payloadBytes: 8_192,
  calendarBytes: 1_000,
} as const;

/** Magic, then the major version. */
export const otsHeader: Bytes = utf8('\0OpenTimestamps\0\0Proof\0');
export const otsMagicEnd: Bytes = fromHex('bf89e2e884e89294');
export const otsVersion = 1;
export const otsTags = {
  sha1: 0x02,
  ripemd160: 0x03,
  sha256: 0x08,
  append: 0xf0,
  prepend: 0xf1,
  reverse: 0xf2,
  hexlify: 0xf3,
  attestation: 0x00,
  fork: 0xff,
} as const;
export const attestationTags = {
  pending: '83dfe30d2ef90c8e',
  bitcoin: '0588960d73d71901',
} as const;

/** Addresses of calendars have no query, no user and no escapes, so that nothing hides in them. */
const calendarLetters = /^[A-Za-z0-9\-._/:]+$/;
const mostHeight = 100_000_000;

/** @throws OtsError */
export function readOtsProof(bytes: Uint8Array): OtsProof {
  const reader = new Reader(bytes);
  for (const expected of [otsHeader, otsMagicEnd])
    if (!sameBytes(reader.take(expected.length), expected))
      throw new OtsError('it does not begin as an OpenTimestamps proof does');
  const version = reader.number();
  if (version !== otsVersion) throw new OtsError(`its version ${version} is unknown here`);
  if (reader.byte() !== otsTags.sha256)
    throw new OtsError('it is about another digest than SHA-256');
  const digest = reader.take(32);
  return { digest, tree: wholeTree(reader) };
}

/** What a calendar answers: a tree without the head of a file. @throws OtsError */
export function readOtsTree(bytes: Uint8Array): OtsNode {
  return wholeTree(new Reader(bytes));
}

function wholeTree(reader: Reader): OtsNode {
  const tree = readNode(reader, otsLimits.depth);
  if (!reader.atEnd) throw new OtsError('something follows the end of the proof');
  return tree;
}

/** Every branch but the last is announced by a fork. */
function readNode(reader: Reader, depthLeft: number): OtsNode {
  if (depthLeft === 0) throw new OtsError('it is nested deeper than a proof may be');
  const node: OtsNode = { attestations: [], branches: [] };
  for (let more = true; more; ) {
    let tag = reader.byte();
    more = tag === otsTags.fork;
    if (more) tag = reader.byte();
    if (tag === otsTags.attestation) node.attestations.push(readAttestation(reader));
    else {
      const operation = readOperation(reader, tag);
      node.branches.push({ operation, next: readNode(reader, depthLeft - 1) });
    }
  }
  return node;
}

const plainOperations = new Map(
  (['sha256', 'sha1', 'ripemd160', 'reverse', 'hexlify'] as const).map((kind) => [
    otsTags[kind] as number,
    kind,
  ]),
);

function readOperation(reader: Reader, tag: number): OtsOperation {
  reader.count('operations');
  const kind = plainOperations.get(tag);
  if (kind !== undefined) return { kind };
  if (tag !== otsTags.append && tag !== otsTags.prepend)
    throw new OtsError(`the operation 0x${tag.toString(16)} is unknown here`);
  const bytes = reader.sized(otsLimits.messageBytes);
  if (bytes.length === 0) throw new OtsError('an operation adds nothing');
  return { kind: tag === otsTags.append ? 'append' : 'prepend', bytes };
}

function readAttestation(reader: Reader): OtsAttestation {
  reader.count('attestations');
  const tag = toHex(reader.take(8));
  const payload = reader.sized(otsLimits.payloadBytes);
  const inner = new Reader(payload);
  if (tag === attestationTags.pending) {
    const calendar = inner.sized(otsLimits.calendarBytes);
    const letters = String.fromCharCode(...calendar);
    if (!inner.atEnd || !calendarLetters.test(letters))
      throw new OtsError('the address of a calendar is not valid');
    return { kind: 'pending', calendar: textOf(calendar) };
  }
  if (tag === attestationTags.bitcoin) {
    const height = inner.number();
    if (!inner.atEnd || height > mostHeight)
      throw new OtsError('the height of a block is not valid');
    return { kind: 'bitcoin', height };
  }
  return { kind: 'unknown', tag, payload };
}

/** Takes bytes from the front, and never more than there are. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #counts = { operations: 0, attestations: 0 };
  #at = 0;

  constructor(bytes: Uint8Array) {
    if (bytes.length > otsLimits.proofBytes) throw new OtsError('it is longer than a proof may be');
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(length: number): Bytes {
    if (length > this.#bytes.length - this.#at) throw new OtsError('it ends too early');
    const taken = this.#bytes.slice(this.#at, this.#at + length);
    this.#at += length;
    return new Uint8Array(taken);
  }

  byte(): number {
    return this.take(1)[0] ?? 0;
  }

  /** Seven bits a byte, the lowest first, as LEB128; in its shortest form only. */
  number(): number {
    let value = 0;
    for (let place = 1; place <= 2 ** 28; place *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * place;
      if (byte < 0x80) {
        if (byte === 0 && place > 1) throw new OtsError('a number is not in its shortest form');
        return value;
      }
    }
    throw new OtsError('a number is longer than it can be');
  }

  /** Bytes after their length. */
  sized(mostBytes: number): Bytes {
    const length = this.number();
    if (length > mostBytes) throw new OtsError('a part is longer than it may be');
    return this.take(length);
  }

  count(what: 'operations' | 'attestations'): void {
    this.#counts[what] += 1;
    if (this.#counts[what] > otsLimits[what])
      throw new OtsError(`it has more ${what} than a proof may have`);
  }
}
