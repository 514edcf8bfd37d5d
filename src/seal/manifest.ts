/**
 * The manifest: what was captured, when, how, with which tools and settings, and what
 * failed. Canonical JSON (RFC 8785); its SHA-256 stands for the capture.
 */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { EventKind } from '../model/event-kinds.ts';
import type { Role } from '../model/roles.ts';
import { canonicalJson } from './canonical-json.ts';

const json = z.record(z.string(), z.unknown());
const time = z.string().datetime();
const digest = z.string().regex(/^[0-9a-f]{64}$/);

const attempt = z.object({
  name: z.string(),
  attempt: z.number().int(),
  required: z.boolean(),
  state: z.enum(['done', 'failed', 'blocked', 'skipped']),
  final: z.boolean(),
  reason: z.string().nullable(),
  detail: json,
  startedAt: time,
  finishedAt: time,
});

const artifact = z.object({
  /** A later version may know more of them. */
  role: z.custom<Role>((value) => typeof value === 'string'),
  name: z.string(),
  step: z.string(),
  mediaType: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  sha256: digest,
  derivedFrom: digest.nullable(),
  media: json.nullable(),
  facts: json,
  storedAt: time,
});

const observation = z.object({
  id: z.string(),
  source: z.string(),
  route: z.string(),
  url: z.string(),
  status: z.number().int().nullable(),
  failure: z.string().nullable(),
  signal: z.string(),
  statement: z.string().nullable(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  bodySha256: digest.nullable(),
  exitLabel: z.string().nullable(),
  observedAt: time,
  /** Of what matters in the source as this route showed it; likes and the like beside it. */
  contentSha256: digest.nullable().optional(),
  counters: z.record(z.string(), z.number()).nullable().optional(),
});

const submission = z.object({
  id: z.string(),
  case: z.string().nullable(),
  tags: z.array(z.string()),
  note: z.string().nullable(),
  by: z.string(),
  reason: z.string().nullable(),
  origin: z.enum(['human', 'program', 'watch']),
  facts: json,
  at: time,
});

/**
 * What the sealing adds (`pipeline/capture/seal-facts.ts`). Manifests that were written before
 * there was a log have none of it.
 */
const sealed = {
  /** 256 random bits: without them a digest in the log can't be guessed back to a manifest. */
  nonce: digest.optional(),
  collector: z
    .object({
      /** As entries of the log name them. */
      id: z.string(),
      name: z.string(),
      account: z.enum(['person', 'service']),
      operator: z.string(),
      organisation: z.string(),
      legalBasis: z.string(),
      reason: z.string(),
    })
    .optional(),
  case: z.object({ id: z.string(), name: z.string().nullable() }).optional(),
  clock: json.optional(),
  host: json.optional(),
  settingsSha256: digest.optional(),
  /** The log as it was signed before the capture began: the capture is not older than that. */
  priorCheckpoint: z
    .object({
      origin: z.string(),
      size: z.number().int().positive(),
      /** Base64, as in the checkpoint itself. */
      root: z.string(),
      sha256: digest,
    })
    .nullable()
    .optional(),
  /** SHA-512 of every file that came from outside, by SHA-256: a second leg to stand on. */
  sha512: z.record(digest, z.string().regex(/^[0-9a-f]{128}$/)).optional(),
  /** Of the `large.warc` that an export puts together from stored headers and bodies; null: none. */
  largeWarc: z
    .object({ sha256: digest, sizeBytes: z.number().int().positive() })
    .nullable()
    .optional(),
  earlierCapture: z.string().nullable().optional(),
  notCollected: z.array(z.string()).optional(),
};

/** The fields of a manifest that no row of the catalog holds. */
export type SealedField = keyof typeof sealed;

export const manifestSchema = z.object({
  schema: z.literal('holdfast.manifest/1'),
  captureId: z.string(),
  environment: z.enum(['live', 'demo']),
  state: z.enum(['complete', 'partial', 'blocked', 'failed']),
  link: z.string(),
  source: z.string(),
  requestedSource: z.string(),
  submission,
  openedAt: time,
  startedAt: time,
  finishedAt: time,
  /** What the asked key turned out to lead to, with the hops that show it. */
  aliases: z.array(
    z.object({ aliasKey: z.string(), sourceKey: z.string(), hops: z.array(json), seenAt: time }),
  ),
  steps: z.array(attempt),
  post: json.nullable(),
  pages: z.array(
    z.object({
      view: z.string(),
      finalUrl: z.string(),
      httpStatus: z.number().int().nullable(),
      title: z.string().nullable(),
      textSha256: digest.nullable(),
    }),
  ),
  observations: z.array(observation),
  events: z.array(
    z.object({
      id: z.string(),
      kind: z.custom<EventKind>((value) => typeof value === 'string'),
      source: z.string().nullable(),
      detail: json,
      at: time,
    }),
  ),
  artifacts: z.array(artifact),
  /** Whatever could let somebody forge a capture, and the limits that were in force. */
  conditions: json,
  tools: json,
  ...sealed,
});

export type Manifest = z.infer<typeof manifestSchema>;

export interface WrittenManifest {
  bytes: string;
  sha256: string;
}

/** @throws ZodError when a field is missing or of the wrong shape: nothing half is sealed */
export function writeManifest(manifest: Manifest): WrittenManifest {
  const bytes = canonicalJson(manifestSchema.parse(manifest));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** @throws ZodError or SyntaxError when the bytes are no manifest */
export function readManifest(bytes: Uint8Array): Manifest {
  return manifestSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}
