/** The capture record (`holdfast.capture/1`): everything that is shown of one capture. */

import { z } from 'zod';
import { plural } from '../base/plural.ts';
import { toolsInWords } from '../base/tools-in-words.ts';
import type {
  CaptureRecord,
  CaptureState,
  DerivationPart,
  Environment,
  FilingPart,
  RemovedPart,
  SealPart,
  SubmissionPart,
  ViewPart,
} from '../model/capture-record.ts';
import { derivationKinds } from '../model/derivation.ts';
import { casesOfSource } from './cases.ts';
import { checkpointCovering, cosignaturesCovering, timestampsCovering } from './checkpoints.ts';
import type { Queryable } from './database.ts';
import { newestOf } from './derivations.ts';
import { eventsOf } from './events.ts';
import { filingsOf, tagsOf } from './filings.ts';
import { type HeldFile, heldFiles, subjectsOf } from './held-files.ts';
import { entriesNaming, entryOfManifest } from './log-entries.ts';
import { type CapturedPage, pageAnswersOf } from './pages.ts';
import { postOf } from './posts.ts';
import { type RemovalRow, takenByOrder } from './removals.ts';
import { type SourceNow, sourcesNow } from './source-now.ts';
import { type StepSummary, stepsOf } from './steps.ts';
import { type SubmissionRow, submissionById, submissionsOfSource } from './submissions.ts';

const mostSubmissions = 500;

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
  const files = await heldFiles(db, captureId);
  const digests = files.map(({ sha256 }) => sha256);
  const taken = await takenByOrder(db, digests);
  const now = (await sourcesNow(db, [capture.source])).get(capture.source);
  const views = viewParts(steps, await pageAnswersOf(db, captureId));
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
    cases: await casesOfSource(db, capture.source),
    tags: await tagsOf(db, captureId, capture.source),
    submissions: (await submissionsOfSource(db, capture.source, mostSubmissions)).map(askedPart),
    filings: await filingParts(db, captureId, capture.source),
    sourceNow: sourceNowPart(now),
    warnings: [
      ...removalWarnings(digests, taken),
      ...answerWarnings(views),
      ...(await warningsOf(db, captureId)),
    ],
    steps: steps.map(stepPart),
    views,
    post: await postPart(db, captureId),
    artifacts: files.map((file) => artifactPart(file, taken.get(file.sha256))),
    derivations: await derivationParts(db, captureId),
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

function askedPart(submission: SubmissionRow): SubmissionPart {
  const { link, captureId } = submission;
  return { ...submissionPart(submission), link, capture: captureId ?? '' };
}

/** What is about the source, or about this capture of it. */
async function filingParts(
  db: Queryable,
  captureId: string,
  source: string,
): Promise<FilingPart[]> {
  const filings = await filingsOf(db, source);
  return filings
    .filter((one) => one.captureId === null || one.captureId === captureId)
    .map(({ kind, change, value, caseName, by, at, logIndex, captureId: own }) => ({
      ...{ kind, change, value, on: own === null ? 'source' : 'capture', case: caseName },
      ...{ by, at: at.toISOString(), logIndex },
    }));
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

const scrolled = z.object({
  of: z.string(),
  toPx: z.number(),
  ofPx: z.number(),
  screens: z.number(),
  ended: z.string(),
});

const acted = z.object({
  from: z.string(),
  outcomes: z.array(
    z.object({
      do: z.string(),
      target: z.string().nullable(),
      state: z.string(),
      reason: z.string().nullable(),
      startedAt: z.string().nullable(),
      tookMs: z.number(),
      times: z.number().optional(),
    }),
  ),
});

const view = z.object({
  view: z.string(),
  notes: z.array(z.object({ code: z.string(), message: z.string() })).catch([]),
  facts: z
    .object({
      settled: z.object({ scrolled }).nullable().catch(null),
      actions: acted.nullable().catch(null),
      notKept: z.array(z.object({ url: z.string(), reason: z.string() })).catch([]),
    })
    .nullable()
    .catch(null),
});

/** Of page steps, whichever version made them. */
function viewParts(
  steps: StepSummary[],
  pages: Pick<CapturedPage, 'view' | 'finalUrl' | 'httpStatus'>[],
): ViewPart[] {
  const told = steps.flatMap(({ detail }) => z.array(view).safeParse(detail.views).data ?? []);
  return told.map(({ view: name, notes, facts }) => {
    const page = pages.find((one) => one.view === name);
    return {
      ...{ name, finalUrl: page?.finalUrl ?? null, httpStatus: page?.httpStatus ?? null },
      scrolled: facts?.settled?.scrolled ?? null,
      notes,
      notKept: facts?.notKept ?? [],
      actions: facts?.actions ?? null,
    };
  });
}

/** An error page is kept like any other, and looks no less complete. */
function answerWarnings(views: ViewPart[]): string[] {
  return views.flatMap(({ name, httpStatus }) =>
    name === 'page' && httpStatus !== null && httpStatus >= 400
      ? [`the server answered HTTP ${httpStatus}: what was captured may be its error page`]
      : [],
  );
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

function artifactPart(
  file: HeldFile,
  order: RemovalRow | undefined,
): CaptureRecord['artifacts'][number] {
  const { role, name, mediaType, sizeBytes, sha256, derivedFrom, media, pdq, derivation } = file;
  const kept = { role, name, mediaType, sizeBytes, sha256, derivedFrom, media, pdq };
  return {
    ...kept,
    ...(derivation !== null && { derivation }),
    ...(order !== undefined && { removed: removedPart(order) }),
  };
}

function removedPart({ authority, reference, at }: RemovalRow): RemovedPart {
  return { authority, reference, at: at.toISOString() };
}

/** What is gone must not look kept; an order may be over one file or over all. */
function removalWarnings(digests: string[], taken: Map<string, RemovalRow>): string[] {
  const orders = new Map([...taken.values()].map((order) => [order.id, order]));
  return [...orders.values()].map(({ id, authority, reference, at }) => {
    const gone = digests.filter((sha256) => taken.get(sha256)?.id === id);
    const when = at.toISOString().slice(0, 10);
    const are = gone.length === 1 ? 'is' : 'are';
    return `${gone.length} of ${plural(digests.length, 'file')} ${are} no longer kept: removed by order on ${when} (${authority}, ${reference})`;
  });
}

/** What was made, in the order of kinds; what a job has yet to make is added by whoever knows the settings. */
async function derivationParts(db: Queryable, captureId: string): Promise<DerivationPart[]> {
  const subjects = await subjectsOf(db, captureId);
  const rows = await newestOf(db, [...subjects.keys()]);
  const entries = await entriesNaming(
    db,
    rows.map(({ recordSha256 }) => recordSha256),
  );
  return rows
    .toSorted((a, b) => derivationKinds.indexOf(a.kind) - derivationKinds.indexOf(b.kind))
    .map(({ id, kind, state, reason, inputs, tools, recordSha256, finishedAt }) => ({
      ...{ id, kind, state, reason, inputs },
      tool: toolsInWords(tools),
      sha256: recordSha256,
      logIndex: entries.get(recordSha256) ?? null,
      finishedAt: finishedAt.toISOString(),
    }));
}

function iso(time: Date | null | undefined): string | null {
  return time?.toISOString() ?? null;
}
