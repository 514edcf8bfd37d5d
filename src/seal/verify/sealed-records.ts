/**
 * Entries of the log and manifests of captures, read from their bytes as far as the
 * verifier builds on them. It shares no code with what writes them, and lets unknown
 * fields be: their bytes are what was hashed.
 */
import { textOf } from './formats/bytes.ts';

class RecordError extends Error {
  override name = 'RecordError';
}

export interface SealedEntry {
  type: string;
  id: string;
  at: Date;
  actor: string;
  caseId: string | null;
  caseSeq: number;
  casePrev: string | null;
  manifestSha256: string | null;
  targets: string[];
  detailSha256: string | null;
}

export interface SealedFile {
  role: string;
  name: string;
  mediaType: string;
  sizeBytes: number;
  sha256: string;
  storedAt: Date;
}

/** What may hold passwords, cookies and the like: handed over only where somebody asks for it. */
export function isRestricted(role: string): boolean {
  return role.endsWith('.restricted');
}

export interface PriorCheckpoint {
  origin: string;
  size: number;
  root: string;
  sha256: string;
}

export interface SealedCapture {
  captureId: string;
  environment: string;
  state: string;
  startedAt: Date;
  finishedAt: Date;
  caseId: string | null;
  files: SealedFile[];
  /** SHA-256 of files that had been removed by order before the capture was sealed. */
  goneBefore: Set<string>;
  /** By SHA-256. */
  sha512: Map<string, string>;
  conditions: Record<string, unknown>;
  /** `undefined` in a manifest from before there was a log. */
  prior: PriorCheckpoint | null | undefined;
}

type Json = Record<string, unknown>;

/** @throws RecordError also for a version that is unknown here */
export function readSealedEntry(bytes: Uint8Array): SealedEntry {
  const entry = parsed(bytes, 'entry');
  if (entry.v !== 1) throw new RecordError('an entry of a version that is unknown here');
  return {
    type: text(entry, 'type'),
    id: text(entry, 'id'),
    at: time(entry, 'at'),
    actor: text(entry, 'actor'),
    caseId: entry.case === null ? null : text(entry, 'case'),
    caseSeq: whole(entry, 'case_seq'),
    casePrev: entry.case_prev === null ? null : digest(entry, 'case_prev'),
    manifestSha256: entry.manifest_sha256 === undefined ? null : digest(entry, 'manifest_sha256'),
    targets: entry.targets === undefined ? [] : list(entry, 'targets').map(asDigest),
    detailSha256: entry.detail_sha256 === undefined ? null : digest(entry, 'detail_sha256'),
  };
}

/** @throws RecordError */
export function readSealedCapture(bytes: Uint8Array): SealedCapture {
  const manifest = parsed(bytes, 'manifest');
  if (manifest.schema !== 'holdfast.manifest/1')
    throw new RecordError('a manifest of a version that is unknown here');
  const sha512 = manifest.sha512 === undefined ? {} : object(manifest.sha512, 'sha512');
  return {
    captureId: text(manifest, 'captureId'),
    environment: text(manifest, 'environment'),
    state: text(manifest, 'state'),
    startedAt: time(manifest, 'startedAt'),
    finishedAt: time(manifest, 'finishedAt'),
    caseId: manifest.case === undefined ? null : text(object(manifest.case, 'case'), 'id'),
    files: list(manifest, 'artifacts').map((item) => {
      const file = object(item, 'artifact');
      return {
        role: text(file, 'role'),
        name: text(file, 'name'),
        mediaType: text(file, 'mediaType'),
        sizeBytes: whole(file, 'sizeBytes'),
        sha256: digest(file, 'sha256'),
        storedAt: time(file, 'storedAt'),
      };
    }),
    goneBefore: goneIn(list(manifest, 'events')),
    sha512: new Map(Object.entries(sha512).map(([sha256, other]) => [sha256, String(other)])),
    conditions: object(manifest.conditions ?? {}, 'conditions'),
    prior: priorIn(manifest.priorCheckpoint),
  };
}

export interface SealedDerivation {
  kind: string;
  state: string;
  /** SHA-256 of what it was made of. */
  inputs: string[];
  files: { name: string; sizeBytes: number; sha256: string }[];
}

/** @throws RecordError */
export function readSealedDerivation(bytes: Uint8Array): SealedDerivation {
  const record = parsed(bytes, 'derivation');
  if (record.schema !== 'holdfast.derivation/1')
    throw new RecordError('a derivation of a version that is unknown here');
  return {
    kind: text(record, 'kind'),
    state: text(record, 'state'),
    inputs: list(record, 'inputs').map(asDigest),
    files: list(record, 'files').map((item) => {
      const file = object(item, 'file');
      return {
        name: text(file, 'name'),
        sizeBytes: whole(file, 'sizeBytes'),
        sha256: digest(file, 'sha256'),
      };
    }),
  };
}

/** Of the events only those by which a capture says that a file of its own is gone. */
function goneIn(events: unknown[]): Set<string> {
  const gone = events
    .map((item) => object(item, 'event'))
    .filter(({ kind }) => kind === 'removed-by-order')
    .map(({ detail }) => digest(object(detail, 'detail'), 'sha256'));
  return new Set(gone);
}

function priorIn(value: unknown): PriorCheckpoint | null | undefined {
  if (value === undefined || value === null) return value;
  const prior = object(value, 'priorCheckpoint');
  return {
    origin: text(prior, 'origin'),
    size: whole(prior, 'size'),
    root: text(prior, 'root'),
    sha256: digest(prior, 'sha256'),
  };
}

/** A JSON object. @throws RecordError */
export function parsed(bytes: Uint8Array, what: string): Json {
  try {
    return object(JSON.parse(textOf(bytes)), what);
  } catch (error) {
    if (error instanceof RecordError) throw error;
    throw new RecordError(`the ${what} is not valid JSON`);
  }
}

function object(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new RecordError(`${what} is not an object`);
}

function list(from: Json, field: string): unknown[] {
  const value = from[field];
  if (Array.isArray(value)) return value;
  throw new RecordError(`${field} is not a list`);
}

function text(from: Json, field: string): string {
  const value = from[field];
  if (typeof value === 'string') return value;
  throw new RecordError(`${field} is not a string`);
}

function whole(from: Json, field: string): number {
  const value = from[field];
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new RecordError(`${field} is not a whole number`);
}

function time(from: Json, field: string): Date {
  const value = text(from, field);
  const date = new Date(value);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) && !Number.isNaN(date.getTime()))
    return date;
  throw new RecordError(`${field} is not a UTC time`);
}

function digest(from: Json, field: string): string {
  return asDigest(from[field]);
}

function asDigest(value: unknown): string {
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return value;
  throw new RecordError('a digest is not a SHA-256');
}
