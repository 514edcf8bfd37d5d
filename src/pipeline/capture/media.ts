/** Fetches the originals of a capture; each file gets its row as it lands, so that a restart goes on from there. */

import { ThrottledError, TransientError } from '../../base/errors.ts';
import { type ArtifactRow, artifactsOf } from '../../catalog/artifacts.ts';
import { type JournalEntry, journalEntries, journalled } from '../../egress/journal.ts';
import { type FetchedMedia, fetchMedia } from '../../media/fetch/fetch-media.ts';
import { openPictures, type Pictures } from '../../media/pictures/pictures.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { CapturePlan, FoundMedia, MediaRef } from '../../model/plan.ts';
import { mediaOf } from '../found-media.ts';
import type { Parts, StageRun } from '../parts.ts';
import { plannedStep, planOf, storeJson } from '../plan-file.ts';
import { type ReportProgress, reportProgress } from '../report-progress.ts';
import { runStep, type StepResult } from '../run-step.ts';
import { storeClientWarc } from './client-warc.ts';
import { landMedia } from './land-media.ts';
import { askOtherSites, extractedResources, type OtherSites, plays } from './other-sites.ts';

/** What was asked for one medium in one attempt, until the step writes its WARC. */
const journalFolder = 'media/exchanges/';

/** Beside the thing itself: kept when they can be had, missed without a word against the capture. */
const besides = new Set(['avatar', 'poster', 'quoted-avatar']);

export async function fetchAllMedia(parts: Parts, run: StageRun): Promise<void> {
  const plan = await planOf(parts, run.captureId);
  await runStep(parts, run, plannedStep(plan, 'media'), async () => {
    const verdict = await reportProgress(parts, run, 'media', (report) =>
      fetchAll(parts, run, plan, report),
    );
    const held = await artifactsOf(parts.database, run.captureId);
    return { ...verdict, artifacts: await warcOf(parts, run, held) };
  });
}

async function fetchAll(
  parts: Parts,
  run: StageRun,
  plan: CapturePlan,
  report: ReportProgress,
): Promise<StepResult> {
  const found = await mediaOf(parts, run.captureId, plan);
  const { media: refs, players } = found;
  const fetched: FetchedMedia[] = [];
  await using pictures = openPictures(run.signal);
  const deps = { ...parts, pictures };
  for (const ref of refs) {
    const landed = await alreadyLanded(parts, run.captureId, ref);
    fetched.push(landed ? landedBefore(ref) : await fetchOne(deps, run, found, ref, report));
  }
  await comeBackIfPassing(parts, refs, fetched, run);
  const elsewhere = await askOtherSites(parts, run, plan, { players, report });
  const missing = await playedUnkept(parts, run, found);
  return verdictOf(refs, fetched, elsewhere, missing);
}

/** Of everything that was asked for this capture's media, by attempts before this one too. */
async function warcOf(
  parts: Parts,
  { captureId, signal }: StageRun,
  held: ArtifactRow[],
): Promise<NewArtifact[]> {
  const entries: JournalEntry[] = [];
  for (const { sha256 } of held.filter(({ name }) => name.startsWith(journalFolder))) {
    const bytes = await parts.vault.read(sha256);
    entries.push(...journalEntries.parse(JSON.parse(bytes.toString('utf8'))));
  }
  const resources = await extractedResources(parts, held);
  return storeClientWarc(parts, { step: 'media', captureId }, entries, signal, resources);
}

async function fetchOne(
  parts: Parts & { pictures: Pictures },
  run: StageRun,
  found: FoundMedia,
  ref: MediaRef,
  report: ReportProgress,
): Promise<FetchedMedia> {
  await untilTurn(parts, found, ref, run.signal);
  const { client, entries } = journalled(parts.egress.client);
  const fetched = await fetchMedia(
    { client, vault: parts.vault, tools: parts.config.tools, pictures: parts.pictures },
    ref,
    {
      maxBytes: parts.config.limits.mediaMaxBytes,
      timeoutMs: parts.config.limits.mediaTimeoutMs,
      onProgress: report,
    },
    run.signal,
  ).catch((error: unknown) => tellPace(parts, error));
  const name = `${journalFolder}${ref.id}-${run.round}-${run.attempt}.json`;
  const journal = entries.length === 0 ? [] : [await storeJson(parts, 'exchanges', name, entries)];
  await landMedia(parts, run, [...fetched.artifacts, ...journal]);
  return fetched;
}

