/** What is asked of the index about one picture or video: its views, and as many of its frames as are worth it. */

import { leastQuality } from '../../fingerprint/pdq.ts';
import { spread, thinned } from '../../fingerprint/scoring.ts';
import type { ViewHash } from '../../fingerprint/view-hashes.ts';
import type { FramesAsked } from '../../model/similar-files.ts';

export interface TrackHash {
  atMs: number;
  quality: number;
  hash: Uint8Array;
}

export interface Asked {
  /** The picture itself, or the shot frames of a video. */
  frames: { atMs: number | null; views: ViewHash[] }[];
  /** Of a video, the frames that tell something and differ from the one before. */
  track: TrackHash[];
  /** Of a video, how many frames were hashed; 0 for a picture. */
  hashedFrames: number;
}

/** Frames of a track as like as this are one. */
const stillWithin = 4;
/** Ten times as many as a minute has in the index: a fifth of a second when the index has a million. */
export const mostAskedFrames = 600;

/** @param track every frame that was hashed, in order; empty for a picture */
export function askedOf(frames: Asked['frames'], track: TrackHash[]): Asked {
  const telling = track.filter(({ quality }) => quality >= leastQuality);
  return { frames, track: thinned(telling, stillWithin), hashedFrames: track.length };
}

export function framesToAsk({ track }: Asked): TrackHash[] {
  return spread(track, mostAskedFrames);
}

export function framesAsked({ track, hashedFrames }: Asked): FramesAsked {
  const askedFrames = Math.min(track.length, mostAskedFrames);
  return { hashedFrames, distinctFrames: track.length, askedFrames };
}
