/** What the catalog says of a capture, in the form of a manifest. */
import { NotFoundError } from '../../base/errors.ts';
import { aliasesFrom } from '../../catalog/aliases.ts';
import type { ArtifactRow } from '../../catalog/artifacts.ts';
import { captureById } from '../../catalog/captures.ts';
import type { Queryable } from '../../catalog/database.ts';
import { type EventRow, eventsOf } from '../../catalog/events.ts';
import { type ObservationRow, observationsOf } from '../../catalog/observations.ts';
import { pagesOf } from '../../catalog/pages.ts';
import { postOf } from '../../catalog/posts.ts';
import { attemptsOf, type StepAttempt } from '../../catalog/steps.ts';
import { type SubmissionRow, submissionById } from '../../catalog/submissions.ts';
import type { PlannedStep } from '../../model/plan.ts';
import type { Manifest, SealedField } from '../../seal/manifest.ts';
import { conditionsOf, worstConditions } from '../conditions.ts';
import type { Parts } from '../parts.ts';
import { hasPlan, planOf } from '../plan-file.ts';
import { captureState, lacksSomething } from '../state.ts';

/** Everything but what only the sealing itself knows. @throws NotFoundError `no-capture`, `no-submission` */
export async function describeCapture(
  parts: Parts,
  captureId: string,
  artifacts: ArtifactRow[],
  database: Queryable = parts.database,
): Promise<Omit<Manifest, SealedField>> {
  const { capture, submission, plan, source } = await subjectOf(parts, captureId, database);
  const attempts = await attemptsOf(database, captureId);
  return {
    schema: 'holdfast.manifest/1',
    captureId,
    environment: capture.environment,
    state: stateFrom(plan?.steps ?? [{ name: 'record', required: true }], attempts),
    link: submission.link,
    source,
    requestedSource: capture.sourceKey,
    submission: described(submission),
    openedAt: capture.openedAt.toISOString(),
    startedAt: startOf(attempts).toISOString(),
    finishedAt: new Date().toISOString(),
    aliases: await aliasesOf(database, captureId),
    steps: attempts.map(describedAttempt),
    post: asJson(await postOf(database, captureId)),
    pages: await pagesIn(database, captureId, artifacts),
    observations: (await observationsOf(database, captureId)).map(describedObservation),
    events: (await eventsOf(database, captureId)).map(describedEvent),
    artifacts: artifacts.map(describedArtifact),
    conditions: worstConditions(
      conditionsOf(parts),
      attempts.map(({ detail }) => detail.conditions as Record<string, unknown>).filter(Boolean),
    ),
    tools: await parts.tools(),
  };
}

/** The capture, who asked for it, and its plan, where there is one. @throws NotFoundError `no-capture`, `no-submission` */
export async function subjectOf(
  parts: Pick<Parts, 'vault' | 'database'>,
  captureId: string,
  database: Queryable,
) {
  const capture = await captureById(database, captureId);
  if (capture === null) throw new NotFoundError('no-capture', `no capture ${captureId}`);
  const submission = await submissionById(database, capture.submissionId);
  if (submission === null)
    throw new NotFoundError('no-submission', `capture ${captureId} has no submission`);
  const plan = await planIfKept(parts, captureId, database);
  const planned = plan?.source ?? capture.sourceKey;
  // A visit may have found that it leads to another.
  const aliases = await aliasesFrom(database, captureId);
  const source = aliases.find(({ aliasKey }) => aliasKey === planned)?.sourceKey ?? planned;
  return { capture, submission, plan, source };
}

/** A plan may have been removed by order; that one was missing is noticed before anything is sealed. */
async function planIfKept(
  parts: Pick<Parts, 'vault' | 'database'>,
  captureId: string,
  database: Queryable,
) {
  if (!(await hasPlan(parts, captureId, database))) return null;
  return planOf(parts, captureId, database).catch((error: unknown) => {
    if (error instanceof NotFoundError && error.code === 'object-missing') return null;
    throw error;
  });
}

export function startOf(attempts: { startedAt: Date }[]): Date {
  return new Date(Math.min(...attempts.map(({ startedAt }) => startedAt.getTime()), Date.now()));
}

function stateFrom(steps: PlannedStep[], attempts: StepAttempt[]) {
  const finals = attempts.filter((attempt) => attempt.final);
  // A step that found the thing itself in its hands is required from there on.
  const found = (step: string) => finals.some((end) => end.step === step && end.required);
  return captureState(
    steps.map((step) => ({ ...step, required: step.required || found(step.name) })),
    finals.map(({ step, state, detail }) => ({
      name: step,
      state,
      lacking: lacksSomething(detail),
    })),
  );
}

function described(submission: SubmissionRow): Manifest['submission'] {
  const { id, tags, note, reason, origin, facts } = submission;
  return {
    id,
    case: submission.caseName,
    tags,
    note,
    by: submission.submittedBy,
    reason,
    origin,
    facts,
    at: submission.submittedAt.toISOString(),
  };
}

async function aliasesOf(database: Queryable, captureId: string) {
  const aliases = await aliasesFrom(database, captureId);
  return aliases.map(({ aliasKey, sourceKey, hops, seenAt }) => ({
    aliasKey,
    sourceKey,
    hops,
    seenAt: seenAt.toISOString(),
  }));
}

function describedAttempt({ step, startedAt, finishedAt, ...rest }: StepAttempt) {
  return {
    name: step,
    attempt: rest.attempt,
    required: rest.required,
    state: rest.state,
    final: rest.final,
    reason: rest.reason,
    detail: rest.detail,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
  };
}

async function pagesIn(database: Queryable, captureId: string, artifacts: ArtifactRow[]) {
  const pages = await pagesOf(database, captureId);
  return pages.map(({ view, finalUrl, httpStatus, title }) => ({
    view,
    finalUrl,
    httpStatus,
    title,
    textSha256: artifacts.find(({ name }) => name === `${view}/text.txt`)?.sha256 ?? null,
  }));
}

function describedObservation(made: ObservationRow) {
  return {
    id: made.id,
    source: made.sourceKey,
    route: made.route,
    url: made.url,
    status: made.httpStatus,
    failure: made.failure,
    signal: made.signal,
    statement: made.statement,
    headers: made.headers,
    bodySha256: made.bodySha256,
    exitLabel: made.exitLabel,
    observedAt: made.observedAt.toISOString(),
    contentSha256: made.contentSha256 ?? null,
    counters: made.counters ?? null,
  };
}

function describedEvent({ id, kind, sourceKey, detail, at }: EventRow) {
  return { id, kind, source: sourceKey, detail, at: at.toISOString() };
}

function describedArtifact({ storedAt, ...rest }: ArtifactRow) {
  return {
    role: rest.role,
    name: rest.name,
    step: rest.step,
    mediaType: rest.mediaType,
    sizeBytes: rest.sizeBytes,
    sha256: rest.sha256,
    derivedFrom: rest.derivedFrom,
    media: asJson(rest.media),
    facts: rest.facts,
    storedAt: storedAt.toISOString(),
  };
}

function asJson(value: object | null | undefined): Record<string, unknown> | null {
  return value == null ? null : JSON.parse(JSON.stringify(value));
}
