/**
 * The video of a page whose own media gave none that plays, fetched by the extractor (yt-dlp).
 * Its bytes came through the door and were not recorded as exchanges: every file says so, with
 * the program's version and digests. What a server had as one file is an original; what had to
 * be put together, by the extractor or by us, is `media.joined` and names by whom.
 */

import { PermanentError, StorageError } from '../../base/errors.ts';
import type { MediaNote, Reason } from '../../base/reasons.ts';
import type { Door } from '../../egress/egress.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { FetchedMedia, MediaDeps, MediaOptions } from '../fetch/fetch-media.ts';
import { type ExtractorCourse, noFile, programOf, storeVideo } from './extracted-files.ts';
import { type ExtractorFailure, failureOf } from './extractor-failure.ts';
import type { Extractor } from './extractor-program.ts';
import { type ExtractorOutcome, mostVideos, runExtractor } from './run-extractor.ts';

export interface AskedExtractor {
  url: string;
  extractor: Extractor;
  door: Door;
  /** One more authority to trust, PEM. */
  extraCa: string | null;
}

export interface Extracted extends FetchedMedia {
  failure: ExtractorFailure | null;
  /** How it was asked and what it said, for the record. Plain JSON. */
  account: Record<string, unknown>;
}

/** Names its files: `media/extracted-1.mp4`. */
export const extractedRef = 'extracted';

/**
 * Asks the extractor for what the page shows. What the outside does ends in the result.
 * @throws StorageError `disk-full`; UnreachableError `tool-missing` (ffmpeg); the signal's reason
 */
export async function extractMedia(
  deps: Pick<MediaDeps, 'vault' | 'tools'>,
  { url, extractor, door, extraCa }: AskedExtractor,
  { maxBytes, timeoutMs, onProgress }: MediaOptions,
  signal: AbortSignal,
): Promise<Extracted> {
  await using scratch = await deps.vault.scratch('extractor');
  const { folder } = scratch;
  const timeLimitMs = timeoutMs;
  const asked = { extractor, url, doorUrl: door.url, extraCa, folder, maxBytes, timeLimitMs };
  const run = { ...asked, ...(onProgress && { onProgress }) };
  const startedAt = new Date().toISOString();
  const outcome = await runExtractor(run, signal);
  const account = {
    schema: 'holdfast.extractor/1',
    program: programOf(extractor),
    recordedAsExchanges: false,
    url,
    startedAt,
    finishedAt: new Date().toISOString(),
    ...toldBy(outcome, extractor, folder),
    connections: door.connections(),
  };
  if (outcome.complaints.some((line) => line.includes('No space left on device')))
    throw new StorageError('disk-full', 'the extractor found no room for what it fetched');
  const course = { deps, extractor, folder, signal };
  return { ...(await storeAll(course, outcome, door)), account };
}

function toldBy(outcome: ExtractorOutcome, { command }: Extractor, folder: string) {
  // How many come before ours, and no more of them: there may be a password among them.
  const operatorArguments = command.length - 1;
  const { broke, complaints, said, found, confinement } = outcome;
  const words = outcome.arguments.map((word) => word.replaceAll(folder, 'SCRATCH'));
  return { arguments: words, operatorArguments, broke, complaints, said, found, confinement };
}

function nothing(reason: Reason | null, transient: boolean): Omit<Extracted, 'account'> {
  return {
    ref: extractedRef,
    state: reason === 'extractor-live-stream' ? 'skipped' : 'failed',
    reason,
    artifacts: [],
    ladder: [],
    notes: [],
    transient,
    failure: null,
  };
}

async function storeAll(
  course: ExtractorCourse,
  outcome: ExtractorOutcome,
  door: Door,
): Promise<Omit<Extracted, 'account'>> {
  const artifacts: NewArtifact[] = [];
  const notes: MediaNote[] = [];
  let unfit: Reason | null = null;
  for (const [index, video] of outcome.kept.entries()) {
    try {
      const kept = await storeVideo(course, video, `${extractedRef}-${index + 1}`);
      artifacts.push(...kept.artifacts);
      notes.push(...kept.notes);
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      if (error.code === noFile) continue; // why, is in what it said
      unfit ??= error.code;
      notes.push(`${error.code}: ${error.message}`);
    }
  }
  if (outcome.kept.length >= mostVideos)
    notes.push(`first-only: of all videos on the page the first ${mostVideos} were asked for`);
  const failure =
    outcome.broke === null && artifacts.length > 0 ? null : failureOf(outcome, door.connections());
  if (artifacts.length === 0) {
    const reason = unfit ?? failure?.reason ?? 'extractor-failed';
    return { ...nothing(reason, failure?.transient ?? false), notes, failure };
  }
  if (failure !== null) notes.push(`${failure.reason}: not everything on the page was had`);
  return { ...nothing(null, false), state: 'done', reason: null, artifacts, notes, failure };
}
