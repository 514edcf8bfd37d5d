/** Files of eight formats, damaged on purpose, and playlists that point at a file that must not be read. */
import assert from 'node:assert/strict';
import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { HoldfastError } from '../../src/base/errors.ts';
import { readEmbeddedMetadata } from '../../src/media/inspect/embedded-metadata.ts';
import { extractKeyframes } from '../../src/media/keyframes/keyframes.ts';
import { openPictures, type Pictures } from '../../src/media/pictures/pictures.ts';
import { chance } from './chance.ts';
import type { Scratch } from './media.ts';
import { ffmpeg } from './media-cuts.ts';

const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
const limitMs = 120_000;
const never = new AbortController().signal;

const moving = ['mp4', 'webm', 'mkv', 'm3u8'] as const;
const still = ['jpg', 'png', 'webp', 'gif'] as const;
type Format = (typeof moving)[number] | (typeof still)[number];

export interface Attack {
  /** How many ended how. */
  states: Record<string, number>;
  slowestMs: number;
  /** What is known about the file that must not be read. */
  canary: string;
}

export async function attackWith(ground: Scratch, size: number, seed: number): Promise<Attack> {
  const canary = await setCanary(ground.folder);
  const samples = await soundSamples(ground.folder, canary.path);
  const formats = [...moving, ...still];
  const states: Record<string, number> = {};
  let slowestMs = 0;
  let next = 0;
  const attackOn = async (number: number, prepared: string) => {
    const random = chance(seed * 100_003 + number);
    const format = formats[number % formats.length] as Format;
    const bytes = damaged(samples[format], samples, random, canary.path);
    const startedAt = performance.now();
    const state = await lookAt({ ...ground, pictures }, format, bytes, prepared).catch(
      (error: unknown) => {
        throw new Error(`seed ${seed}, file ${number} (${format})`, { cause: error });
      },
    );
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs < limitMs, `file ${number} took ${tookMs} ms`);
    slowestMs = Math.max(slowestMs, tookMs);
    states[`${format} ${state}`] = (states[`${format} ${state}`] ?? 0) + 1;
  };
  await using pictures = openPictures(never);
  const lane = async (_: unknown, index: number) => {
    const prepared = join(ground.folder, `prepared-${index}.png`);
    while (next < size) await attackOn(next++, prepared);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return { states, slowestMs, canary: await canary.verdict() };
}

type Ground = Scratch & { pictures: Pictures };

/** @returns how it ended: a state with its reason. Throws for what is no answer. */
async function lookAt(
  ground: Ground,
  format: Format,
  bytes: Buffer,
  prepared: string,
): Promise<string> {
  const { vault, pictures } = ground;
  const { sha256 } = await vault.put(bytes);
  const path = await vault.path(sha256);
  const isPicture = (still as readonly string[]).includes(format);
  const mediaType = isPicture ? `image/${format}` : `video/${format}`;
  const about = await readEmbeddedMetadata({ tools, pictures }, { path, sha256, mediaType }, never);
  assert.equal(about.original.sha256, sha256);
  const state = isPicture
    ? await asPicture(ground, path, prepared)
    : await asVideo(ground, sha256, mediaType);
  assert.deepEqual(await vault.rehash(sha256), { sha256, sizeBytes: bytes.length });
  return state;
}

async function asVideo(
  { vault, pictures }: Ground,
  sha256: string,
  mediaType: string,
): Promise<string> {
  const original = { sha256, mediaType, name: 'media/1', refId: '1' };
  const deps = { vault, tools, pictures };
  const made = await extractKeyframes(deps, original, { environment: 'live' }, never);
  if (made.state !== 'done') assert.ok(made.reason !== null, 'not done for a reason');
  return made.reason ?? made.state;
}

async function asPicture({ pictures }: Ground, path: string, prepared: string): Promise<string> {
  const { damage } = await pictures.describe(path);
  const looks = [
    () => pictures.pixels(path, 512),
    () => pictures.prepareForReading(path, prepared),
  ];
  for (const look of looks) {
    await look().catch((error: unknown) => {
      assert.ok(error instanceof HoldfastError, String(error));
      assert.equal(error.code, 'not-decodable');
    });
  }
  return damage ?? 'sound';
}

