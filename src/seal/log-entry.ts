/**
 * One entry of the log: canonical JSON (RFC 8785) of at most 64 KiB. It holds ids, times,
 * pseudonyms and digests, never a name or a link, because nobody can take it back.
 * Written once, then only its bytes count: nothing that verifies writes them anew.
 */
import { z } from 'zod';
import { PermanentError } from '../base/errors.ts';
import { canonicalJson } from './canonical-json.ts';

export const entryTypes = [
  'capture',
  'timestamped',
  'ots-proof',
  'key-rotated',
  'viewed',
  'exported',
  /** What an entry before it calls exported was not handed over. */
  'export-failed',
  'fixity',
  /** What was made of a capture's evidence: one a derive job, its targets the records. */
  'derivation',
  /** A batch of records in the vault that no entry of their own names: checks, events and the like. */
  'records',
  'hold',
  'hold-released',
  'removal',
  /** Sources were put into a case or taken out, tagged or untagged, noted on. */
  'filed',
  'tagged',
  'noted',
] as const;
export type EntryType = (typeof entryTypes)[number];

/** Version 0.1.0 wrote `tombstone` for a removal; its entries are read for ever. */
const readTypes = [...entryTypes, 'tombstone'] as const;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const pseudonym = z.string().regex(/^[0-9a-f]{32}$/);

/** Unknown fields are let through (a later version may have written them); an unknown `v` is not. */
const entrySchema = z.looseObject({
  v: z.literal(1),
  type: z.enum(readTypes),
  id: z.uuid(),
  at: z.iso.datetime(),
  actor: pseudonym,
  case: pseudonym.nullable(),
  /** Place in the chain of its case, from 0, and the leaf hash of the entry before it there. */
  case_seq: z.number().int().nonnegative(),
  case_prev: digest.nullable(),
  manifest_sha256: digest.optional(),
  /** Of the objects that it is about. */
  targets: z.array(digest).optional(),
  /** Of the record in `log-details` that says more. */
  detail_sha256: digest.optional(),
});

export type LogEntry = z.infer<typeof entrySchema>;

const longestBytes = 65_535;

/** @throws PermanentError `entry-too-long`, ZodError */
export function writeEntry(entry: LogEntry): Buffer {
  const bytes = Buffer.from(canonicalJson(entrySchema.parse(entry)));
  if (bytes.length <= longestBytes) return bytes;
  throw new PermanentError(
    'entry-too-long',
    `an entry of the log may have ${longestBytes} bytes, this one has ${bytes.length}`,
  );
}

/** @throws ZodError or SyntaxError when the bytes are no entry of a version that is known here */
export function readEntry(bytes: Uint8Array): LogEntry {
  return entrySchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}
