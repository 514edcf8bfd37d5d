/**
 * Last stage: read every stored byte back, write the manifest, close the capture.
 * The manifest goes to the vault before its row, under the id of the capture, once: a
 * stage that is run again finds it there and closes the capture with the same bytes.
 */
import { aliasesFrom } from '../catalog/aliases.ts';
import { type ArtifactRow, artifactsOf } from '../catalog/artifacts.ts';
import { captureById, closeCapture, lockCapture, outcomeOf } from '../catalog/captures.ts';
import type { Queryable } from '../catalog/database.ts';
import { eventsOf } from '../catalog/events.ts';
import { observationsOf } from '../catalog/observations.ts';
import { pagesOf } from '../catalog/pages.ts';
import { postOf } from '../catalog/posts.ts';
import { attemptsOf } from '../catalog/steps.ts';
import { submissionById } from '../catalog/submissions.ts';
import { IntegrityError, NotFoundError } from '../errors.ts';
import { type Manifest, readManifest, writeManifest } from '../seal/manifest.ts';
import { conditionsOf, worstConditions } from './conditions.ts';
import type { Parts, StageRun } from './parts.ts';
import { hasPlan, planOf } from './plan-file.ts';
import { captureState } from './state.ts';

export async function sealCapture(parts: Parts, run: StageRun): Promise<void> {
  for (;;) {
    const artifacts = await artifactsOf(parts.database, run.captureId);
    await readBack(parts, artifacts, run.signal);
    if (await close(parts, run.captureId, artifacts.length)) return;
    run.signal.throwIfAborted();
  }
}

/** Whether it is closed now; not when files came in after the reading back. */
async function close(parts: Parts, captureId: string, readBackCount: number): Promise<boolean> {
  const { database, vault, log } = parts;
  return database.transaction(async (tx) => {
    await lockCapture(tx, captureId);
    if ((await outcomeOf(tx, captureId)) !== null) return true;
    const artifacts = await artifactsOf(tx, captureId);
    if (artifacts.length !== readBackCount) return false;
    const kept = await vault.readRecord('manifests', captureId);
    const manifest =
      kept === null ? await describeCapture(parts, captureId, artifacts, tx) : readManifest(kept);
    const { bytes, sha256 } = writeManifest(manifest);
    await vault.keepRecord('manifests', captureId, bytes);
    await closeCapture(tx, {
      captureId,
      sourceKey: manifest.source,
      state: manifest.state,
      manifestSha256: sha256,
      startedAt: new Date(manifest.startedAt),
      finishedAt: new Date(manifest.finishedAt),
    });
    log.info({ captureId, state: manifest.state, source: manifest.source }, 'capture closed');
    return true;
  });
}

/** @throws IntegrityError when a stored byte is not what it was: such a capture is not closed */
async function readBack(
  parts: Parts,
  artifacts: ArtifactRow[],
  signal: AbortSignal,
): Promise<void> {
  const sizes = new Map(artifacts.map(({ sha256, sizeBytes }) => [sha256, sizeBytes]));
  for (const [sha256, sizeBytes] of sizes) {
    const found = await parts.vault.rehash(sha256, signal);
    if (found?.sha256 === sha256 && found.sizeBytes === sizeBytes) continue;
    const what = found === null ? 'is missing from the vault' : `now hashes to ${found.sha256}`;
    throw new IntegrityError('stored-bytes-differ', `object ${sha256} ${what}`);
  }
}

/** What the catalog says of a capture, in the form of a manifest. */
export async function describeCapture(
  parts: Parts,
  captureId: string,
  artifacts: ArtifactRow[],
  database: Queryable = parts.database,
): Promise<Manifest> {
  const capture = await captureById(database, captureId);
  if (capture === null) throw new NotFoundError('no-capture', `no capture ${captureId}`);
  const submission = await submissionById(database, capture.submissionId);
  if (submission === null)
    throw new NotFoundError('no-submission', `capture ${captureId} has no submission`);
  const plan = (await hasPlan(parts, captureId)) ? await planOf(parts, captureId) : null;
  const attempts = await attemptsOf(database, captureId);
  const finals = attempts.filter((attempt) => attempt.final);
  const started = attempts.map((attempt) => attempt.startedAt.getTime());
  return {
    schema: 'holdfast.manifest/1',
    captureId,
    environment: capture.environment,
    state: captureState(
      plan?.steps ?? [{ name: 'record', required: true }],
      finals.map(({ step, state }) => ({ name: step, state })),
    ),
    link: submission.link,
    source: plan?.source ?? capture.sourceKey,
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
    startedAt: new Date(Math.min(...started, Date.now())).toISOString(),
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
