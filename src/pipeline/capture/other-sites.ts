/** When the extractor (yt-dlp) is asked for the video of a page, and what the media step says of it. */

import { TransientError } from '../../base/errors.ts';
import { type ArtifactRow, artifactsOf } from '../../catalog/artifacts.ts';
import type { FetchedMedia } from '../../media/fetch/fetch-media.ts';
import { findExtractor } from '../../media/other-sites/extractor-program.ts';
import { type Extracted, extractedRef, extractMedia } from '../../media/other-sites/other-sites.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { CapturePlan } from '../../model/plan.ts';
import { fetchedByPage } from '../../visit/shown-media/page-media.ts';
import type { WarcResource } from '../../warc/part.ts';
import type { Parts, StageRun } from '../parts.ts';
import { storeJson } from '../plan-file.ts';
import type { ReportProgress } from '../report-progress.ts';
import { landMedia } from './land-media.ts';
import { resourcesOf } from './store-warc.ts';

export interface OtherSites {
  /** For the detail of the step: `kept`, `no-player`, `no-extractor`, or why there is nothing. */
  outcome: string;
  /** The extractor's last complaint. */
  words: string | null;
  /** Counts as one of the capture's media; null where nothing says that there is a video. */
  fetched: FetchedMedia | null;
}

export interface Asking {
  /** What in the pages speaks of a player; `null` where nobody could look. */
  players: string[] | null;
  report: ReportProgress;
}

/**
 * Asks where a page's own media gave nothing that plays although it speaks of a player; what
 * comes gets its rows at once. A post's media are known from its record, and a video that was
 * had needs no second way to it: both are left alone.
 * @returns null where there was nothing to ask for
 * @throws TransientError when the cause may pass and another attempt is due
 */
export async function askOtherSites(
  parts: Parts,
  run: StageRun,
  plan: CapturePlan,
  { players, report }: Asking,
): Promise<OtherSites | null> {
  const url = plan.pages[0]?.url;
  if (plan.shape !== 'page' || url === undefined) return null;
  const held = await artifactsOf(parts.database, run.captureId);
  if (held.some(({ name }) => name.startsWith(`media/${extractedRef}-`))) return without('kept');
  if (held.some(plays)) return null;
  const { ytdlp } = parts.config.tools;
  if (ytdlp === null) return without('switched-off');
  if (players?.length === 0) return without('no-player');
  const extractor = await findExtractor(ytdlp, run.signal);
  if (extractor === null) return without('no-extractor');
  await parts.pace.ask(url, run.signal);
  await using door = await parts.egress.openDoor();
  const extraCa = parts.egress.extraCa?.pem ?? null;
  const extracted = await extract(parts, run, { url, extractor, door, extraCa }, report);
  comeBackIfPassing(extracted, run, url);
  return reported(extracted);
}

function without(outcome: string): OtherSites {
  return { outcome, words: null, fetched: null };
}

/** Whether a file is a video or sound that the page shows: readable, and not only seen passing by. */
export function plays({ role, mediaType, facts }: Omit<NewArtifact, 'media'>): boolean {
  if (!/^media\.(original|joined)$/.test(role) || !/^(video|audio)\//.test(mediaType)) return false;
  return facts?.damage !== 'unreadable' && facts?.orderedBy !== fetchedByPage;
}

async function extract(
  parts: Parts,
  run: StageRun,
  asked: Parameters<typeof extractMedia>[1],
  report: ReportProgress,
): Promise<Extracted> {
  const { mediaMaxBytes: maxBytes, mediaTimeoutMs: timeoutMs } = parts.config.limits;
  const extracted = await extractMedia(
    { vault: parts.vault, tools: parts.config.tools },
    asked,
    {
      maxBytes,
      timeoutMs,
      onProgress: report,
    },
    run.signal,
  );
  const name = `media/extractor-${run.round}-${run.attempt}.json`;
  const account = await storeJson(parts, 'media.extractor', name, extracted.account);
  await landMedia(parts, run, [...extracted.artifacts, account]);
  return extracted;
}

/** What is known to be there and could not be had now is asked for again; on the last attempt it is how it ended. */
function comeBackIfPassing(extracted: Extracted, run: StageRun, url: string): void {
  const { state, transient, failure } = extracted;
  if (state !== 'failed' || !transient || failure?.missed !== true || run.lastAttempt) return;
  const reason = extracted.reason ?? 'extractor-failed';
  throw new TransientError(
    reason,
    `the extractor could not get the video of ${url} now: ${reason}`,
  );
}

function reported(extracted: Extracted): OtherSites {
  const { state, reason, failure } = extracted;
  // That a page of which nothing is known has no video for it is no failure of anything.
  const counts = state === 'done' || failure?.missed === true;
  return {
    outcome: state === 'done' ? 'kept' : (reason ?? 'extractor-failed'),
    words: failure?.words ?? null,
    fetched: counts ? extracted : null,
  };
}

/** Its files and the account of how they came, for the WARC: it has no exchanges of them to record. */
export async function extractedResources(
  parts: Parts,
  held: ArtifactRow[],
): Promise<WarcResource[]> {
  const resources: WarcResource[] = [];
  for (const artifact of held) {
    const isOurs = artifact.role === 'media.extractor';
    if (!isOurs && !artifact.name.startsWith(`media/${extractedRef}-`)) continue;
    resources.push(...(await resourcesOf(parts, [artifact], artifact.storedAt.toISOString())));
  }
  return resources;
}