/** What the visit recorded is asked of nobody, and whoever has just served it need not be spared. */
async function untilTurn(
  { pace }: Pick<Parts, 'pace'>,
  { servedBy }: FoundMedia,
  { candidates: [first] }: MediaRef,
  signal: AbortSignal,
): Promise<void> {
  if (first === undefined || first.recorded !== undefined) return;
  const hasServed = servedBy.includes(new URL(first.url).hostname);
  await (hasServed ? pace.askAtOnce(first.url, signal) : pace.ask(first.url, signal));
}

/** That a host asked to wait holds for every capture. @throws what it is given */
async function tellPace({ pace }: Pick<Parts, 'pace'>, error: unknown): Promise<never> {
  if (error instanceof ThrottledError) await pace.pushBack(error.host, error.retryAfterMs);
  throw error;
}

/** What an attempt before this one fetched; its ladder is in the facts of its artifact. */
function landedBefore(ref: MediaRef): FetchedMedia {
  return {
    ref: ref.id,
    state: 'done',
    reason: null,
    artifacts: [],
    ladder: [],
    notes: [],
    transient: false,
  };
}

async function alreadyLanded(
  parts: Pick<Parts, 'database'>,
  captureId: string,
  ref: MediaRef,
): Promise<boolean> {
  const artifacts = await artifactsOf(parts.database, captureId);
  return artifacts.some(
    (artifact) =>
      ['media.original', 'media.joined', 'file.original'].includes(artifact.role) &&
      [`media/${ref.id}.`, `media/${ref.id}/`].some((start) => artifact.name.startsWith(start)),
  );
}

/** What landed stays; only what is missing, for a reason that may pass, is tried again. */
async function comeBackIfPassing(
  { egress }: Pick<Parts, 'egress'>,
  refs: MediaRef[],
  fetched: FetchedMedia[],
  run: StageRun,
): Promise<void> {
  const passing = fetched.find(({ state, transient }) => state === 'failed' && transient);
  if (passing === undefined) return;
  if (run.lastAttempt && !(await egress.wayOut.isGone())) return;
  const reason = passing.reason ?? 'unreachable';
  const url = refs.find(({ id }) => id === passing.ref)?.candidates[0]?.url ?? passing.ref;
  throw new TransientError(reason, `${url} could not be fetched now: ${reason}`);
}

/** How many played from memory in the page, where no file that plays is kept. */
async function playedUnkept(
  { database }: Pick<Parts, 'database'>,
  { captureId }: StageRun,
  { played }: FoundMedia,
): Promise<number> {
  if (played === 0) return 0;
  return (await artifactsOf(database, captureId)).some(plays) ? 0 : played;
}

function verdictOf(
  refs: MediaRef[],
  own: FetchedMedia[],
  elsewhere: OtherSites | null,
  playedUnkept: number,
): StepResult {
  const extracted = elsewhere?.fetched ?? null;
  const fetched = extracted === null ? own : [...own, extracted];
  // The file that was asked for is what the capture is about.
  const required = refs.some(({ belongsTo }) => belongsTo === 'link') ? { required: true } : {};
  const detail = {
    ...(playedUnkept > 0 && { playedUnkept }),
    media: fetched.map(({ ref, state, reason, ladder, notes }) => ({
      ref,
      state,
      reason,
      ladder,
      notes,
    })),
    ...(elsewhere !== null && {
      extractor: { outcome: elsewhere.outcome, words: elsewhere.words },
    }),
  };
  const wanted = new Set(refs.filter((ref) => !besides.has(ref.belongsTo)).map((ref) => ref.id));
  if (extracted !== null) wanted.add(extracted.ref);
  // Skipped for a reason, such as a live stream, is still not kept.
  const missed = fetched.filter((one) => wanted.has(one.ref) && one.state !== 'done');
  if (missed.length > 0)
    return { state: 'failed', reason: missed[0]?.reason ?? null, detail, ...required };
  if (playedUnkept > 0) return { state: 'failed', reason: 'played-from-memory', detail };
  if (wanted.size === 0 && elsewhere?.outcome !== 'kept')
    return { state: 'skipped', reason: 'no-media', detail };
  return { state: 'done', detail, ...required };
}
