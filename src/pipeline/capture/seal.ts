/**
 * Last stage: read every stored byte back, write the manifest, close the capture, and enter
 * it in the log. Manifest and entry go to the vault before their rows, under names of their
 * own, once: a stage that is run again finds them there and ends with the same bytes.
 */
import { createHash } from 'node:crypto';
import { IntegrityError, NotFoundError } from '../../base/errors.ts';
import { aliasesFrom } from '../../catalog/aliases.ts';
import { type ArtifactRow, artifactsOf } from '../../catalog/artifacts.ts';
import { captureById, closeCapture, lockCapture, outcomeOf } from '../../catalog/captures.ts';
import type { Queryable } from '../../catalog/database.ts';
import { eventsOf } from '../../catalog/events.ts';
import { entryOfManifest, unloggedCaptures } from '../../catalog/log-entries.ts';
import { observationsOf } from '../../catalog/observations.ts';
import { pagesOf } from '../../catalog/pages.ts';
import { postOf } from '../../catalog/posts.ts';
import { attemptsOf } from '../../catalog/steps.ts';
import { submissionById } from '../../catalog/submissions.ts';
import { appendEntry, takeLog } from '../../seal/log.ts';
import {
  type Manifest,
  readManifest,
  type SealedField,
  writeManifest,
} from '../../seal/manifest.ts';
import { pseudonymFor } from '../../seal/pseudonyms.ts';
import { digestOfLargeWarc } from '../../warc/large-warc.ts';
import { conditionsOf, worstConditions } from '../conditions.ts';
import { checkpointIfDue, logStore } from '../custody/checkpoint.ts';
import { largePartsOf } from '../export/wacz.ts';
import type { Parts, StageRun } from '../parts.ts';
import { hasPlan, planOf } from '../plan-file.ts';
import { captureState, lacksSomething } from '../state.ts';
import { noteRemovals } from './removed-files.ts';
import { type SealFacts, sealFacts } from './seal-facts.ts';

export async function sealCapture(parts: Parts, run: StageRun): Promise<void> {
  for (;;) {
    const artifacts = await artifactsOf(parts.database, run.captureId);
    const gone = await noteRemovals(parts, run.captureId, artifacts);
    const there = artifacts.filter(({ sha256 }) => !gone.has(sha256));
    const sha512 = await readBack(parts, there, run.signal);
    await parts.tools(); // asks the database, which must not happen inside the transaction
    const largeWarc = gone.size > 0 ? null : await digestOfLarge(parts, artifacts, run.signal);
    const draft = { ...(await factsFor(parts, run.captureId)), sha512, largeWarc };
    if (await close(parts, run.captureId, draft, artifacts.length)) break;
    run.signal.throwIfAborted();
  }
  // The capture is closed: what keeps a checkpoint from being made is the sweep's to report.
  await checkpointIfDue(parts).catch((error: unknown) => {
    parts.log.error({ err: error }, 'no checkpoint could be made');
  });
}

/** Of what no file holds as a whole, so that every later export can be held against it. */
async function digestOfLarge(
  parts: Parts,
  artifacts: ArtifactRow[],
  signal: AbortSignal,
): Promise<Manifest['largeWarc']> {
  const found = await largePartsOf(parts, { artifacts });
  if (found.size === 0) return null;
  return digestOfLargeWarc([...found.values()], async (sha256, onChunk) => {
    if ((await parts.vault.rehash(sha256, signal, onChunk)) === null)
      throw new NotFoundError('object-missing', `the vault has no object ${sha256}`);
  });
}

