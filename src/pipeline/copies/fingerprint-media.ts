/** Perceptual hashes of what a capture holds: written beside its pictures and frames, and indexed. */
import { errorCode, NotFoundError } from '../../base/errors.ts';
import {
  capturesWithMedia,
  indexFile,
  isIndexed,
  type NewFingerprint,
} from '../../catalog/fingerprints.ts';
import { heldFiles } from '../../catalog/held-files.ts';
import { decodeHashTrack, hashTrackRole, trackTimeMs } from '../../fingerprint/hash-track.ts';
import { hashToHex, leastQuality, pdqOfRgb } from '../../fingerprint/pdq.ts';
import { openPictures, type Pictures } from '../../media/pictures/pictures.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { Parts } from '../parts.ts';
import { type Asked, askedOf, type TrackHash } from './asked.ts';
import { type HashedFrame, hashFrames } from './picture-views.ts';
import { indexSounds } from './similar-sounds.ts';

/** What an artifact must say to be fingerprinted; rows and new artifacts both do. */
export type Held = Pick<
  NewArtifact,
  'role' | 'mediaType' | 'sha256' | 'derivedFrom' | 'media' | 'facts'
>;

/** One picture or video, with what was made from it. */
export interface HeldMedia {
  sha256: string;
  kind: 'picture' | 'video';
  frames: { sha256: string; atMs: number | null }[];
  trackSha256: string | null;
}

/** Where the pictures lie, and what decodes them. */
export interface Hashing extends Pick<Parts, 'vault'> {
  pictures: Pictures;
}

/** Beside a post, and the same at all others of its author. */
const besides = new Set(['avatar', 'quoted-avatar']);
/** Four days at 30 frames a second. */
const longestTrackBytes = 512 * 1024 * 1024;

/** Keyframes with their PDQ in `facts.pdq`; one that does not decode has none. */
export async function withHashes(
  parts: Hashing,
  made: NewArtifact[],
  signal: AbortSignal,
): Promise<NewArtifact[]> {
  const artifacts: NewArtifact[] = [];
  for (const artifact of made) {
    signal.throwIfAborted();
    artifacts.push(await withPdq(parts, artifact));
  }
  return artifacts;
}

async function withPdq(parts: Hashing, artifact: NewArtifact): Promise<NewArtifact> {
  if (artifact.role !== 'keyframe') return artifact;
  const pdq = await pictureHash(parts, artifact.sha256);
  return pdq === null ? artifact : { ...artifact, facts: { ...artifact.facts, pdq } };
}

/**
 * PDQ of a stored picture. @returns `null` for one that does not decode
 * @throws PermanentError `too-many-bytes`, `decoder-ended`
 */
export async function pictureHash(
  { vault, pictures }: Hashing,
  sha256: string,
): Promise<{ hash: string; quality: number } | null> {
  try {
    const { hash, quality } = pdqOfRgb(await pictures.pixels(await vault.path(sha256)));
    return { hash: hashToHex(hash), quality };
  } catch (error) {
    if (errorCode(error) !== 'not-decodable') throw error;
    return null;
  }
}

function isPicture({ mediaType }: Held): boolean {
  return mediaType.startsWith('image/');
}

/** The pictures among these artifacts, and the videos that they come from. */
export function mediaAmong(artifacts: Held[]): HeldMedia[] {
  const pictures = artifacts
    .filter((held) => held.role === 'media.original' && isPicture(held))
    .filter(({ facts }) => !besides.has(String(facts?.belongsTo)))
    .map(({ sha256 }) => ({
      sha256,
      kind: 'picture' as const,
      frames: [{ sha256, atMs: null }],
      trackSha256: null,
    }));
  return [...pictures, ...videosAmong(artifacts)];
}

function videosAmong(artifacts: Held[]): HeldMedia[] {
  const derived = artifacts.filter(
    ({ role, derivedFrom }) => derivedFrom !== null && ['keyframe', hashTrackRole].includes(role),
  );
  const byVideo = Map.groupBy(derived, ({ derivedFrom }) => derivedFrom as string);
  return [...byVideo].map(([sha256, made]) => ({
    sha256,
    kind: 'video',
    frames: made
      .filter(({ role }) => role === 'keyframe')
      .map((frame) => ({ sha256: frame.sha256, atMs: frame.media?.ptsMs ?? null })),
    trackSha256: made.find(({ role }) => role === hashTrackRole)?.sha256 ?? null,
  }));
}

interface HashedMedia {
  indexed: NewFingerprint[];
  asked: Asked;
}

/** Reads everything back from the vault: a step, a question and a rebuild all come here. */
export async function hashMedia(
  parts: Hashing,
  media: HeldMedia,
  signal: AbortSignal,
): Promise<HashedMedia> {
  const files = await Promise.all(
    media.frames.map(async ({ sha256, atMs }) => ({ path: await parts.vault.path(sha256), atMs })),
  );
  const frames = await hashFrames(parts.pictures, files, signal);
  const track = await trackOf(parts, media.trackSha256);
  return { indexed: indexedHashes(frames, track), asked: askedOf(askedViewsOf(frames), track) };
}

export function askedViewsOf(frames: HashedFrame[]): Asked['frames'] {
  return frames.map(({ atMs, asked }) => ({ atMs, views: asked }));
}

/** All views of shot frames; of the track, one frame in each second. */
function indexedHashes(frames: HashedFrame[], track: TrackHash[]): NewFingerprint[] {
  const viewed = frames.flatMap(({ atMs, indexed }) =>
    indexed.map(({ view, hash, quality }) => ({ atMs, view, hash, quality })),
  );
  const seen = new Set(frames.map(({ atMs }) => atMs));
  const seconds = new Map<number, NewFingerprint>();
  for (const frame of track) {
    const second = Math.floor(frame.atMs / 1000);
    if (frame.quality < leastQuality || seconds.has(second)) continue;
    seconds.set(second, { ...frame, view: 'full' });
  }
  return [...viewed, ...[...seconds.values()].filter(({ atMs }) => !seen.has(atMs))];
}

async function trackOf(parts: Pick<Parts, 'vault'>, sha256: string | null): Promise<TrackHash[]> {
  if (sha256 === null) return [];
  const track = decodeHashTrack(await parts.vault.read(sha256, longestTrackBytes));
  return track.frames.map(({ pts, quality, hash }) => ({
    atMs: trackTimeMs(track, pts),
    quality,
    hash,
  }));
}

/**
 * Makes the index again from the vault: for a rebuilt catalog. Media whose files are
 * missing are left out, and `verify` names them. @returns how many files were indexed
 */
export async function reindex(
  parts: Pick<Parts, 'database' | 'vault' | 'log'>,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  let files = 0;
  await using decoding = openPictures(signal);
  for (const captureId of await capturesWithMedia(parts.database)) {
    const held = await heldFiles(parts.database, captureId);
    const pictures = decoding.forAnotherJob();
    try {
      for (const media of mediaAmong(held)) {
        if (await isIndexed(parts.database, media.sha256)) continue;
        const { indexed } = await hashMedia({ vault: parts.vault, pictures }, media, signal);
        const { sha256, kind, trackSha256 } = media;
        await indexFile(parts.database, { sha256, kind, trackSha256 }, indexed);
        files += 1;
      }
      await indexSounds(parts, held);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      parts.log.warn({ captureId, err: error }, 'media missing, not indexed');
    }
  }
  return files;
}
