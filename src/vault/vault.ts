/** The vault: bytes, stored once under their SHA-256, and named records beside them. */
import type { Readable } from 'node:stream';

/** Something that lies in a vault otherwise than the vault puts it there. */
export interface Stranger {
  /** Where, inside the vault. */
  place: string;
  what: string;
}

export interface StoredObject {
  /** 64 lower-case hex digits. */
  sha256: string;
  sizeBytes: number;
}

/** Kinds of named records: the truth from which a catalog can be rebuilt. */
export const recordKinds = [
  'submissions',
  'manifests',
  // Records of what was made of evidence, by id; the log names them by digest.
  'derivations',
  'watch-plans',
  // One check each: what several sources and the canaries beside them were seen to be.
  'observations',
  // What happened to no single capture, a few events each.
  'events',
  // The log: entries by index, checkpoints by size, `<size>.<authority>` tokens and
  // `<size>.<witness>` lines over them, what an entry's `detail_sha256` covers, public keys by
  // number, and the names behind the ids in entries.
  'log-entries',
  'checkpoints',
  'timestamps',
  // OpenTimestamps proofs over checkpoints, `<size>.<calendar>.pending` and `….complete`.
  'ots-proofs',
  'cosignatures',
  'log-details',
  'keys',
  'pseudonyms',
  // Time and signature of a web archive's first export, by what it packs.
  'wacz-signatures',
  // What people decided about files that look alike, and took back.
  'cluster-decisions',
  // Sources that people marked as graphic, and marks that were taken back.
  'graphic-marks',
] as const;
export type RecordKind = (typeof recordKinds)[number];

export interface Vault {
  /** Streams bytes in while hashing; temp file, fsync, no-clobber link, read-only. */
  put(bytes: Readable | Uint8Array | string, options?: PutOptions): Promise<StoredObject>;
  /** Takes over a finished file of `scratchFolder`: hashed, linked, its scratch name removed. */
  putFile(path: string, options?: PutOptions): Promise<StoredObject>;
  /** @throws NotFoundError `object-missing` */
  open(sha256: string, range?: { start: number; end: number }): Promise<Readable>;
  /** Whole object in memory; only for objects known to be small. @throws NotFoundError, PermanentError `too-large` */
  read(sha256: string, maxBytes?: number): Promise<Buffer>;
  /** A path that tools such as ffmpeg may read and nobody may write. */
  path(sha256: string): Promise<string>;
  has(sha256: string): Promise<boolean>;
  /** Hashes the stored bytes again; `onChunk` sees them as they come, and must not keep them. `null` when the object is missing. */
  rehash(
    sha256: string,
    signal?: AbortSignal,
    onChunk?: (chunk: Uint8Array) => void,
  ): Promise<StoredObject | null>;
  objects(): AsyncIterable<string>;
  /** Links, pipes, files of other names, and whatever other users may write. */
  strangers(signal?: AbortSignal): AsyncIterable<Stranger>;
  /** Takes a damaged object out of the way without deleting it. @returns where it lies now, `null` when it is missing */
  setAside(sha256: string): Promise<string | null>;
  /** Deletes an object for good: only under an order of removal. @returns whether it was there */
  remove(sha256: string): Promise<boolean>;
  /** Keeps a record under a name, once: the same name again with other bytes is an IntegrityError. */
  keepRecord(kind: RecordKind, name: string, bytes: Uint8Array | string): Promise<StoredObject>;
  records(kind: RecordKind): AsyncIterable<{ name: string; bytes: Buffer }>;
  /** The same names in the same order, without the bytes. */
  recordNames(kind: RecordKind): AsyncIterable<string>;
  readRecord(kind: RecordKind, name: string): Promise<Buffer | null>;
  /** Deletes a record for good: only under an order of removal. @returns whether it was there */
  removeRecord(kind: RecordKind, name: string): Promise<boolean>;
  /** A folder on the vault's own disk for files in the making; its files may vanish at a restart. */
  scratch(label: string): Promise<Scratch>;
}

export interface PutOptions {
  /** More bytes than this end the put with PermanentError `too-large`, nothing kept. */
  maxBytes?: number;
  signal?: AbortSignal;
  onBytes?: (totalBytes: number) => void;
}

export interface Scratch extends AsyncDisposable {
  folder: string;
}