/** Whether it is closed now; not when files came in after the reading back. */
async function close(
  parts: Parts,
  captureId: string,
  facts: SealFacts,
  readBackCount: number,
): Promise<boolean> {
  const { database, vault, log } = parts;
  return database.transaction(async (tx) => {
    await lockCapture(tx, captureId);
    if ((await outcomeOf(tx, captureId)) !== null) return true;
    const artifacts = await artifactsOf(tx, captureId);
    if (artifacts.length !== readBackCount) return false;
    const kept = await vault.readRecord('manifests', captureId);
    const manifest =
      kept === null
        ? { ...(await describeCapture(parts, captureId, artifacts, tx)), ...facts }
        : readManifest(kept);
    const written = kept === null ? writeManifest(manifest) : { bytes: kept, sha256: sha256(kept) };
    await vault.keepRecord('manifests', captureId, written.bytes);
    await enter(parts, tx, manifest, written.sha256, facts);
    await closeCapture(tx, {
      captureId,
      sourceKey: manifest.source,
      state: manifest.state,
      manifestSha256: written.sha256,
      startedAt: new Date(manifest.startedAt),
      finishedAt: new Date(manifest.finishedAt),
    });
    log.info({ captureId, state: manifest.state, source: manifest.source }, 'capture closed');
    return true;
  });
}

/** The entry of a capture, once: it may lie in the vault already, left by a process that was killed. */
async function enter(
  parts: Parts,
  tx: Queryable,
  manifest: Manifest,
  manifestSha256: string,
  ids: { collector?: { id: string } | undefined; case?: { id: string } | undefined },
): Promise<void> {
  const store = logStore(parts);
  await takeLog(tx, store);
  if ((await entryOfManifest(tx, manifestSha256)) !== null) return;
  const actor = manifest.collector?.id ?? ids.collector?.id;
  const caseId = manifest.case?.id ?? ids.case?.id;
  if (actor === undefined || caseId === undefined) throw new TypeError('a capture has a collector');
  await appendEntry(tx, store, { type: 'capture', actor, case: caseId, manifestSha256 });
}

/**
 * Enters closed captures that the log lacks: those from before there was one, and those
 * that a rebuild closed from their manifests. @returns how many
 */
export async function enterUnlogged(parts: Parts, signal: AbortSignal): Promise<number> {
  const ids = await unloggedCaptures(parts.database, 500);
  let entered = 0;
  for (const captureId of ids) {
    signal.throwIfAborted();
    const bytes = await parts.vault.readRecord('manifests', captureId);
    if (bytes === null) continue; // `verify` says so
    const manifest = readManifest(bytes);
    const { by, case: caseName } = manifest.submission;
    const ids = {
      collector: { id: await pseudonymFor(parts, 'actor', by) },
      case: { id: await pseudonymFor(parts, 'case', caseName ?? '') },
    };
    await parts.database.transaction((tx) => enter(parts, tx, manifest, sha256(bytes), ids));
    entered += 1;
  }
  return entered;
}

/**
 * Hashes everything again. @returns SHA-512 of what came from outside, by SHA-256
 * @throws IntegrityError when a stored byte is not what it was: such a capture is not closed
 */
async function readBack(
  parts: Parts,
  artifacts: ArtifactRow[],
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const sizes = new Map(artifacts.map((artifact) => [artifact.sha256, artifact]));
  const sha512: Record<string, string> = {};
  for (const [sha256, { sizeBytes }] of sizes) {
    const original = artifacts.some((one) => one.sha256 === sha256 && one.derivedFrom === null);
    const second = original ? createHash('sha512') : null;
    const found = await parts.vault.rehash(sha256, signal, (chunk) => second?.update(chunk));
    if (found?.sha256 === sha256 && found.sizeBytes === sizeBytes) {
      if (second !== null) sha512[sha256] = second.digest('hex');
      continue;
    }
    const what = found === null ? 'is missing from the vault' : `now hashes to ${found.sha256}`;
    throw new IntegrityError('stored-bytes-differ', `object ${sha256} ${what}`);
  }
  return sha512;
}

async function factsFor(parts: Parts, captureId: string): Promise<SealFacts> {
  const { capture, submission, source } = await subjectOf(parts, captureId, parts.database);
  const attempts = await attemptsOf(parts.database, captureId);
  return sealFacts(parts, {
    captureId,
    source,
    openedAt: capture.openedAt,
    startedAt: startOf(attempts),
    submission: {
      by: submission.submittedBy,
      case: submission.caseName,
      reason: submission.reason,
      origin: submission.origin,
    },
  });
}

