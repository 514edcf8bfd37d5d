/** One picture or video of a capture: the best rung of its ladder that can be had whole. */

import { PermanentError, TransientError } from '../../base/errors.ts';
import type { MediaNote, Reason } from '../../base/reasons.ts';
import { timeLimit } from '../../base/time-limit.ts';
import type { HttpClient } from '../../egress/client.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { MediaCandidate, MediaRef } from '../../model/plan.ts';
import type { Vault } from '../../vault/vault.ts';
import type { Pictures } from '../pictures/pictures.ts';
import type { MediaTools } from '../tools/ffmpeg.ts';
import { type Downloaded, download } from './download.ts';
import { describeHeld, isPlaylist, refuseOtherKinds } from './held-file.ts';
import { fetchHls } from './hls.ts';
import { type DescribedOriginal, describeOriginal } from './original.ts';
import { fetchPlaylist } from './playlist.ts';
import type { Sniffed } from './sniff.ts';

export interface MediaDeps {
  client: HttpClient;
  vault: Pick<Vault, 'put' | 'open' | 'path' | 'putFile' | 'scratch'>;
  tools: MediaTools;
  pictures: Pictures;
}

export interface MediaProgress {
  doneBytes: number;
  totalBytes: number | null;
  bytesPerSecond: number;
}

export interface MediaOptions {
  maxBytes: number;
  /** For the whole ladder of one medium. */
  timeoutMs: number;
  onProgress?: (progress: MediaProgress) => void;
  /** Longest silence on a connection. */
  idleTimeoutMs?: number;
  /** Wait before the second attempt at one address; grows with each. */
  retryDelayMs?: number;
}

/** What became of one rung. */
export interface Rung {
  url: string;
  width: number | null;
  height: number | null;
  bitrate: number | null;
  /** `not-needed`: a better one was kept. */
  outcome: 'kept' | 'failed' | 'skipped' | 'not-needed';
  reason: Reason | null;
}

export interface FetchedMedia {
  /** `MediaRef.id` */
  ref: string;
  state: 'done' | 'failed' | 'skipped';
  reason: Reason | null;
  artifacts: NewArtifact[];
  ladder: Rung[];
  /** Things a reader must be told, as codes with words. */
  notes: MediaNote[];
  /** The cause may pass: worth another try later. */
  transient: boolean;
}

/**
 * Fetches one medium. What the outside does ends in the result.
 * @throws ThrottledError when a host asks to wait; StorageError; UnreachableError
 *   `tool-missing`; the signal's reason
 */
export async function fetchMedia(
  deps: MediaDeps,
  ref: MediaRef,
  options: MediaOptions,
  signal: AbortSignal,
): Promise<FetchedMedia> {
  using limit = timeLimit(options.timeoutMs, signal);
  const settings = { idleTimeoutMs: 30_000, retryDelayMs: 1_000, ...options };
  const fetched: FetchedMedia = {
    ref: ref.id,
    state: ref.unavailable === null ? 'failed' : 'skipped',
    reason: ref.unavailable ?? 'no-candidates',
    artifacts: [],
    ladder: [],
    notes: [],
    transient: false,
  };
  const course: Course = {
    ...{ deps, ref, options: settings, limit: limit.signal, signal, fetched },
    isUnmeasured: false,
  };
  await storeTexts(course);
  for (const [index, candidate] of ref.candidates.entries()) {
    if (fetched.state === 'done') noteRung(fetched, candidate, 'not-needed', null);
    else await tryRung(course, candidate, index);
  }
  return fetched;
}

export type MediaSettings = MediaOptions & { idleTimeoutMs: number; retryDelayMs: number };

interface Course {
  deps: MediaDeps;
  ref: MediaRef;
  options: MediaSettings;
  /** Stops for the time limit too; `signal` only for what stops us from outside. */
  limit: AbortSignal;
  signal: AbortSignal;
  fetched: FetchedMedia;
  /** Bytes of a file whose length nobody said were coming when this was last looked at. */
  isUnmeasured: boolean;
}

async function tryRung(course: Course, candidate: MediaCandidate, index: number): Promise<void> {
  const { fetched, limit } = course;
  try {
    limit.throwIfAborted();
    await fetchRung(course, candidate, index);
    Object.assign(fetched, { state: 'done', reason: null, transient: false });
    noteRung(fetched, candidate, 'kept', null);
  } catch (error) {
    const { reason, transient } = rungFailure(error, course);
    const state = reason === 'live-stream' ? 'skipped' : 'failed';
    noteRung(fetched, candidate, state, reason);
    // The best rung's failure is the one to tell; a lower one only came into it because of that.
    if (index === 0) Object.assign(fetched, { state, reason });
    fetched.transient ||= transient;
  }
}

