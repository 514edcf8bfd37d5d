/**
 * A finished video that exists only in pieces. What the origin has is kept as it is, playlists
 * and segments, each an object of its own; the file joined from them is ours, and says so.
 */

import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PermanentError } from '../../base/errors.ts';
import type { MediaNote } from '../../base/reasons.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { StoredObject } from '../../vault/vault.ts';
import { argumentsOf, type FfmpegRun, runFfmpeg, toolVersion } from '../tools/ffmpeg.ts';
import { probeMedia } from '../tools/probe.ts';
import { download } from './download.ts';
import type { MediaDeps, MediaSettings } from './fetch-media.ts';
import { type MediaPlaylist, parsePlaylist, type Segment } from './hls-playlist.ts';
import type { Asked } from './original.ts';
import { fetchPlaylist } from './playlist.ts';

interface Course {
  deps: MediaDeps;
  asked: Asked;
  options: MediaSettings;
  signal: AbortSignal;
  /** Filled as things land, so that a failure leaves what was kept until then. */
  kept: NewArtifact[];
  bytesLeft: number;
  startedAt: number;
}

interface Track {
  name: 'video' | 'audio';
  playlist: MediaPlaylist;
  /** Of the playlist's text. */
  playlistSha256: string;
}

interface Part {
  track: Track;
  /** In playing order. */
  pieces: StoredObject[];
}

const joinLimitMs = 30 * 60_000;

/**
 * @param kept filled with an artifact for each playlist and segment, also where this throws
 * @returns a note for the reader
 * @throws PermanentError `live-stream`, `encrypted-stream`, `playlist-unreadable`, `too-large`,
 *   `segment-missing`, `ffmpeg-failed`; and as `download`
 */
export async function fetchHls(
  deps: MediaDeps,
  asked: Asked,
  options: MediaSettings,
  signal: AbortSignal,
  kept: NewArtifact[],
): Promise<MediaNote> {
  const startedAt = performance.now();
  const course = { deps, asked, options, signal, kept, bytesLeft: options.maxBytes, startedAt };
  const parts: Part[] = [];
  for (const track of await tracksOf(course)) {
    parts.push({ track, pieces: await fetchSegments(course, track) });
  }
  const joined = await joinedFile(course, parts);
  kept.push(joined);
  const count = parts.reduce((sum, { pieces }) => sum + pieces.length, 0);
  return `joined: the origin has ${count} pieces, ${joined.name} was joined from them`;
}

/** The best picture and, where it is kept apart, its sound. */
async function tracksOf(course: Course): Promise<Track[]> {
  const { url } = course.asked;
  const first = await storePlaylist(course, url, 'first');
  if (first.parsed.kind === 'media') return [asTrack('video', first.parsed, first.sha256)];
  const { variants, sound } = first.parsed;
  const [best] = variants;
  if (best === undefined) throw new PermanentError('playlist-unreadable', `${url} offers nothing`);
  const tracks = [await fetchTrack(course, 'video', best.url)];
  const apart = sound.find(({ group }) => group === best.audioGroup);
  if (apart !== undefined) tracks.push(await fetchTrack(course, 'audio', apart.url));
  return tracks;
}

async function fetchTrack(course: Course, name: Track['name'], url: string): Promise<Track> {
  const { parsed, sha256 } = await storePlaylist(course, url, name);
  if (parsed.kind === 'media') return asTrack(name, parsed, sha256);
  throw new PermanentError('playlist-unreadable', `${url} lists no segments`);
}

async function storePlaylist(
  { deps, asked, options, signal, kept }: Course,
  url: string,
  which: string,
) {
  const name = `media/${asked.ref.id}.hls-${asked.rung}/${which}.m3u8`;
  const found = await fetchPlaylist(deps, url, name, options.idleTimeoutMs, signal);
  kept.push(found.artifact);
  return { parsed: parsePlaylist(found.text, found.url), sha256: found.artifact.sha256 };
}

function asTrack(name: Track['name'], playlist: MediaPlaylist, playlistSha256: string): Track {
  const { ended, encryption, segments } = playlist;
  if (encryption !== null) {
    throw new PermanentError(
      'encrypted-stream',
      `the ${name} is encrypted (${encryption}); we don't decrypt`,
    );
  }
  if (!ended) throw new PermanentError('live-stream', `the ${name} has no end yet`);
  if (segments.length === 0) {
    throw new PermanentError('playlist-unreadable', `the ${name} has no segments`);
  }
  return { name, playlist, playlistSha256 };
}

/** Every piece in playing order, each header before the first segment that needs it. */
async function fetchSegments(course: Course, { name, playlist }: Track): Promise<StoredObject[]> {
  const pieces: StoredObject[] = [];
  let header: Segment | null = null;
  for (const segment of playlist.segments) {
    if (segment.header !== null && !samePart(segment.header, header)) {
      header = segment.header;
      pieces.push(await fetchPiece(course, header, name, pieces.length));
    }
    pieces.push(await fetchPiece(course, segment, name, pieces.length));
  }
  return pieces;
}

