/** Copies of clips that move, cut at a moment that no hash of the index was taken at. */
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashesOf, indexedFiles } from '../src/catalog/fingerprints.ts';
import { nearHashes } from '../src/catalog/similar.ts';
import { decodeHashTrack } from '../src/fingerprint/hash-track.ts';
import { hammingDistance } from '../src/fingerprint/pdq.ts';
import {
  defaultHashRule,
  type HashedFrames,
  hashedFrames,
  hashRuleInWords,
} from '../src/media/keyframes/hash-rule.ts';
import { similarToFile } from '../src/pipeline/copies/ask-similar.ts';
import {
  askedOf,
  framesAsked,
  framesToAsk,
  mostAskedFrames,
} from '../src/pipeline/copies/asked.ts';
import type { Parts } from '../src/pipeline/parts.ts';
import { ffmpegIn } from './support/clips.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { keepAnalysed, mediaParts } from './support/kept-media.ts';
import { noise } from './support/noise.ts';
import { anyBytes } from './support/seed.ts';

const never = new AbortController().signal;
const seconds = 7;
/** From 0.37 s to 6.37 s: the seconds 1 to 6, each with one hash in the index. */
const sharedMoments = 6;
let shared: TestDatabase;
let made: Awaited<ReturnType<typeof mediaParts>>;
let parts: Parts;
let original: Awaited<ReturnType<typeof keepAnalysed>>;

const at = (name: string) => join(made.folder, name);
const ruleOf = (frames: HashedFrames) => ({ ...defaultHashRule, frames });

beforeAll(async () => {
  shared = await testDatabase();
  made = await mediaParts(shared.database);
  parts = made.parts;
  await panOverNoise('pan.mp4');
  const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '30', '-pix_fmt', 'yuv420p'];
  await ffmpegIn(
    made.folder,
    '-ss',
    '0.37',
    '-t',
    '6',
    '-i',
    'pan.mp4',
    '-r',
    '25',
    ...x264,
    'copy.mp4',
  );
  original = await keepAnalysed(parts, at('pan.mp4'), 'web:https://first.example/pan');
}, 60_000);

afterAll(async () => {
  await made?.remove();
  await shared?.close();
});

/** A camera that moves over a landscape: after a tenth of a second it sees another picture. */
async function panOverNoise(name: string): Promise<void> {
  const [width, height] = [880, 240];
  const grains = { width: width / 20, height: height / 20, channels: 3 as const };
  await sharp(noise('landscape', grains.width * grains.height * 3), { raw: grains })
    .resize(width, height, { kernel: 'cubic' })
    .png()
    .toFile(at('landscape.png'));
  const pan = `crop=320:240:x='(iw-320)*t/${seconds}':y=0`;
  const input = ['-loop', '1', '-framerate', '30', '-i', 'landscape.png', '-t', String(seconds)];
  const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
  await ffmpegIn(made.folder, ...input, '-vf', pan, ...x264, name);
}

async function trackOf({ track }: typeof original) {
  return decodeHashTrack(await parts.vault.read(track?.sha256 ?? ''));
}

