/**
 * Recreates the catalog from the vault: the log, submissions, then what each manifest says,
 * then the watches. Captures that were not closed are opened again and captured anew.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UsageError } from '../../base/errors.ts';
import { emptyInbox } from '../../catalog/alerts.ts';
import { insertAliases } from '../../catalog/aliases.ts';
import { insertArtifacts } from '../../catalog/artifacts.ts';
import { closeCapture } from '../../catalog/captures.ts';
import { type Queryable, withinTransaction } from '../../catalog/database.ts';
import { insertEvents } from '../../catalog/events.ts';
import { keepSearchable } from '../../catalog/keep-searchable.ts';
import { createCatalog, dropCatalog } from '../../catalog/migrate.ts';
import { insertObservations } from '../../catalog/observations.ts';
import { insertPages } from '../../catalog/pages.ts';
import { insertPost } from '../../catalog/posts.ts';
import { catalogIsEmpty, restoreAttempts } from '../../catalog/restore.ts';
import { insertTexts } from '../../catalog/texts.ts';
import { removeScope, removeWatch, upsertWatch, watchOf } from '../../catalog/watches.ts';
import type { Post } from '../../platforms/platform.ts';
import { readManifest } from '../../seal/manifest.ts';
import { nextDue, type WatchPlan } from '../../watch/plan.ts';
import { restoreDecisions } from '../copies/clusters.ts';
import { reindex } from '../copies/fingerprint-media.ts';
import { restoreMarks } from '../copies/graphic.ts';
import { type NewSubmission, submissionFrom } from '../intake/submission-record.ts';
import { writeSubmissions } from '../intake/write-submissions.ts';
import { type Parts, timeNow } from '../parts.ts';
import { naming, readRecord, unreadable } from '../vault-records.ts';
import { replaceKey } from '../watching/watch.ts';
import { refuseWhileWorking } from './no-workers.ts';
import { pagesOfManifest } from './pages-of-manifest.ts';
import { restoreChecks } from './restore-checks.ts';
import { restoreDerivations } from './restore-derivations.ts';
import { restoreEvents } from './restore-events.ts';
import { restoreLog } from './restore-log.ts';
import { restoreUnlogged } from './restore-unlogged.ts';
import { textsOfManifest } from './texts-of-manifest.ts';

export interface Rebuilt {
  submissions: number;
  captures: number;
  watches: number;
  logEntries: number;
}

const watchChange = z.discriminatedUnion('change', [
  z.object({
    change: z.literal('watch'),
    sourceKey: z.string(),
    link: z.string(),
    everyMs: z.number().nullable(),
    cron: z.string().nullable(),
    timeZone: z.string().nullable(),
    // Absent in records of before there were adaptive plans.
    adaptive: z.boolean().default(false),
    captures: z.enum(['always', 'changed']).default('always'),
    state: z.enum(['active', 'paused', 'ended']).default('active'),
    endedReason: z.string().nullable().default(null),
    quiet: z
      .object({ from: z.number(), to: z.number(), timeZone: z.string() })
      .nullable()
      .default(null),
    endsAt: z.coerce.date().nullable().default(null),
    untilGone: z.boolean().default(false),
    scope: z.string().nullable().default(null),
    bornAt: z.coerce.date().nullable().default(null),
    hotUntil: z.coerce.date().nullable().default(null),
    caseName: z.string().nullable(),
    tags: z.array(z.string()),
    note: z.string().nullable(),
    nextDueAt: z.coerce.date(),
    lastSweptAt: z.coerce.date().nullable(),
    createdBy: z.string(),
    createdAt: z.coerce.date(),
  }),
  z.object({ change: z.literal('unwatch'), sourceKey: z.string() }),
  z.object({ change: z.literal('move'), sourceKey: z.string(), to: z.string() }),
]);

/**
 * The catalog from the vault, and what is searched in it.
 * @throws UsageError `catalog-not-empty`, IntegrityError when a record can't be read
 */
