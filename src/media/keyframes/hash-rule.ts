/** Which frames of a video are hashed: its length decides, unless a setting does. */

/** Every one, or the first of each second. */
export type HashedFrames = 'frame' | 'second';

export interface HashRule {
  /** `auto`: by the length of the video. */
  frames: HashedFrames | 'auto';
  /** With `auto`, every frame of videos up to this long. */
  everyFrameUpToMs: number;
}

/**
 * A copy cut at another phase shares no frame with one a second (a moving camera is another
 * picture after 0.1 s), so a short clip is hashed whole. Hashing three minutes costs a
 * second and 220 kB; of longer ones a sample is enough to lead back to the short.
 */
export const defaultHashRule: HashRule = { frames: 'auto', everyFrameUpToMs: 180_000 };

/** More frames than a camera makes are a forgery that wants to fill the disk. */
const mostFramesPerSecond = 240;

/**
 * @param lengthMs by the time stamps of its packets; `null`: nobody knows
 * @param packets one a frame
 */
export function hashedFrames(
  { frames, everyFrameUpToMs }: HashRule,
  { lengthMs, packets }: { lengthMs: number | null; packets: number },
): HashedFrames {
  if (frames !== 'auto') return frames;
  if (lengthMs === null || lengthMs > everyFrameUpToMs) return 'second';
  return packets <= (everyFrameUpToMs / 1000) * mostFramesPerSecond ? 'frame' : 'second';
}

/** For the artifact: what was hashed, and why no more. */
export function hashRuleInWords({ frames, everyFrameUpToMs }: HashRule): string {
  if (frames === 'frame') return 'every frame';
  if (frames === 'second') return 'the first frame of each second';
  const seconds = everyFrameUpToMs / 1000;
  return (
    `every frame of a video up to ${seconds} s (and ${seconds * mostFramesPerSecond} frames), ` +
    'the first frame of each second of a longer one'
  );
}
