/** Clips whose cuts are known, of ten kinds, and what the keyframes make of them. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolEnvironment } from '../../src/config/config.ts';
import { decodeHashTrack } from '../../src/fingerprint/hash-track.ts';
import { extractKeyframes } from '../../src/media/keyframes/keyframes.ts';
import { openPictures } from '../../src/media/pictures/pictures.ts';
import { chance } from './chance.ts';
import type { Scratch } from './media.ts';

const run = promisify(execFile);
const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const size = { width: 320, height: 180 };
/** Room for the camera to move in. */
const margin = 60;

interface Kind {
  /** Frames a second before encoding. */
  rate?: number;
  upright?: boolean;
  still?: boolean;
  /** One shot only. */
  single?: boolean;
  dissolves?: boolean;
  /** Of the whole clip, after its shots were joined; told where the cuts are. */
  filter?: (cuts: number[]) => string;
  encoding?: string[];
  /** Frames of the clip for one of the source. */
  framesRatio?: number;
  /** A second step, on the encoded file. */
  afterwards?: string[];
}

export const cutKinds = {
  'hard cuts': {},
  dissolves: { dissolves: true },
  // White for one to three frames, some time after each cut.
  flashes: {
    filter: (cuts) => {
      const lit = [0, ...cuts].map((at, k) => `between(n,${at + 20},${at + 20 + (k % 3)})`);
      return `eq=brightness='0.9*gt(${lit.join('+')},0)':eval=frame`;
    },
  },
  shake: {
    filter: () =>
      `crop=${size.width - 24}:${size.height - 24}:x='12+12*sin(n*2.7)':y='12+12*cos(n*3.9)'`,
  },
  static: { still: true, single: true },
  'fixed GOP': {
    encoding: [...x264, '-g', '12', '-keyint_min', '12', '-sc_threshold', '0', '-b:v', '150k'],
  },
  'variable frame rate': { filter: () => "setpts='PTS+0.012*random(1)/TB'" },
  'interlaced, 50 fields': {
    rate: 50,
    filter: () => 'interlace=lowpass=off',
    framesRatio: 0.5,
    encoding: ['-c:v', 'mpeg2video', '-q:v', '4', '-flags', '+ildct+ilme'],
  },
  rotated: { afterwards: ['-c', 'copy', '-metadata:s:v', 'rotate=90'] },
  vertical: { upright: true },
} satisfies Record<string, Kind>;

export type CutKind = keyof typeof cutKinds;

export interface CutResult {
  expected: number;
  found: number;
  wrong: number;
  minutes: number;
  times: number;
}

export async function checkCuts(
  ground: Scratch,
  name: CutKind,
  { shots, seed }: { shots: number; seed: number },
): Promise<CutResult> {
  const kind: Kind = cutKinds[name];
  const clip = await makeClip(ground.folder, name.replaceAll(/\W/g, '-'), kind, shots, seed);
  const { sha256 } = await ground.vault.put(createReadStream(clip.path));
  const original = { sha256, mediaType: 'video/mp4', name, refId: '1' };
  const { signal } = new AbortController();
  await using pictures = openPictures(signal);
  const made = await extractKeyframes(
    { vault: ground.vault, tools, pictures },
    original,
    { environment: 'live', hashRule: { frames: 'frame', everyFrameUpToMs: 0 } },
    signal,
  );
  assert.equal(made.state, 'done', `${name}: ${made.reason}`);
  const times = await ffprobeTimes(clip.path);
  const places = new Map(times.map((pts, index) => [pts, index]));
  const keyframes = made.artifacts.filter(({ role }) => role === 'keyframe');
  for (const { facts } of keyframes)
    assert.ok(places.has(Number(facts?.pts)), `${name}: a pts of its own`);
  const track = made.artifacts.find(({ role }) => role === 'hash-track');
  const hashed = decodeHashTrack(await ground.vault.read(track?.sha256 ?? '')).frames;
  assert.deepEqual(
    hashed.map(({ pts }) => Number(pts)),
    times,
    `${name}: the hash track has every frame at ffprobe's time`,
  );
  const detected = keyframes
    .filter(({ facts }) => facts?.why === 'shot')
    .map(({ facts }) => places.get(Number(facts?.pts)) as number);
  // Of two interlaced fields a cut may lie between.
  const slack = kind.framesRatio === undefined ? 0 : 1;
  const near = (one: number) => (other: number) => Math.abs(one - other) <= slack;
  return {
    expected: clip.cuts.length,
    found: clip.cuts.filter((cut) => detected.some(near(cut))).length,
    wrong: detected.filter(
      (place) =>
        !clip.cuts.some(near(place)) &&
        !clip.blends.some(([from, to]) => place >= from && place <= to),
    ).length,
    minutes: clip.seconds / 60,
    times: keyframes.length + hashed.length,
  };
}

interface Clip {
  path: string;
  /** Numbers of the first frames of shots that begin with a hard cut. */
  cuts: number[];
  /** Frames that blend one shot into the next. */
  blends: [number, number][];
  seconds: number;
}

