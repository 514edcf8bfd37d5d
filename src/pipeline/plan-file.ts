/** The plan of a capture, kept as one of its artifacts so that every later stage reads the same. */

import { z } from 'zod';
import { IntegrityError, PermanentError } from '../base/errors.ts';
import type { PlatformWord, WallReason } from '../base/reasons.ts';
import { artifactByName } from '../catalog/artifacts.ts';
import type { Queryable } from '../catalog/database.ts';
import type { NewArtifact } from '../model/artifact.ts';
import { formerSteps } from '../model/derivation.ts';
import { type CapturePlan, type PlannedStep, stepNames } from '../model/plan.ts';
import type { Role } from '../model/roles.ts';
import { canonicalJson } from '../seal/canonical-json.ts';
import type { Parts } from './parts.ts';
import { messageOf } from './run-step.ts';

const fileName = 'plan.json';

const text = z.string();
const maybe = z.string().nullable();
const number = z.number().nullable();
/** Of a list of ours that may have grown since the plan was written. */
const word = <Word extends string>() => z.custom<Word>((value) => typeof value === 'string');

const recordedFile = z.object({
  sha256: text,
  sizeBytes: z.number(),
  url: text,
  status: z.number(),
  headers: z.array(z.tuple([text, text])),
  remoteAddress: maybe,
  hops: z.array(z.object({ url: text, status: z.number(), location: maybe })),
  exchange: z.object({ id: text, view: text, startedAt: text, refetched: z.boolean() }).nullable(),
});

const mediaRef = z.object({
  id: text,
  kind: z.enum(['picture', 'video', 'gif', 'audio', 'file', 'unknown']),
  belongsTo: text,
  candidates: z.array(
    z.object({
      url: text,
      mediaType: maybe,
      width: number,
      height: number,
      bitrate: number,
      recorded: recordedFile.optional(),
      decoded: recordedFile.optional(),
      asPage: z.record(z.string(), z.string()).optional(),
    }),
  ),
  orderedBy: text,
  alsoKeep: z.array(text),
  altText: maybe,
  claimed: z.object({ durationMs: number, width: number, height: number }),
  unavailable: word<PlatformWord>().nullable(),
});
export const mediaRefs = z.array(mediaRef);

/** Plans of 0.1.0 name steps that are derivations today: nobody waits for them any more. */
const evidenceSteps = z
  .array(z.object({ name: z.enum([...stepNames, ...formerSteps]), required: z.boolean() }))
  .transform((steps) => steps.flatMap((step) => (isEvidence(step) ? [step] : [])));

function isEvidence(step: { name: string; required: boolean }): step is PlannedStep {
  return stepNames.some((name) => name === step.name);
}

const capturePlan = z.object({
  schema: z.literal('holdfast.plan/1'),
  source: text,
  platform: text,
  shape: z.enum(['post', 'page']),
  steps: evidenceSteps,
  pages: z.array(
    z.object({
      view: text,
      url: text,
      focalSelector: maybe,
      overlays: z.array(text),
      wallMarkers: z.array(
        z.object({
          reason: word<WallReason>(),
          selector: text.optional(),
          text: text.optional(),
          address: text.optional(),
        }),
      ),
      collectMedia: z.boolean(),
    }),
  ),
  media: mediaRefs,
}) satisfies z.ZodType<CapturePlan>;

export async function storePlan(
  parts: Pick<Parts, 'vault'>,
  plan: CapturePlan,
): Promise<NewArtifact> {
  return storeJson(parts, 'plan', fileName, plan);
}

/** Stores a small JSON document of ours as an artifact. */
export async function storeJson(
  parts: Pick<Parts, 'vault'>,
  role: Role,
  name: string,
  value: unknown,
): Promise<NewArtifact> {
  const stored = await parts.vault.put(canonicalJson(value));
  return { role, name, mediaType: 'application/json', ...stored, derivedFrom: null };
}

/** `db`: whoever is inside a transaction asks through it, and not for one more connection. */
export async function hasPlan(
  parts: Pick<Parts, 'database'>,
  captureId: string,
  db: Queryable = parts.database,
): Promise<boolean> {
  return (await artifactByName(db, captureId, fileName)) !== null;
}

/**
 * @throws PermanentError `no-plan` when the capture was never resolved, IntegrityError
 * `plan-unreadable` when what is kept is no plan
 */
export async function planOf(
  parts: Pick<Parts, 'database' | 'vault'>,
  captureId: string,
  db: Queryable = parts.database,
): Promise<CapturePlan> {
  const artifact = await artifactByName(db, captureId, fileName);
  if (artifact === null) throw new PermanentError('no-plan', `${captureId} has no plan yet`);
  const bytes = await parts.vault.read(artifact.sha256);
  try {
    return capturePlan.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw new IntegrityError(
      'plan-unreadable',
      `the stored plan of ${captureId} can't be read: ${messageOf(cause)}`,
    );
  }
}

export function plannedStep(plan: CapturePlan, name: PlannedStep['name']): PlannedStep {
  return plan.steps.find((step) => step.name === name) ?? { name, required: false };
}
