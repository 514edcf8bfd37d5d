/** Which of the frames that a rule named show nothing of their own: black, flash, duplicate, blurred. */
import { hammingDistance, leastQuality, type PdqHash } from '../../fingerprint/hash.ts';
import { pdqOfLuma64 } from '../../fingerprint/pdq.ts';
import type { PictureLook, Pictures } from '../pictures/pictures.ts';
import type { FrameFile } from './decode-frames.ts';
import { type FrameSamples, flashesAmong, flashSeconds } from './frame-samples.ts';

export type DropReason = 'black' | 'flash' | 'duplicate' | 'blurred';
export type DroppedFrames = Record<DropReason, number>;

const black = { meanLuma: 16, deviation: 6 };
const duplicateBits = 8;
const blurredShare = 0.25;

export const dropRulesInWords =
  `left out, save the first and the last frame: black (mean luma under ${black.meanLuma}, deviation ` +
  `under ${black.deviation}), flash (within ${flashSeconds} s the picture is again what it was just ` +
  `before), duplicate (PDQ within ${duplicateBits} bits of the frame kept before, both of quality ` +
  `${leastQuality} or more), blurred (less than ${blurredShare} of the edges of the sharpest frame ` +
  'of its shot)';

interface Candidate extends FrameFile {
  why: string;
}

/** @returns the frames that stay, in order */
export async function dropFrames<Frame extends Candidate>(
  pictures: Pictures,
  frames: Frame[],
  { samples, timeBase }: { samples: FrameSamples; timeBase: string },
  signal: AbortSignal,
): Promise<{ frames: Frame[]; leftOut: DroppedFrames }> {
  const leftOut: DroppedFrames = { black: 0, flash: 0, duplicate: 0, blurred: 0 };
  const shots = frames.filter(({ why }) => why === 'shot');
  const flashes = await flashesAmong(shots, samples, timeBase);
  const looks = await looksOf(pictures, frames, signal);
  const sharpest = sharpestOfShots(frames, looks);
  const kept: Frame[] = [];
  let before: PdqHash | null = null;
  for (const [index, frame] of frames.entries()) {
    const look = looks[index] as PictureLook;
    const hash = pdqOfLuma64(look.luma64);
    const why =
      index === 0 || index === frames.length - 1
        ? null
        : flashes.has(frame)
          ? 'flash'
          : reasonIn(look, hash, before, sharpest[index] ?? 0);
    if (why !== null) leftOut[why] += 1;
    else {
      kept.push(frame);
      before = hash;
    }
  }
  return { frames: kept, leftOut };
}

function reasonIn(
  look: PictureLook,
  hash: PdqHash,
  before: PdqHash | null,
  sharpest: number,
): DropReason | null {
  if (look.meanLuma < black.meanLuma && look.deviation < black.deviation) return 'black';
  if (look.edges < blurredShare * sharpest) return 'blurred';
  if (before === null || Math.min(hash.quality, before.quality) < leastQuality) return null;
  return hammingDistance(hash.hash, before.hash) <= duplicateBits ? 'duplicate' : null;
}

async function looksOf(
  pictures: Pictures,
  frames: FrameFile[],
  signal: AbortSignal,
): Promise<PictureLook[]> {
  const looks: PictureLook[] = [];
  for (const { path } of frames) {
    signal.throwIfAborted();
    looks.push(await pictures.look(path));
  }
  return looks;
}

/** For each frame, the most edges that any frame of its shot has. */
function sharpestOfShots(frames: Candidate[], looks: PictureLook[]): number[] {
  let shot = 0;
  const shots = frames.map(({ why }) => {
    if (why === 'shot' || why === 'format-change') shot += 1;
    return shot;
  });
  const most = new Map<number, number>();
  for (const [index, number] of shots.entries()) {
    most.set(number, Math.max(most.get(number) ?? 0, looks[index]?.edges ?? 0));
  }
  return shots.map((number) => most.get(number) ?? 0);
}