function samePart(a: Segment, b: Segment | null): boolean {
  return (
    a.url === b?.url && a.range?.start === b.range?.start && a.range?.length === b.range?.length
  );
}

async function fetchPiece(
  course: Course,
  segment: Segment,
  track: Track['name'],
  index: number,
): Promise<StoredObject> {
  const { asked, kept } = course;
  const { stored, facts } = await fetchPart(course, segment).catch((error: unknown) => {
    if (!(error instanceof PermanentError) || error.code !== 'gone') throw error;
    throw new PermanentError(
      'segment-missing',
      `${segment.url} is gone: the video cannot be downloaded in full`,
    );
  });
  course.bytesLeft -= stored.sizeBytes;
  kept.push({
    role: 'media.segment',
    name: `media/${asked.ref.id}.hls-${asked.rung}/${track}-${String(index + 1).padStart(5, '0')}`,
    mediaType: 'application/octet-stream',
    ...stored,
    derivedFrom: null,
    facts: { requestedUrl: segment.url, range: segment.range, ...facts },
  });
  return stored;
}

async function fetchPart(course: Course, { url, range }: Segment) {
  const { deps, options, signal } = course;
  const { sha256, sizeBytes, sniffed, ...facts } = await download(
    deps,
    url,
    {
      maxBytes: course.bytesLeft,
      idleTimeoutMs: options.idleTimeoutMs,
      retryDelayMs: options.retryDelayMs,
      range,
      accept: ({ mediaType }) => {
        // Pieces need not be recognisable, but an error page is.
        if (mediaType === 'text/html')
          throw new PermanentError('not-media', `${url} is a web page`);
      },
      onBytes: (bytes) => tell(course, bytes),
    },
    signal,
  );
  return { stored: { sha256, sizeBytes }, facts: { ...facts, sniffedType: sniffed.mediaType } };
}

function tell({ options, bytesLeft, startedAt }: Course, pieceBytes: number): void {
  const doneBytes = options.maxBytes - bytesLeft + pieceBytes;
  const seconds = Math.max(0.001, (performance.now() - startedAt) / 1000);
  options.onProgress?.({
    doneBytes,
    totalBytes: null,
    bytesPerSecond: Math.round(doneBytes / seconds),
  });
}

async function joinedFile(course: Course, parts: Part[]): Promise<NewArtifact> {
  const { deps, asked, signal } = course;
  const { ref } = asked;
  await using scratch = await deps.vault.scratch('join');
  const inputs: string[] = [];
  for (const { track, pieces } of parts) {
    const path = join(scratch.folder, track.name);
    await concatenate(deps, pieces, path, signal);
    inputs.push(path);
  }
  const run = joinRun(inputs, scratch.folder, joinedName);
  const { complaints } = await runFfmpeg(deps.tools, run, signal);
  const path = join(scratch.folder, joinedName);
  const probe = await probeMedia(deps.tools, path, signal);
  const stored = await deps.vault.putFile(path, { signal });
  return {
    role: 'media.joined',
    name: `media/${ref.id}.mp4`,
    mediaType: 'video/mp4',
    ...stored,
    derivedFrom: parts[0]?.track.playlistSha256 ?? null,
    media: {
      ...(probe.video !== null && { width: probe.video.width, height: probe.video.height }),
      ...(probe.durationMs !== null && { durationMs: probe.durationMs }),
    },
    facts: {
      tool: 'ffmpeg',
      version: await toolVersion(deps.tools.ffmpeg),
      arguments: argumentsOf(run, 'PIECES-IN-ORDER'),
      joinedFrom: parts.map(({ track, pieces }) => ({
        track: track.name,
        playlistSha256: track.playlistSha256,
        discontinuities: track.playlist.discontinuities,
        pieces: pieces.map(({ sha256 }) => sha256),
      })),
      complaints,
      probe,
      altText: ref.altText,
      belongsTo: ref.belongsTo,
    },
  };
}

const joinedName = 'joined.mp4';

/**
 * Only the container changes: pictures and sound stay bit for bit as they came.
 * @param inputs what holds the pictures and, where it lies apart, the sound
 */
export function joinRun(inputs: string[], folder: string, target: string): FfmpegRun {
  const [video = '', sound] = inputs;
  const streams =
    sound === undefined ? ['-map', '0:v?', '-map', '0:a?'] : ['-map', '0:v', '-map', '1:a'];
  return {
    input: video,
    ...(sound !== undefined && { secondInput: sound }),
    outputs: [{ options: [...streams, '-c', 'copy', '-fflags', '+bitexact'], target }],
    folder,
    timeLimitMs: joinLimitMs,
  };
}

async function concatenate(
  deps: MediaDeps,
  pieces: StoredObject[],
  path: string,
  signal: AbortSignal,
) {
  for (const { sha256 } of pieces) {
    await pipeline(await deps.vault.open(sha256), createWriteStream(path, { flags: 'a' }), {
      signal,
    });
  }
}