async function subjectOf(parts: Parts, captureId: string, database: Queryable) {
  const capture = await captureById(database, captureId);
  if (capture === null) throw new NotFoundError('no-capture', `no capture ${captureId}`);
  const submission = await submissionById(database, capture.submissionId);
  if (submission === null)
    throw new NotFoundError('no-submission', `capture ${captureId} has no submission`);
  const plan = await planIfKept(parts, captureId, database);
  return { capture, submission, plan, source: plan?.source ?? capture.sourceKey };
}

/** A plan may have been removed by order; that one was missing is noticed before anything is sealed. */
async function planIfKept(parts: Parts, captureId: string, database: Queryable) {
  if (!(await hasPlan(parts, captureId, database))) return null;
  return planOf(parts, captureId, database).catch((error: unknown) => {
    if (error instanceof NotFoundError && error.code === 'object-missing') return null;
    throw error;
  });
}

function startOf(attempts: { startedAt: Date }[]): Date {
  return new Date(Math.min(...attempts.map(({ startedAt }) => startedAt.getTime()), Date.now()));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What the catalog says of a capture, in the form of a manifest. */
export async function describeCapture(
  parts: Parts,
  captureId: string,
  artifacts: ArtifactRow[],
  database: Queryable = parts.database,
): Promise<Omit<Manifest, SealedField>> {
  const { capture, submission, plan, source } = await subjectOf(parts, captureId, database);
  const attempts = await attemptsOf(database, captureId);
  const finals = attempts.filter((attempt) => attempt.final);
  return {
    schema: 'holdfast.manifest/1',
    captureId,
    environment: capture.environment,
    state: captureState(
      plan?.steps ?? [{ name: 'record', required: true }],
      finals.map(({ step, state, detail }) => ({
        name: step,
        state,
        lacking: lacksSomething(detail),
      })),
    ),
    link: submission.link,
    source,
    requestedSource: capture.sourceKey,
    submission: {
      id: submission.id,
      case: submission.caseName,
      tags: submission.tags,
      note: submission.note,
      by: submission.submittedBy,
      reason: submission.reason,
      origin: submission.origin,
      facts: submission.facts,
      at: submission.submittedAt.toISOString(),
    },
    openedAt: capture.openedAt.toISOString(),
    startedAt: startOf(attempts).toISOString(),
    finishedAt: new Date().toISOString(),
    aliases: (await aliasesFrom(database, captureId)).map(
      ({ aliasKey, sourceKey, hops, seenAt }) => ({
        aliasKey,
        sourceKey,
        hops,
        seenAt: seenAt.toISOString(),
      }),
    ),
    steps: attempts.map(({ step, startedAt, finishedAt, ...rest }) => ({
      name: step,
      attempt: rest.attempt,
      required: rest.required,
      state: rest.state,
      final: rest.final,
      reason: rest.reason,
      detail: rest.detail,
      startedAt: startedAt.toISOString(),
      finishedAt: finishedAt.toISOString(),
    })),
    post: asJson(await postOf(database, captureId)),
    pages: (await pagesOf(database, captureId)).map(({ view, finalUrl, httpStatus, title }) => ({
      view,
      finalUrl,
      httpStatus,
      title,
      textSha256: artifacts.find(({ name }) => name === `${view}/text.txt`)?.sha256 ?? null,
    })),
    observations: (await observationsOf(database, captureId)).map((made) => ({
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
    })),
    events: (await eventsOf(database, captureId)).map(({ id, kind, sourceKey, detail, at }) => ({
      id,
      kind,
      source: sourceKey,
      detail,
      at: at.toISOString(),
    })),
    artifacts: artifacts.map(({ storedAt, ...rest }) => ({
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
    })),
    conditions: worstConditions(
      conditionsOf(parts),
      attempts.map(({ detail }) => detail.conditions as Record<string, unknown>).filter(Boolean),
    ),
    tools: await parts.tools(),
  };
}

function asJson(value: object | null | undefined): Record<string, unknown> | null {
  return value == null ? null : JSON.parse(JSON.stringify(value));
}
