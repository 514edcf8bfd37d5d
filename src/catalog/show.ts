/** The capture record (`holdfast.capture/1`): everything that is shown of one capture. */
import type { Environment } from '../config/home.ts';
import type { KeptArtifact } from '../model/artifact.ts';
import { type ArtifactRow, artifactsOf } from './artifacts.ts';
import type { CaptureState } from './captures.ts';
import { checkpointCovering, cosignaturesCovering, timestampsCovering } from './checkpoints.ts';
import type { Queryable } from './database.ts';
import { eventsOf } from './events.ts';
import { entryOfManifest } from './log-entries.ts';
import { postOf } from './posts.ts';
import { type Availability, type SourceNow, sourcesNow } from './source-now.ts';
import { type StepState, type StepSummary, stepsOf } from './steps.ts';
import { type SubmissionRow, submissionById } from './submissions.ts';

/** Times are ISO 8601 in UTC, as everywhere in records. */
export interface CaptureRecord {
  schema: 'holdfast.capture/1';
  id: string;
  source: string;
  /** As it was pasted. */
  link: string;
  environment: Environment;
  /** `null` while unfinished. */
  state: CaptureState | null;
  startedAt: string;
  finishedAt: string | null;
  submission: {
    case: string | null;
    tags: string[];
    note: string | null;
    by: string;
    reason: string | null;
    at: string;
  };
  /** About the source today; never part of the manifest. */
  sourceNow: {
    availability: Availability;
    kind: string | null;
    since: string | null;
    lastCheck: string | null;
  };
  /** What a reader must be told about this capture, in words. */
  warnings: string[];
  steps: {
    name: string;
    required: boolean;
    state: StepState;
    reason: string | null;
    attempts: number;
    /** Whether this is how the step ended, or another attempt will follow. */
    final: boolean;
  }[];
  post: {
    id: string;
    author: { id: string | null; handle: string | null; name: string | null };
    text: string;
    claimedAt: string | null;
    idTime: string | null;
  } | null;
  artifacts: KeptArtifact[];
  manifestSha256: string | null;
  /** Where it stands in the log; `null` while the log doesn't have it. */
  seal: SealPart | null;
}

export interface SealPart {
  logIndex: number;
  /** How far up the ladder: in the log · under a signed checkpoint · stamped · witnessed. */
  stage: 'closed' | 'sealed' | 'stamped' | 'witnessed';
  /** Size of the first checkpoint that covers the entry. */
  checkpoint: number | null;
  /** Of each authority the first token over a checkpoint that covers it: it existed no later. */
  timestamps: { authority: string; at: string; checkpoint: number }[];
  witnesses: { name: string; at: string; checkpoint: number }[];
  /** By themselves they prove nothing. Left out where the vault, which holds them, was not asked. */
  openTimestamps?: OtsPart[];
}

/** An OpenTimestamps proof over a checkpoint that covers the entry. */
export interface OtsPart {
  /** `pending`: promised. `complete`: it names the Bitcoin block whose header it is to be held against. */
  state: 'pending' | 'complete';
  checkpoint: number;
  /** Heights. */
  blocks: number[];
  /** Addresses of those who promised, as far as the proof still says so. */
  calendars: string[];
}

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
