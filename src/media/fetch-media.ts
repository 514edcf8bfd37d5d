/** One picture or video of a capture: the best rung of its ladder that can be had whole. */
import type { NewArtifact } from '../artifact.ts';
import type { HttpClient } from '../egress/client.ts';
import { PermanentError, TransientError } from '../errors.ts';
import type { MediaCandidate, MediaRef } from '../plan.ts';
import type { Vault } from '../vault/vault.ts';
import { type Downloaded, download } from './download.ts';
import { openMedia, readSmall } from './exchange.ts';
import type { MediaTools } from './ffmpeg.ts';
import { describeOriginal } from './original.ts';
import type { Sniffed } from './sniff.ts';

export interface MediaDeps {
  client: HttpClient;
  vault: Pick<Vault, 'put' | 'path' | 'putFile' | 'scratch'>;
  tools: MediaTools;
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
  reason: string | null;
}

export interface FetchedMedia {
  /** `MediaRef.id` */
  ref: string;
  state: 'done' | 'failed' | 'skipped';
  reason: string | null;
  artifacts: NewArtifact[];
  ladder: Rung[];
  /** Things a reader must be told, as codes with words. */
  notes: string[];
  /** The cause may pass: worth another try later. */
  transient: boolean;
}

const playlistMaxBytes = 4 * 1024 * 1024;

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
  const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
  const fetched: FetchedMedia = {
    ref: ref.id,
    state: ref.unavailable === null ? 'failed' : 'skipped',
    reason: ref.unavailable ?? 'no-candidates',
    artifacts: [],
    ladder: [],
    notes: [],
    transient: false,
  };
  await keepTexts(deps, ref, fetched, options, limit, signal);
  for (const [index, candidate] of ref.candidates.entries()) {
    if (fetched.state === 'done') noteRung(fetched, candidate, 'not-needed', null);
    else await tryRung({ deps, ref, options, limit, signal, fetched }, candidate, index);
  }
  return fetched;
}

interface Course {
  deps: MediaDeps;
  ref: MediaRef;
  options: MediaOptions;
  /** Stops for the time limit too; `signal` only for what stops us from outside. */
  limit: AbortSignal;
  signal: AbortSignal;
  fetched: FetchedMedia;
}

async function tryRung(course: Course, candidate: MediaCandidate, index: number): Promise<void> {
  const { ref, fetched, limit } = course;
  try {
    limit.throwIfAborted();
    const downloaded = await downloadRung(course, candidate);
    const asked = { ref, url: candidate.url, rung: index };
    const original = await describeOriginal(course.deps, asked, downloaded, limit);
    fetched.artifacts.push(original.artifact);
    fetched.notes.push(...original.notes);
    Object.assign(fetched, { state: 'done', reason: null, transient: false });
    noteRung(fetched, candidate, 'kept', null);
  } catch (error) {
    const { reason, transient } = rungFailure(error, course);
    noteRung(fetched, candidate, 'failed', reason);
    // The best rung's failure is the one to tell; a lower one only came into it because of that.
    if (index === 0) Object.assign(fetched, { state: 'failed', reason });
    fetched.transient ||= transient;
  }
}

function noteRung(
  fetched: FetchedMedia,
  { url, width, height, bitrate }: MediaCandidate,
  outcome: Rung['outcome'],
  reason: string | null,
): void {
  fetched.ladder.push({ url, width, height, bitrate, outcome, reason });
}

/** @throws what is no failure of this rung */
function rungFailure(
  error: unknown,
  { limit, signal }: Pick<Course, 'limit' | 'signal'>,
): { reason: string; transient: boolean } {
  signal.throwIfAborted();
  if (limit.aborted) return { reason: 'timed-out', transient: true };
  if (error instanceof TransientError) return { reason: error.code, transient: true };
  if (error instanceof PermanentError) return { reason: error.code, transient: false };
  throw error;
}

function downloadRung(course: Course, candidate: MediaCandidate): Promise<Downloaded> {
  const { deps, ref, options, limit } = course;
  return download(
    deps,
    candidate.url,
    {
      maxBytes: options.maxBytes,
      idleTimeoutMs: options.idleTimeoutMs ?? 30_000,
      retryDelayMs: options.retryDelayMs ?? 1_000,
      accept: (found) => refuseOtherKinds(found, ref, candidate.url),
      onBytes: progressOf(options.onProgress),
    },
    limit,
  );
}

function refuseOtherKinds(found: Sniffed, ref: MediaRef, url: string): void {
  if (found.kind === 'other') {
    throw new PermanentError('not-media', `${url} is ${found.mediaType}, whatever it is called`);
  }
  const moving = ref.kind === 'video' || ref.kind === 'gif';
  const still = found.kind === 'picture' && !/gif|webp|apng|avif/.test(found.mediaType);
  if (moving && still) {
    throw new PermanentError('wrong-kind', `${url} is a ${found.mediaType} where a video was due`);
  }
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
async function keepTexts(
  deps: MediaDeps,
  ref: MediaRef,
  fetched: FetchedMedia,
  options: MediaOptions,
  limit: AbortSignal,
  signal: AbortSignal,
): Promise<void> {
  for (const [index, url] of ref.alsoKeep.entries()) {
    try {
      const idleTimeoutMs = options.idleTimeoutMs ?? 30_000;
      const { response, hops } = await openMedia(
        url,
        {},
        { client: deps.client, signal: limit, idleTimeoutMs },
      );
      const stored = await deps.vault.put(await readSmall(response, playlistMaxBytes));
      const { status, headers, remoteAddress } = response;
      fetched.artifacts.push({
        role: 'media.playlist',
        name: `media/${ref.id}.playlist-${index + 1}.m3u8`,
        mediaType: 'application/vnd.apple.mpegurl',
        ...stored,
        derivedFrom: null,
        facts: { requestedUrl: url, url: response.url, status, headers, remoteAddress, hops },
      });
    } catch (error) {
      const { reason } = rungFailure(error, { limit, signal });
      fetched.notes.push(`playlist-not-kept: ${url} (${reason})`);
    }
  }
}