async function makeClip(
  folder: string,
  name: string,
  kind: Kind,
  wanted: number,
  seed: number,
): Promise<Clip> {
  const random = chance(seed + name.length);
  const rate = kind.rate ?? 25;
  const { width, height } = kind.upright ? { width: size.height, height: size.width } : size;
  const shots = kind.single ? 1 : wanted;
  const frames = Array.from({ length: shots }, () =>
    Math.round(rate * (kind.single ? 2 * wanted : 2 + 2 * random())),
  );
  const inputs: string[] = [];
  const graph: string[] = [];
  for (const [index, count] of frames.entries()) {
    const picture = join(folder, `${name}-${index}.ppm`);
    await writeFile(picture, scene(width + margin, height + margin, random));
    inputs.push(
      '-loop',
      '1',
      '-framerate',
      String(rate),
      '-t',
      String(count / rate),
      '-i',
      picture,
    );
    const speed = kind.still ? 0 : 4 + 10 * random();
    const offset = `mod(t*${speed.toFixed(2)},${margin})`;
    graph.push(
      `[${index}:v]crop=${width}:${height}:x='${offset}':y='${offset}/2',setsar=1[s${index}]`,
    );
  }
  const { joined, cuts, blends, total } = kind.dissolves
    ? dissolved(frames, rate)
    : cutTogether(frames);
  const last = kind.filter?.(cuts) ?? 'null';
  const encoded = join(folder, `${name}.${kind.framesRatio ? 'ts' : 'mp4'}`);
  await ffmpeg([
    ...inputs,
    ...['-filter_complex', `${graph.join(';')};${joined}[joined];[joined]${last}[out]`],
    ...['-map', '[out]', '-fps_mode', 'passthrough', ...(kind.encoding ?? x264), encoded],
  ]);
  const path = kind.afterwards === undefined ? encoded : join(folder, `${name}-then.mp4`);
  if (kind.afterwards !== undefined) await ffmpeg(['-i', encoded, ...kind.afterwards, path]);
  const ratio = kind.framesRatio ?? 1;
  return {
    path,
    cuts: cuts.map((cut) => Math.floor(cut * ratio)),
    blends: blends.map(([from, to]) => [from * ratio, to * ratio]),
    seconds: total / rate,
  };
}

function cutTogether(frames: number[]) {
  const cuts: number[] = [];
  let total = 0;
  for (const count of frames) {
    if (total > 0) cuts.push(total);
    total += count;
  }
  const joined = `${frames.map((_, index) => `[s${index}]`).join('')}concat=n=${frames.length}`;
  return { joined, cuts, blends: [] as [number, number][], total };
}

/** A second of each shot lies over the one before. */
function dissolved(frames: number[], rate: number) {
  const steps: string[] = [];
  const blends: [number, number][] = [];
  let total = frames[0] ?? 0;
  let before = '[s0]';
  for (const [index, count] of frames.entries()) {
    if (index === 0) continue;
    const from = total - rate;
    blends.push([from, total]);
    const label = index === frames.length - 1 ? '' : `[x${index}]`;
    steps.push(
      `${before}[s${index}]xfade=transition=fade:duration=1:offset=${from / rate}${label}`,
    );
    before = `[x${index}]`;
    total += count - rate;
  }
  return { joined: steps.join(';'), cuts: [] as number[], blends, total };
}

/** Something like a place: a coloured ground and sky, and boxes of all sizes in it. As PPM. */
function scene(width: number, height: number, random: () => number): Buffer {
  const colour = () => [0, 1, 2].map(() => Math.floor(30 + 200 * random()));
  const pixels = Buffer.alloc(width * height * 3);
  const fill = (x0: number, y0: number, w: number, h: number, rgb: number[]) => {
    for (let y = Math.max(0, y0); y < Math.min(height, y0 + h); y++) {
      for (let x = Math.max(0, x0); x < Math.min(width, x0 + w); x++) {
        const grain = Math.floor(12 * random());
        for (const [channel, value] of rgb.entries())
          pixels[(y * width + x) * 3 + channel] = value + grain;
      }
    }
  };
  const horizon = Math.floor(height * (0.3 + 0.4 * random()));
  fill(0, 0, width, horizon, colour());
  fill(0, horizon, width, height, colour());
  for (let box = 0; box < 14; box++) {
    const side = () => Math.floor(10 + 70 * random());
    fill(
      Math.floor(width * random()) - 20,
      Math.floor(height * random()) - 20,
      side(),
      side(),
      colour(),
    );
  }
  return Buffer.concat([Buffer.from(`P6 ${width} ${height} 255\n`), pixels]);
}

export async function ffmpeg(args: string[]): Promise<void> {
  await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], { env: toolEnvironment() });
}

async function ffprobeTimes(path: string): Promise<number[]> {
  const show = [
    '-select_streams',
    'v:0',
    '-show_entries',
    'frame=best_effort_timestamp',
    '-of',
    'csv=p=0',
  ];
  const { stdout } = await run('ffprobe', ['-v', 'quiet', ...show, path], {
    env: toolEnvironment(),
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => Number.parseInt(line, 10));
}