async function fetchRung(course: Course, candidate: MediaCandidate, rung: number): Promise<void> {
  const { deps, ref, options, limit, fetched } = course;
  const { url } = candidate;
  const { artifacts, notes } = fetched;
  try {
    const { artifact, notes: more } =
      (await describeHeld(course, candidate.recorded, { url, rung })) ??
      (await describeDownloaded(course, candidate, rung));
    artifacts.push(artifact);
    notes.push(...more);
  } catch (error) {
    if (!(error instanceof PermanentError) || error.code !== isPlaylist) throw error;
    notes.push(await fetchHls(deps, { ref, url, rung }, options, limit, artifacts));
  }
}

/** Where no more can be had than the page was given, that is kept as the browser decoded it. */
async function describeDownloaded(
  course: Course,
  candidate: MediaCandidate,
  rung: number,
): Promise<DescribedOriginal> {
  const { deps, ref, limit } = course;
  const { url, decoded } = candidate;
  try {
    const downloaded = await downloadRung(course, candidate);
    return await describeOriginal(deps, { ref, url, rung }, downloaded, limit);
  } catch (error) {
    if (!(error instanceof PermanentError) || error.code === isPlaylist) throw error;
    const instead = await describeHeld(course, decoded, { url, rung });
    if (instead === null) throw error;
    return instead;
  }
}

function noteRung(
  fetched: FetchedMedia,
  { url, width, height, bitrate }: MediaCandidate,
  outcome: Rung['outcome'],
  reason: Reason | null,
): void {
  fetched.ladder.push({ url, width, height, bitrate, outcome, reason });
}

/** @throws what is no failure of this rung */
function rungFailure(
  error: unknown,
  { limit, signal, isUnmeasured }: Pick<Course, 'limit' | 'signal' | 'isUnmeasured'>,
): { reason: Reason; transient: boolean } {
  signal.throwIfAborted();
  if (limit.aborted && isUnmeasured) return { reason: 'endless-stream', transient: false };
  if (limit.aborted) return { reason: 'timed-out', transient: true };
  if (error instanceof TransientError) return { reason: error.code, transient: true };
  if (error instanceof PermanentError) return { reason: error.code, transient: false };
  throw error;
}

function downloadRung(course: Course, { url, asPage }: MediaCandidate): Promise<Downloaded> {
  const { deps, ref, options, limit } = course;
  const { maxBytes, idleTimeoutMs, retryDelayMs } = options;
  course.isUnmeasured = false;
  const accept = (found: Sniffed) => refuseOtherKinds(found, ref, url);
  const tell = progressOf(options.onProgress);
  const onBytes = (doneBytes: number, totalBytes: number | null) => {
    course.isUnmeasured = totalBytes === null;
    tell(doneBytes, totalBytes);
  };
  const how = { maxBytes, idleTimeoutMs, retryDelayMs, asPage, accept, onBytes };
  return download(deps, url, how, limit);
}

const progressEveryMs = 250;

function progressOf(onProgress: MediaOptions['onProgress']) {
  const startedAt = performance.now();
  let toldAt = Number.NEGATIVE_INFINITY;
  return (doneBytes: number, totalBytes: number | null) => {
    const now = performance.now();
    if (now - toldAt < progressEveryMs && doneBytes !== totalBytes) return;
    toldAt = now;
    const seconds = Math.max(0.001, (now - startedAt) / 1000);
    onProgress?.({ doneBytes, totalBytes, bytesPerSecond: Math.round(doneBytes / seconds) });
  };
}

/** Small texts beside the medium; one that can't be had is told, and changes nothing else. */
async function storeTexts(course: Course): Promise<void> {
  const { deps, ref, options, limit, fetched } = course;
  for (const [index, url] of ref.alsoKeep.entries()) {
    try {
      const name = `media/${ref.id}.playlist-${index + 1}.m3u8`;
      const { artifact } = await fetchPlaylist(deps, url, name, options.idleTimeoutMs, limit);
      fetched.artifacts.push(artifact);
    } catch (error) {
      const { reason } = rungFailure(error, course);
      fetched.notes.push(`playlist-not-kept: ${url} (${reason})`);
    }
  }
}
