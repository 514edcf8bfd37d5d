/** Which of the frames that a rule named show nothing of their own: black, flash, duplicate, blurred. */
import { open } from 'node:fs/promises';
import { hammingDistance, leastQuality, type PdqHash } from '../fingerprint/hash.ts';
import { pdqOfLuma64 } from '../fingerprint/pdq.ts';
import type { FrameFile } from './decode-frames.ts';
import { glimpseSide } from './frame-choice.ts';
import { type PictureLook, pictureLook } from './pictures.ts';

export type LeftOutWhy = 'black' | 'flash' | 'duplicate' | 'blurred';
export type LeftOut = Record<LeftOutWhy, number>;

/** Every frame's glimpse lies in one file; its times in the same order. */
export interface Glimpses {
  path: string;
  times: bigint[];
}

const black = { meanLuma: 16, deviation: 6 };
const flashSeconds = 0.3;
/** Mean difference of sampled colours, 0 to 255. */
const returned = { share: 0.4, most: 20 };
const duplicateBits = 8;
const blurredShare = 0.25;

export const leaveOutInWords =
  `left out, save the first and the last frame: black (mean luma under ${black.meanLuma}, deviation ` +
  `under ${black.deviation}), flash (within ${flashSeconds} s the picture is again what it was just ` +
  `before), duplicate (PDQ within ${duplicateBits} bits of the frame kept before, both of quality ` +
  `${leastQuality} or more), blurred (less than ${blurredShare} of the edges of the sharpest frame ` +
  'of its shot)';

interface Candidate extends FrameFile {
  why: string;
}

/** @returns the frames that stay, in order */
export async function leaveOut<Frame extends Candidate>(
  frames: Frame[],
  glimpses: Glimpses,
  timeBase: string,
  signal: AbortSignal,
): Promise<{ frames: Frame[]; leftOut: LeftOut }> {
  const leftOut: LeftOut = { black: 0, flash: 0, duplicate: 0, blurred: 0 };
  const flashes = await flashesAmong(frames, glimpses, timeBase);
  const looks = await looksOf(frames, signal);
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
): LeftOutWhy | null {
  if (look.meanLuma < black.meanLuma && look.deviation < black.deviation) return 'black';
  if (look.edges < blurredShare * sharpest) return 'blurred';
  if (before === null || Math.min(hash.quality, before.quality) < leastQuality) return null;
  return hammingDistance(hash.hash, before.hash) <= duplicateBits ? 'duplicate' : null;
}

async function looksOf(frames: FrameFile[], signal: AbortSignal): Promise<PictureLook[]> {
  const looks: PictureLook[] = [];
  for (const { path } of frames) {
    signal.throwIfAborted();
    looks.push(await pictureLook(path));
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

/**
 * A flash is two changes, there and back. The first is known by what comes after it, the
 * second by what came before: either way a glimpse of the other side looks the same again.
 */
async function flashesAmong<Frame extends Candidate>(
  frames: Frame[],
  { path, times }: Glimpses,
  timeBase: string,
): Promise<Set<Frame>> {
  const flashes = new Set<Frame>();
  const shots = frames.filter(({ why }) => why === 'shot');
  if (shots.length === 0) return flashes;
  const places = new Map<bigint, number>();
  const wanted = new Set(shots.map(({ pts }) => pts));
  for (const [index, pts] of times.entries()) if (wanted.has(pts)) places.set(pts, index);
  await using file = await open(path);
  for (const shot of shots) {
    const at = places.get(shot.pts);
    if (at === undefined || at === 0) continue;
    const { from, to } = neighbourhood(times, at, unitsOf(flashSeconds, timeBase));
    const bytes = Buffer.alloc((to - from + 1) * glimpseBytes);
    await file.read(bytes, 0, bytes.length, from * glimpseBytes);
    const look = (index: number) =>
      bytes.subarray((index - from) * glimpseBytes, (index - from + 1) * glimpseBytes);
    if (comesBack(look, at, from, to)) flashes.add(shot);
  }
  return flashes;
}

const glimpseBytes = glimpseSide * glimpseSide * 3;

function comesBack(
  look: (index: number) => Uint8Array,
  at: number,
  from: number,
  to: number,
): boolean {
  const change = difference(look(at - 1), look(at));
  const same = (one: number, other: number) => {
    const distance = difference(look(one), look(other));
    return distance < returned.most && distance < returned.share * change;
  };
  for (let after = at + 1; after <= to; after++) if (same(at - 1, after)) return true;
  for (let before = at - 2; before >= from; before--) if (same(at, before)) return true;
  return false;
}

function neighbourhood(times: bigint[], at: number, units: bigint) {
  const middle = times[at] as bigint;
  let from = at - 1;
  while (from > 0 && near(times[from - 1] as bigint)) from -= 1;
  let to = at;
  while (to + 1 < times.length && near(times[to + 1] as bigint)) to += 1;
  function near(time: bigint): boolean {
    const apart = time > middle ? time - middle : middle - time;
    return apart <= units;
  }
  // Whatever a forged clock says: no more than some hundred frames are looked at.
  return { from: Math.max(from, at - 60), to: Math.min(to, at + 60) };
}

function unitsOf(seconds: number, timeBase: string): bigint {
  const [over = 1, under = 1] = timeBase.split('/').map(Number);
  return BigInt(Math.round((seconds * under) / Math.max(1, over)));
}

function difference(one: Uint8Array, other: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++) {
    sum += Math.abs((one[index] as number) - (other[index] as number));
  }
  return sum / one.length;
}