export async function rebuildCatalog(parts: Parts, signal?: AbortSignal): Promise<Rebuilt> {
  const rebuilt = await recreateRows(parts, signal);
  await keepSearchable(parts.database, { wait: true, signal });
  return rebuilt;
}

/** One transaction: the rows are recreated whole or not at all. */
async function recreateRows(parts: Parts, signal?: AbortSignal): Promise<Rebuilt> {
  if (!(await catalogIsEmpty(parts.database))) {
    throw new UsageError('catalog-not-empty', 'the catalog is not empty: use --drop to replace it');
  }
  const rebuilt = await parts.database.transaction(async (tx) => {
    const rebuilt: Rebuilt = { submissions: 0, captures: 0, watches: 0, logEntries: 0 };
    rebuilt.logEntries = await restoreLog(parts, tx, signal);
    rebuilt.submissions = await restoreSubmissions(parts, tx, signal);
    for await (const { name, bytes } of parts.vault.records('manifests')) {
      signal?.throwIfAborted();
      await naming(`manifests/${name}`, () => restoreCapture(parts, tx, name, bytes));
      rebuilt.captures += 1;
    }
    await restoreDerivations(parts, tx, signal);
    await restoreEvents(parts, tx, signal);
    await restoreChecks(parts, tx, signal);
    for (const { name, bytes } of await inOrder(parts, 'watch-plans', signal)) {
      const place = `watch-plans/${name}`;
      const change = readRecord(place, watchChange, bytes);
      rebuilt.watches += await naming(place, () => replay(tx, change, timeNow(parts)));
    }
    await restoreDecisions(parts, tx);
    await restoreMarks(parts, tx);
    await restoreUnlogged(parts, tx, signal);
    await emptyInbox(tx);
    return rebuilt;
  });
  // Derived, and a picture that can't be decoded is no reason to undo the rest.
  await reindex(parts, signal);
  return rebuilt;
}

/**
 * Drops the catalog and makes it anew, in one transaction: whatever stops this, the catalog
 * that was there is there again, and nobody ever sees half of the new one.
 * @throws StateError `workers-running`, IntegrityError when a record can't be read, or the
 *   catalog can't take it
 */
export async function replaceCatalog(parts: Parts, signal?: AbortSignal): Promise<Rebuilt> {
  return parts.database.transaction(async (tx) => {
    const database = withinTransaction(tx, parts.database.schema);
    await refuseWhileWorking(database);
    await dropCatalog(database);
    await createCatalog(database);
    return rebuildCatalog({ ...parts, database }, signal);
  });
}

async function restoreSubmissions(
  parts: Parts,
  tx: Queryable,
  signal?: AbortSignal,
): Promise<number> {
  const batches = (await inOrder(parts, 'submissions', signal)).map(({ name, bytes }) => {
    const place = `submissions/${name}`;
    const rows = linesOf(place, bytes).map((line) => submissionFrom(place, line));
    return { place, rows };
  });
  // Captures that somebody else was led to as well.
  const shared = new Set(
    batches.flatMap(({ rows }) =>
      rows.flatMap(({ opensCapture, captureId }) => (opensCapture ? [] : captureId)),
    ),
  );
  let restored = 0;
  for (const { place, rows } of batches) {
    signal?.throwIfAborted();
    const [first] = rows;
    if (first && !shared.has(first.captureId) && (await comesBackByItself(parts, first))) continue;
    await naming(place, () => writeSubmissions(tx, rows, parts.home.environment));
    restored += rows.length;
  }
  await refuseWithoutCapture(tx);
  return restored;
}

/** Else PostgreSQL says so at the very end, and not of which record. */
async function refuseWithoutCapture(tx: Queryable): Promise<void> {
  const { rows } = await tx.query<{ batch: string }>(
    `select batch_id as batch from submissions where capture_id is not null
       and not exists (select from captures where captures.id = capture_id) limit 1`,
  );
  const [lost] = rows;
  if (lost === undefined) return;
  throw unreadable(`submissions/${lost.batch}.jsonl`, new Error('no submission opens its capture'));
}

