/**
 * A few sampled colours of every frame: enough to tell whether a change is one between two
 * shots, or a flash after which the picture comes back.
 */
import { type FileHandle, open } from 'node:fs/promises';
import type { PrintedFrame } from './frame-filters.ts';
import { sampleSide } from './frame-filters.ts';

/** Every frame's sample lies in one file; its times in the same order. */
export interface FrameSamples {
  path: string;
  times: bigint[];
}

export const flashSeconds = 0.3;
/** Mean difference of sampled colours, 0 to 255. */
const returned = { share: 0.4, most: 20 };
const cut = { least: 12, timesTheGreatest: 1.4, timesTheUsual: 2.5, timesTheGreatestApart: 1.2 };

/**
 * A flash is two changes, there and back. The first is known by what comes after it, the
 * second by what came before: either way a sample of the other side looks the same again.
 */
export function flashesAmong<Frame extends PrintedFrame>(
  shots: Frame[],
  samples: FrameSamples,
  timeBase: string,
): Promise<Set<Frame>> {
  return framesThat(comesBack, shots, samples, timeBase);
}

/**
 * Its colours change far more than those of the frames around it do, and it does not come
 * back. Wherever in the picture they are: a shaking camera moves them, a cut brings others.
 */
export function cutsAmong<Frame extends PrintedFrame>(
  doubtful: Frame[],
  samples: FrameSamples,
  timeBase: string,
): Promise<Set<Frame>> {
  const isCut = (around: Around) => standsOut(around) && !comesBack(around);
  return framesThat(isCut, doubtful, samples, timeBase);
}

interface Around {
  /** The sample of a frame by its number. */
  look: (index: number) => Uint8Array;
  at: number;
  from: number;
  to: number;
}

async function framesThat<Frame extends PrintedFrame>(
  test: (around: Around) => boolean,
  frames: Frame[],
  { path, times }: FrameSamples,
  timeBase: string,
): Promise<Set<Frame>> {
  const passed = new Set<Frame>();
  if (frames.length === 0) return passed;
  const places = placesOf(frames, times);
  await using file = await open(path);
  for (const frame of frames) {
    const at = places.get(frame.pts);
    if (at === undefined || at === 0) continue;
    const { from, to } = neighbourhood(times, at, unitsOf(flashSeconds, timeBase));
    const look = await readLooks(file, from, to);
    if (test({ look, at, from, to })) passed.add(frame);
  }
  return passed;
}

function placesOf(frames: PrintedFrame[], times: bigint[]): Map<bigint, number> {
  const wanted = new Set(frames.map(({ pts }) => pts));
  const places = new Map<bigint, number>();
  for (const [index, pts] of times.entries()) if (wanted.has(pts)) places.set(pts, index);
  return places;
}

const sampleBytes = sampleSide * sampleSide * 3;

async function readLooks(file: FileHandle, from: number, to: number): Promise<Around['look']> {
  const bytes = Buffer.alloc((to - from + 1) * sampleBytes);
  await file.read(bytes, 0, bytes.length, from * sampleBytes);
  return (index) => bytes.subarray((index - from) * sampleBytes, (index - from + 1) * sampleBytes);
}

function comesBack({ look, at, from, to }: Around): boolean {
  const change = difference(look(at - 1), look(at));
  const same = (one: number, other: number) => {
    const distance = difference(look(one), look(other));
    return distance < returned.most && distance < returned.share * change;
  };
  for (let after = at + 1; after <= to; after++) if (same(at - 1, after)) return true;
  for (let before = at - 2; before >= from; before--) if (same(at, before)) return true;
  return false;
}

function standsOut({ look, at, from, to }: Around): boolean {
  const colours = new Map<number, Uint8Array>();
  for (let index = from; index <= to; index++) colours.set(index, sortedColours(look(index)));
  const changeAt = (index: number) =>
    difference(colours.get(index - 1) as Uint8Array, colours.get(index) as Uint8Array);
  const change = changeAt(at);
  const others: number[] = [];
  let greatestApart = 0;
  for (let index = from + 1; index <= to; index++) {
    if (index === at) continue;
    others.push(changeAt(index));
    // The other field of an interlaced cut changes as much, in the frame beside it.
    if (Math.abs(index - at) > 1) greatestApart = Math.max(greatestApart, changeAt(index));
  }
  others.sort((one, other) => one - other);
  const usual = others[Math.floor(others.length / 2)] ?? 0;
  const greatest = others.at(-1) ?? 0;
  if (change < cut.least) return false;
  if (change >= cut.timesTheGreatest * greatest) return true;
  return change >= cut.timesTheUsual * usual && change >= cut.timesTheGreatestApart * greatestApart;
}

/**
 * Each channel by itself, in order of its values: the mean difference of two such lists is
 * how far one picture's colours lie from the other's (earth mover's distance of histograms).
 */
function sortedColours(sample: Uint8Array): Uint8Array {
  const count = sample.length / 3;
  const sorted = new Uint8Array(sample.length);
  for (let channel = 0; channel < 3; channel++) {
    const values = sorted.subarray(channel * count, (channel + 1) * count);
    for (let place = 0; place < count; place++) {
      values[place] = sample[place * 3 + channel] as number;
    }
    values.sort();
  }
  return sorted;
}

function neighbourhood(times: bigint[], at: number, units: bigint) {
  const middle = times[at] as bigint;
  const near = (index: number) => {
    const time = times[index];
    if (time === undefined || Math.abs(index - at) > mostNeighbours) return false;
    return (time > middle ? time - middle : middle - time) <= units;
  };
  let from = at - 1;
  while (near(from - 1)) from -= 1;
  let to = at;
  while (near(to + 1)) to += 1;
  return { from, to };
}

/** Whatever a forged clock says. */
const mostNeighbours = 60;

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