type Samples = Record<Format, Buffer>;

async function soundSamples(folder: string, canaryPath: string): Promise<Samples> {
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=96x64:rate=10:duration=1'];
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=1'];
  const both = [...source, ...sound, '-pix_fmt', 'yuv420p'];
  const read = async (name: string, options: string[]) => {
    const path = join(folder, name);
    await ffmpeg([...options, path]);
    return await readFile(path);
  };
  return {
    mp4: await read('s.mp4', [...both, '-c:v', 'libx264', '-c:a', 'aac']),
    webm: await read('s.webm', [...both, '-c:v', 'libvpx', '-c:a', 'libopus']),
    mkv: await read('s.mkv', [...both, '-c:v', 'mpeg4', '-c:a', 'libmp3lame']),
    m3u8: Buffer.from(
      ['#EXTM3U', '#EXT-X-TARGETDURATION:1', '#EXTINF:1,', canaryPath, '#EXT-X-ENDLIST'].join('\n'),
    ),
    jpg: await read('s.jpg', [...source, '-frames:v', '1']),
    png: await read('s.png', [...source, '-frames:v', '1']),
    webp: await read('s.webp', [...source, '-frames:v', '1', '-c:v', 'libwebp']),
    gif: await read('s.gif', [...source, '-frames:v', '4']),
  };
}

/** One to several of: cut, bytes changed, a piece doubled, emptied or taken from another format, a path planted. */
function damaged(
  bytes: Buffer,
  samples: Samples,
  random: () => number,
  canaryPath: string,
): Buffer {
  let made = Buffer.from(bytes);
  const below = (most: number) => Math.floor(random() * Math.max(1, most));
  for (let step = 0; step <= below(4); step++) {
    const at = below(made.length);
    const length = 1 + below(Math.min(400, made.length - at));
    const piece = made.subarray(at, at + length);
    switch (below(7)) {
      case 0:
        made = made.subarray(0, at);
        break;
      case 1:
      case 2:
        for (let edit = 0; edit < 1 + below(60); edit++) made[below(made.length)] = below(256);
        break;
      case 3:
        made = Buffer.concat([made.subarray(0, at), piece, made.subarray(at)]);
        break;
      case 4:
        piece.fill(random() < 0.5 ? 0 : 255);
        break;
      case 5: {
        const others = Object.values(samples);
        const other = others[below(others.length)] as Buffer;
        made = Buffer.concat([made.subarray(0, at), other, made.subarray(at)]);
        break;
      }
      case 6:
        made = Buffer.concat([planted(below(4), canaryPath), made.subarray(at)]);
    }
  }
  return made;
}

function planted(which: number, path: string): Buffer {
  const words = [
    `#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\nfile://${path}\n#EXT-X-ENDLIST\n`,
    `ffconcat version 1.0\nfile '${path}'\n`,
    `<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"><image href="file://${path}" width="50" height="50"/></svg>`,
    `<?xml version="1.0"?><MPD><Period><AdaptationSet><Representation><BaseURL>${path}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
  ];
  return Buffer.from(words[which] ?? '');
}

/**
 * A sound video that playlists point at. Reading a file changes the time of its last
 * reading where that is older than its last change: so whether anybody did can be seen.
 */
async function setCanary(folder: string) {
  const path = join(folder, 'canary.ts');
  await ffmpeg([
    '-f',
    'lavfi',
    '-i',
    'color=red:size=64x64:duration=1',
    '-c:v',
    'mpeg2video',
    path,
  ]);
  await writeFile(join(folder, 'control'), 'read by us');
  const long = new Date('2020-02-12T00:00:00Z');
  const readAt = async (file: string) => (await stat(file)).atimeMs;
  for (const file of [path, join(folder, 'control')]) await utimes(file, long, new Date());
  return {
    path,
    async verdict(): Promise<string> {
      await readFile(join(folder, 'control'));
      const told = (await readAt(join(folder, 'control'))) !== long.getTime();
      if (!told)
        return 'this file system does not note when a file is read: nothing is known of the canary';
      assert.equal(await readAt(path), long.getTime(), 'the canary was read');
      return 'the file that playlists pointed at was never read';
    },
  };
}