describe('a copy of a moving clip, cut at 0.37 s and at another frame rate', () => {
  test('shows other pictures than one a second of the original, as a moving camera does', async () => {
    const { frames } = await trackOf(original);
    const [now, then] = [frames[30], frames[30 + 11]];
    expect(
      hammingDistance(now?.hash ?? new Uint8Array(), then?.hash ?? new Uint8Array()),
    ).toBeGreaterThan(60);
  });

  test('is found when it is kept, at every moment that it shares', async () => {
    const copy = await keepAnalysed(parts, at('copy.mp4'), 'web:https://second.example/pan');
    expect(copy.events).toMatchObject([
      { kind: 'similar.found', detail: { otherSha256: original.sha256 } },
    ]);
    const { foundMoments, hashedFrames, distinctFrames, askedFrames } =
      copy.events[0]?.detail ?? {};
    expect(Number(foundMoments) / sharedMoments).toBeGreaterThanOrEqual(0.95);
    expect(hashedFrames).toBeGreaterThan(145);
    expect(askedFrames).toBe(distinctFrames);
  });

  test('was missed where one frame a second is hashed', async () => {
    const path = at('copy.mp4');
    const source = 'web:https://third.example/pan';
    const { events } = await keepAnalysed(parts, path, source, ruleOf('second'));
    expect(events.filter(({ detail }) => detail.otherSha256 === original.sha256)).toEqual([]);
  });

  test('is found as a file that nobody keeps, and the answer says how much was asked', async () => {
    const { similar, frames } = await similarToFile(parts, at('copy.mp4'), never);
    expect(similar[0]?.sha256).toBe(original.sha256);
    expect(similar[0]?.foundMoments).toBe(sharedMoments);
    expect(frames?.hashedFrames).toBeGreaterThan(145);
    expect(frames?.askedFrames).toBe(frames?.distinctFrames);
  });

  test('puts no more into the index for having every frame hashed', async () => {
    const { frames, every } = await trackOf(original);
    expect([every, frames.length]).toEqual(['frame', seconds * 30]);
    expect(original.track?.facts).toMatchObject({ every, rule: hashRuleInWords(defaultHashRule) });
    const [first] = await nearHashes(shared.database, [frames[0]?.hash ?? new Uint8Array()], 'all');
    const [file] = await indexedFiles(shared.database, [first?.fileId ?? '']);
    const moments = new Set(
      (await hashesOf(shared.database, file?.id ?? '')).map(({ atMs }) => atMs),
    );
    // One a second, and the last frame.
    expect(moments.size).toBeLessThanOrEqual(seconds + 1);
  });
});

describe('which frames are hashed', () => {
  const short = { lengthMs: 180_000, packets: 5400 };

  test('is told by the length of the video and not by its header alone', () => {
    expect(hashedFrames(defaultHashRule, short)).toBe('frame');
    expect(hashedFrames(defaultHashRule, { ...short, lengthMs: 180_001 })).toBe('second');
    expect(hashedFrames(defaultHashRule, { ...short, lengthMs: null })).toBe('second');
    expect(hashedFrames(defaultHashRule, { ...short, packets: 10_000_000 })).toBe('second');
  });

  test('is what the setting says, whatever the length', () => {
    for (const frames of ['frame', 'second'] as const) {
      for (const lengthMs of [1, 1e9, null])
        expect(hashedFrames(ruleOf(frames), { lengthMs, packets: 1e9 })).toBe(frames);
    }
  });
});

describe('what is asked about a video', () => {
  const trackOfHashes = (hashes: Uint8Array[], quality = 100) =>
    hashes.map((hash, index) => ({ atMs: index * 33, quality, hash }));

  test('is one frame of a still scene, and none that shows nothing', () => {
    const still = Uint8Array.from(anyBytes(32));
    const nearly = Uint8Array.from(still, (byte, index) => (index === 0 ? byte ^ 15 : byte));
    const asked = askedOf(
      [],
      [
        ...trackOfHashes([still, nearly, still, nearly]),
        ...trackOfHashes([Uint8Array.from(anyBytes(32))], 49),
      ],
    );
    expect(framesToAsk(asked).map(({ hash }) => hash)).toEqual([still]);
    expect(framesAsked(asked)).toEqual({ hashedFrames: 5, distinctFrames: 1, askedFrames: 1 });
  });

  test('is spread evenly beyond the bound, first and last frame among them, and said', () => {
    const track = trackOfHashes(Array.from({ length: 5400 }, () => Uint8Array.from(anyBytes(32))));
    const asked = askedOf([], track);
    const times = framesToAsk(asked).map(({ atMs }) => atMs);
    expect([times.length, times[0], times.at(-1)]).toEqual([mostAskedFrames, 0, 5399 * 33]);
    const gaps = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 33);
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
    expect(framesAsked(asked)).toEqual({
      hashedFrames: 5400,
      distinctFrames: 5400,
      askedFrames: mostAskedFrames,
    });
  });
});
