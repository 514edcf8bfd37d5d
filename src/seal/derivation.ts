/** The record of a derivation: canonical JSON (RFC 8785), its SHA-256 a target in the log. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Derivation, derivationKinds } from '../model/derivation.ts';
import { canonicalJson } from './canonical-json.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const open = z.record(z.string(), z.unknown());

const derivation = z.looseObject({
  schema: z.literal('holdfast.derivation/1'),
  id: z.guid(),
  environment: z.enum(['live', 'demo']),
  kind: z.enum(derivationKinds),
  subject: digest,
  inputs: z.array(digest).min(1),
  key: z.string(),
  state: z.enum(['done', 'failed', 'skipped']),
  reason: z.string().nullable(),
  files: z.array(
    z.looseObject({
      role: z.string(),
      name: z.string(),
      mediaType: z.string(),
      sizeBytes: z.number().int().nonnegative(),
      sha256: digest,
      derivedFrom: digest.nullable(),
      media: z
        .object({
          width: z.number().optional(),
          height: z.number().optional(),
          durationMs: z.number().optional(),
          ptsMs: z.number().optional(),
        })
        .nullable()
        .optional(),
      facts: open.optional(),
    }),
  ),
  arguments: open,
  detail: open,
  tools: open,
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
});

export interface WrittenDerivation {
  derivation: Derivation;
  bytes: Buffer;
  sha256: string;
}

export function writeDerivation(record: Derivation): WrittenDerivation {
  return readDerivation(Buffer.from(canonicalJson(JSON.parse(JSON.stringify(record)))));
}

/** @throws ZodError or SyntaxError when the bytes are no derivation that is known here */
export function readDerivation(bytes: Buffer): WrittenDerivation {
  const parsed = derivation.parse(JSON.parse(bytes.toString('utf8')));
  return {
    // What a looser file says beyond this is kept in the bytes.
    derivation: parsed as Derivation,
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}