/**
 * A capture that a watch asked for and that was never closed: its batch may be of a sweep
 * that was rolled back, and where it wasn't, the watch is due again anyway.
 */
async function comesBackByItself(
  parts: Pick<Parts, 'vault'>,
  { origin, captureId }: NewSubmission,
): Promise<boolean> {
  if (origin !== 'watch' || captureId === null) return false;
  return (await parts.vault.readRecord('manifests', captureId)) === null;
}

/** Names are UUIDv7, so the order of names is the order in which they were written. */
async function inOrder(
  parts: Pick<Parts, 'vault'>,
  kind: 'submissions' | 'watch-plans',
  signal?: AbortSignal,
) {
  const records: { name: string; bytes: Buffer }[] = [];
  for await (const record of parts.vault.records(kind)) {
    signal?.throwIfAborted();
    records.push(record);
  }
  return records.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function restoreCapture(
  parts: Parts,
  tx: Queryable,
  captureId: string,
  bytes: Buffer,
): Promise<void> {
  const manifest = readManifest(bytes);
  if (manifest.captureId !== captureId)
    throw new TypeError(`it is of the capture ${manifest.captureId}`);
  await restoreAttempts(
    tx,
    manifest.steps.map(({ name, startedAt, finishedAt, ...attempt }) => ({
      ...attempt,
      captureId,
      step: name,
      startedAt: new Date(startedAt),
      finishedAt: new Date(finishedAt),
    })),
  );
  for (const { step, storedAt, ...artifact } of manifest.artifacts) {
    await insertArtifacts(tx, captureId, step, [{ ...artifact, storedAt: new Date(storedAt) }]);
  }
  await insertObservations(
    tx,
    captureId,
    manifest.observations.map(({ source, status, observedAt, ...made }) => ({
      ...made,
      sourceKey: source,
      httpStatus: status,
      observedAt: new Date(observedAt),
    })),
  );
  if (manifest.post !== null) await insertPost(tx, captureId, manifest.post as unknown as Post);
  await insertPages(tx, captureId, await pagesOfManifest(parts, manifest));
  await insertTexts(tx, captureId, await textsOfManifest(parts, manifest));
  await insertAliases(
    tx,
    captureId,
    manifest.aliases.map((alias) => ({ ...alias, seenAt: new Date(alias.seenAt) })),
  );
  await insertEvents(
    tx,
    captureId,
    manifest.events.map(({ source, at, ...event }) => ({
      ...event,
      sourceKey: source,
      at: new Date(at),
    })),
  );
  await closeCapture(tx, {
    captureId,
    sourceKey: manifest.source,
    state: manifest.state,
    manifestSha256: createHash('sha256').update(bytes).digest('hex'),
    startedAt: new Date(manifest.startedAt),
    finishedAt: new Date(manifest.finishedAt),
  });
}

async function replay(
  tx: Queryable,
  change: z.infer<typeof watchChange>,
  now: Date,
): Promise<number> {
  if (change.change === 'unwatch') {
    await removeScope(tx, change.sourceKey);
    return (await removeWatch(tx, change.sourceKey)) ? -1 : 0;
  }
  if (change.change === 'move') {
    const watch = await watchOf(tx, change.sourceKey);
    if (watch === null) return 0;
    const both = (await watchOf(tx, change.to)) !== null;
    await replaceKey(tx, watch, change.to);
    return both ? -1 : 0;
  }
  const { change: _, ...row } = change;
  // Times that went by while the catalog was gone are made up for once.
  const nextDueAt =
    row.nextDueAt > now ? row.nextDueAt : nextDue(row as WatchPlan, row.nextDueAt, now);
  return (await upsertWatch(tx, { ...row, nextDueAt })) ? 1 : 0;
}

function linesOf(place: string, bytes: Buffer): string[] {
  const lines = bytes.toString('utf8').split('\n').filter(Boolean);
  if (lines.length === 0) throw unreadable(place, new Error('it is empty'));
  return lines;
}
