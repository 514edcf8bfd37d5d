/** The capture record (`holdfast.capture/1`): everything that is shown of one capture. */

import type { KeptArtifact } from '../model/artifact.ts';
import type {
  CaptureRecord,
  CaptureState,
  Environment,
  SealPart,
} from '../model/capture-record.ts';
import { type ArtifactRow, artifactsOf } from './artifacts.ts';
import { checkpointCovering, cosignaturesCovering, timestampsCovering } from './checkpoints.ts';
import type { Queryable } from './database.ts';
import { eventsOf } from './events.ts';
import { entryOfManifest } from './log-entries.ts';
import { postOf } from './posts.ts';
import { type SourceNow, sourcesNow } from './source-now.ts';
import { type StepSummary, stepsOf } from './steps.ts';
import { type SubmissionRow, submissionById } from './submissions.ts';

interface Resolved {
  id: string;
  submissionId: string;
  environment: Environment;
  openedAt: Date;
  source: string;
  state: CaptureState | null;
  manifestSha256: string | null;
  finishedAt: Date | null;
}

/** @returns null when there is no such capture */
export async function captureRecord(
  db: Queryable,
  captureId: string,
): Promise<CaptureRecord | null> {
  const capture = await resolved(db, captureId);
  if (capture === null) return null;
  const submission = await submissionById(db, capture.submissionId);
  if (submission === null) return null;
  const steps = await stepsOf(db, captureId);
  const now = (await sourcesNow(db, [capture.source])).get(capture.source);
  return {
    schema: 'holdfast.capture/1',
    id: capture.id,
    source: capture.source,
    link: submission.link,
    environment: capture.environment,
    state: capture.state,
    startedAt: startOf(steps, capture.openedAt),
    finishedAt: iso(capture.finishedAt),
    submission: submissionPart(submission),
    sourceNow: sourceNowPart(now),
    warnings: await warningsOf(db, captureId),
    steps: steps.map(stepPart),
    post: await postPart(db, captureId),
    artifacts: (await artifactsOf(db, captureId)).map(artifactPart),
    manifestSha256: capture.manifestSha256,
    seal: capture.manifestSha256 === null ? null : await sealPart(db, capture.manifestSha256),
  };
}

async function sealPart(db: Queryable, manifestSha256: string): Promise<SealPart | null> {
  const entry = await entryOfManifest(db, manifestSha256);
  if (entry === null) return null;
  const covering = await checkpointCovering(db, entry.idx);
  const timestamps = await timestampsCovering(db, entry.idx);
  const witnesses = await cosignaturesCovering(db, entry.idx);
  const steps = ['closed', 'sealed', 'stamped', 'witnessed'] as const;
  const reached = [covering !== null, timestamps.length > 0, witnesses.length > 0];
  return {
    logIndex: entry.idx,
    // The highest that was reached; a witness may come before any authority.
    stage: steps[reached.lastIndexOf(true) + 1] ?? 'closed',
    checkpoint: covering?.size ?? null,
    timestamps: timestamps.map(({ authority, genTime, size }) => ({
      authority,
      at: genTime.toISOString(),
      checkpoint: size,
    })),
    witnesses: witnesses.map(({ witness, signedAt, size }) => ({
      name: witness,
      at: signedAt.toISOString(),
      checkpoint: size,
    })),
  };
}

async function resolved(db: Queryable, captureId: string): Promise<Resolved | null> {
  const { rows } = await db.query<Resolved>(
    `select id, submission_id as "submissionId", environment, opened_at as "openedAt",
       source_key as source, state, manifest_sha256 as "manifestSha256",
       finished_at as "finishedAt"
     from captures_resolved where id = $1`,
    [captureId],
  );
  return rows[0] ?? null;
}

function startOf(steps: StepSummary[], openedAt: Date): string {
  const starts = steps.map((step) => step.startedAt.getTime());
  return new Date(starts.length > 0 ? Math.min(...starts) : openedAt).toISOString();
}

function submissionPart(submission: SubmissionRow): CaptureRecord['submission'] {
  return {
    case: submission.caseName,
    tags: submission.tags,
    note: submission.note,
    by: submission.submittedBy,
    reason: submission.reason,
    at: submission.submittedAt.toISOString(),
  };
}

function sourceNowPart(now: SourceNow | undefined): CaptureRecord['sourceNow'] {
  return {
    availability: now?.availability ?? 'unknown',
    kind: now?.kind ?? null,
    since: iso(now?.since),
    lastCheck: iso(now?.lastCheck),
  };
}

/** Events of a capture that carry words carry them for the reader. */
async function warningsOf(db: Queryable, captureId: string): Promise<string[]> {
  const events = await eventsOf(db, captureId);
  return events.flatMap(({ kind, detail }) =>
    typeof detail.message === 'string' ? [`${kind}: ${detail.message}`] : [],
  );
}

function stepPart(step: StepSummary): CaptureRecord['steps'][number] {
  const { name, required, state, reason, attempts, final } = step;
  return { name, required, state, reason, attempts, final };
}

async function postPart(db: Queryable, captureId: string): Promise<CaptureRecord['post']> {
  const post = await postOf(db, captureId);
  if (post === null) return null;
  const { id, author, text, claimedAt, idTime } = post;
  return {
    id,
    author: { id: author.id, handle: author.handle, name: author.name },
    text,
    claimedAt,
    idTime,
  };
}

function artifactPart(artifact: ArtifactRow): KeptArtifact {
  const { role, name, mediaType, sizeBytes, sha256, derivedFrom, media, pdq } = artifact;
  return { role, name, mediaType, sizeBytes, sha256, derivedFrom, media, pdq };
}

function iso(time: Date | null | undefined): string | null {
  return time?.toISOString() ?? null;
}
