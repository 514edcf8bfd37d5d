import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { artifactsOf, insertArtifacts } from '../src/catalog/artifacts.ts';
import { indexFile } from '../src/catalog/fingerprints.ts';
import { nearHashes } from '../src/catalog/similar.ts';
import { similarToCapture, similarToFile } from '../src/pipeline/copies/ask-similar.ts';
import {
  allClusters,
  clusterOf,
  decide,
  restoreDecisions,
  undo,
} from '../src/pipeline/copies/clusters.ts';
import { reindex } from '../src/pipeline/copies/fingerprint-media.ts';
import type { Parts } from '../src/pipeline/parts.ts';
import { open } from './support/catalog.ts';
import { ffmpegIn } from './support/clips.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { type Kept, keepPicture, mediaParts, storeVideo } from './support/kept-media.ts';
import { anyBytes } from './support/seed.ts';

const never = new AbortController().signal;
let shared: TestDatabase;
let made: Awaited<ReturnType<typeof mediaParts>>;
let parts: Parts;
/** Held from the beginning: a clip that zooms, a still of another scene. */
let clip: Kept;
let still: Kept;

/** A path in the folder where media are made. */
const at = (name: string) => join(made.folder, name);

beforeAll(async () => {
  shared = await testDatabase();
  made = await mediaParts(shared.database);
  parts = made.parts;
  await ffmpegIn(
    made.folder,
    '-f',
    'lavfi',
    '-i',
    zoom(-0.74, 0.11),
    '-t',
    '6',
    ...x264,
    'clip.mp4',
  );
  await ffmpegIn(
    made.folder,
    '-f',
    'lavfi',
    '-i',
    zoom(-1.25, 0.02),
    '-frames:v',
    '1',
    'still.png',
  );
  clip = await storeVideo(parts, at('clip.mp4'), 'web:https://first.example/clip');
  still = await keepPicture(parts, at('still.png'), 'web:https://first.example/still');
}, 60_000);

afterAll(async () => {
  await made?.remove();
  await shared?.close();
});

const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const logo = 'drawbox=x=iw*0.76:y=ih*0.02:w=iw*0.22:h=ih*0.08:color=red:t=fill';

function zoom(x: number, y: number): string {
  return `mandelbrot=size=480x360:rate=25:start_x=${x}:start_y=${y}:start_scale=0.3:end_scale=0.02:end_pts=200`;
}

/** Edits a picture or video and asks what is held of it. */
async function askEdited(
  of: 'clip.mp4' | 'still.png',
  name: string,
  filter: string,
  ...more: string[]
) {
  await ffmpegIn(made.folder, '-i', of, '-vf', filter, ...more, name);
  return (await similarToFile(parts, at(name), never)).similar;
}

describe('a picture that is held', () => {
  test.each([
    ['as it is', 'null', 'full'],
    ['at half its size', 'scale=iw/2:ih/2', 'full'],
    ['cropped by a tenth', 'crop=iw*.9:ih*.9', 'crop-90'],
    ['cropped to a corner', 'crop=iw*.8:ih*.8:0:0', 'crop-80-top-left'],
    ['cut to a square', 'crop=ih:ih', 'ratio-1:1'],
    ['with bars', 'pad=iw:ih*1.3:0:(oh-ih)/2', 'full'],
    ['with a logo', logo, 'full'],
    ['with a caption', 'drawbox=x=0:y=ih*0.85:w=iw:h=ih*0.15:color=black:t=fill', 'full'],
  ])('is found again %s', async (words, filter, view) => {
    const [found, ...others] = await askEdited('still.png', `${words}.png`, filter);
    expect(others).toEqual([]);
    expect(found?.places[0]?.captureId).toBe(still.captureId);
    expect(found?.best.view).toBe(view);
    expect(found?.best.quality).toBeGreaterThanOrEqual(50);
  });

  test('is found again mirrored and turned, which is said', async () => {
    expect((await askEdited('still.png', 'mirrored.png', 'hflip'))[0]?.best.turned).toBe('flipY');
    expect((await askEdited('still.png', 'turned.png', 'transpose=1'))[0]?.best.turned).toMatch(
      /^rotate/,
    );
  });

  test('is not found for a picture of something else, nor for one of nothing', async () => {
    await ffmpegIn(
      made.folder,
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=480x360',
      '-frames:v',
      '1',
      'other.png',
    );
    await ffmpegIn(
      made.folder,
      '-f',
      'lavfi',
      '-i',
      'color=gray:size=480x360',
      '-frames:v',
      '1',
      'grey.png',
    );
    expect((await similarToFile(parts, at('other.png'), never)).similar).toEqual([]);
    expect((await similarToFile(parts, at('grey.png'), never)).similar).toEqual([]);
  });
});

describe('a video that is held', () => {
  test('is found again by a clip out of it at another phase, with both times', async () => {
    const trimmed = ['-ss', '2.37', '-t', '3', ...x264];
    const [found] = await askEdited('clip.mp4', 'trimmed.mp4', 'null', ...trimmed);
    expect(found?.sha256).toBe(clip.sha256);
    const { fromMs = 0, toMs = 0, askedFromMs, askedToMs } = found?.span ?? {};
    expect(fromMs).toBeGreaterThanOrEqual(2000);
    expect(toMs).toBeLessThanOrEqual(6000);
    expect(askedToMs ?? 0).toBeGreaterThan(askedFromMs ?? 0);
    // Five seconds lie in the index; two or three of them in the clip.
    expect(found?.foundMoments).toBeGreaterThanOrEqual(2);
  });

  test('is found again whole when it was mirrored and made small', async () => {
    const [found] = await askEdited('clip.mp4', 'mirrored.mp4', 'hflip,scale=160:120', ...x264);
    expect(found?.sha256).toBe(clip.sha256);
    expect(found?.best.turned).toBe('flipY');
    expect(found?.share).toBeGreaterThan(0.9);
  });

  test('is found again by a still from it', async () => {
    const [found] = await askEdited('clip.mp4', 'frame.png', 'select=gte(t\\,2)', '-frames:v', '1');
    expect(found?.sha256).toBe(clip.sha256);
    expect(Math.abs((found?.best.atMs ?? 0) - 2000)).toBeLessThan(1100);
  });
});

describe('a sound that is held', () => {
  let spoken: Kept;
  /** Tones that change, never the same for long: as near to speech as a formula comes. */
  const speech = (seed: number) =>
    `aevalsrc='sin(2*PI*t*(300+200*sin(t*${seed})+150*sin(t*t*0.${seed})))*(0.5+0.5*sin(t*${seed}*2))':d=20:s=16000`;

  beforeAll(async () => {
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=10:duration=20'];
    const sound = ['-f', 'lavfi', '-i', speech(3)];
    await ffmpegIn(made.folder, ...picture, ...sound, ...x264, '-c:a', 'aac', 'spoken.mp4');
    spoken = await storeVideo(parts, at('spoken.mp4'), 'web:https://first.example/spoken');
  });

  test('is found again, and told apart, under another picture: cut, quieter and in another codec', async () => {
    const black = ['-f', 'lavfi', '-i', 'color=black:size=160x120:rate=10:duration=10'];
    const cut = ['-ss', '5', '-t', '10', '-i', 'spoken.mp4'];
    const mixed = [
      '-map',
      '0:v',
      '-map',
      '1:a',
      '-af',
      'volume=0.4',
      '-c:a',
      'libmp3lame',
      '-b:a',
      '48k',
    ];
    await ffmpegIn(made.folder, ...black, ...cut, ...mixed, ...x264, 'resounded.mkv');
    const { similar, sounds } = await similarToFile(parts, at('resounded.mkv'), never);
    expect(similar).toEqual([]);
    expect(sounds.map(({ sha256 }) => sha256)).toEqual([spoken.sha256]);
    expect(Math.abs((sounds[0]?.atMs ?? 0) - (sounds[0]?.askedAtMs ?? 0) - 5000)).toBeLessThan(300);
    expect(sounds[0]?.differing).toBeLessThan(0.2);

    const copy = await storeVideo(parts, at('resounded.mkv'), 'web:https://second.example/sound');
    expect(copy.events).toMatchObject([
      { kind: 'similar.sound', detail: { otherSha256: spoken.sha256, seenIn: 'sound' } },
    ]);
    // Heard alike is not seen alike: no cluster comes of it.
    expect((await clusterOf(shared.database, copy.sha256)).files).toHaveLength(1);
  });

  test('is not found for another sound, nor for silence', async () => {
    await ffmpegIn(made.folder, '-f', 'lavfi', '-i', speech(7), 'other.wav');
    await ffmpegIn(made.folder, '-f', 'lavfi', '-i', 'anullsrc=d=20', 'silence.wav');
    expect((await similarToFile(parts, at('other.wav'), never)).sounds).toEqual([]);
    expect((await similarToFile(parts, at('silence.wav'), never)).sounds).toEqual([]);
  });
});

describe('a later capture', () => {
  let copy: Kept;

  beforeAll(async () => {
    await ffmpegIn(made.folder, '-i', 'still.png', '-vf', 'crop=iw*.9:ih*.9,hflip', 'copy.png');
    copy = await keepPicture(parts, at('copy.png'), 'web:https://second.example/copy');
  });

  test('tells by an event which earlier one it copies', () => {
    expect(copy.events).toHaveLength(1);
    expect(copy.events[0]).toMatchObject({
      kind: 'similar.found',
      sourceKey: 'web:https://second.example/copy',
      detail: {
        sha256: copy.sha256,
        otherSha256: still.sha256,
        otherCapture: still.captureId,
        view: 'crop-90',
        turned: 'flipY',
        seenIn: 'picture',
      },
    });
  });

  test('of the same file at the same source is no news', async () => {
    const again = await keepPicture(parts, at('still.png'), 'web:https://first.example/still');
    expect(again.events.filter(({ detail }) => detail.otherSha256 === still.sha256)).toEqual([]);
  });

  test('asked for leads to the earliest copy first', async () => {
    const [answer] = await similarToCapture(parts, copy.captureId, never);
    expect(answer?.similar.map(({ places }) => places[0].captureId)[0]).toBe(still.captureId);
  });

  test('makes a cluster with it, that people split, join and name the first of', async () => {
    const files = async () =>
      (await clusterOf(shared.database, copy.sha256)).files.map(({ sha256 }) => sha256);
    expect(await files()).toEqual([still.sha256, copy.sha256]);
    expect((await clusterOf(shared.database, copy.sha256)).primary).toBe(still.sha256);

    const apart = await decide(parts, 'unrelated', [still.sha256, copy.sha256], {
      note: 'look closer',
    });
    expect(await files()).toEqual([copy.sha256]);
    await undo(parts, apart.id);
    expect(await files()).toEqual([still.sha256, copy.sha256]);

    await decide(parts, 'same-scene', [copy.sha256, clip.sha256]);
    expect(await files()).toHaveLength(3);
    const chosen = await decide(parts, 'primary', [copy.sha256]);
    expect(await clusterOf(shared.database, clip.sha256)).toMatchObject({
      primary: copy.sha256,
      chosen: true,
    });
    await undo(parts, chosen.id);
    expect((await allClusters(shared.database)).map(({ primary }) => primary)).toEqual([
      clip.sha256,
    ]);
  });

  test('and its decisions come back from the vault, and so does the index', async () => {
    const another = await testDatabase();
    try {
      const there = { ...parts, database: another.database };
      expect(await restoreDecisions(there, another.database)).toBe(5);
      const { rows } = await another.database.query(
        'select decision from cluster_decisions order by id',
      );
      expect(rows.map(({ decision }) => decision)).toEqual([
        'unrelated',
        'undo',
        'same-scene',
        'primary',
        'undo',
      ]);
      for (const { captureId } of [clip, still]) {
        await open(another.database, { captureId });
        const artifacts = await artifactsOf(shared.database, captureId);
        await insertArtifacts(another.database, captureId, 'media', artifacts);
      }
      expect(await reindex(there, never)).toBe(2);
      expect(await reindex(there, never)).toBe(0);
      const { similar } = await similarToFile(there, at('copy.png'), never);
      expect(similar.map(({ sha256 }) => sha256)).toEqual([still.sha256]);
    } finally {
      await another.close();
    }
  });

  test('about files that nobody holds, or about a decision that nobody made, nothing is decided', async () => {
    await expect(decide(parts, 'primary', ['0'.repeat(64)])).rejects.toMatchObject({
      code: 'no-file',
    });
    await expect(undo(parts, crypto.randomUUID())).rejects.toMatchObject({ code: 'no-decision' });
  });
});

describe('the index', () => {
  test('finds everything within 31 bits, and by the probe everything within 20', async () => {
    const planted = Array.from({ length: 32 }, () => Uint8Array.from(anyBytes(32)));
    const noise = Array.from({ length: 3000 }, () => Uint8Array.from(anyBytes(32)));
    const hashes = [...planted, ...noise].map((hash, index) => ({
      atMs: index,
      view: 'full',
      quality: 100,
      hash,
    }));
    await indexFile(
      shared.database,
      { sha256: 'e'.repeat(64), kind: 'video', trackSha256: null },
      hashes,
    );
    const asked = planted.map((hash, distance) => flipped(hash, distance));
    const all = await nearHashes(shared.database, asked, 'all');
    expect(all.map(({ asked: n, atMs, distance }) => [n, atMs, distance])).toEqual(
      planted.map((_, n) => [n, n, n]),
    );
    const probed = await nearHashes(shared.database, asked, 'probe');
    expect(probed.slice(0, 21).map(({ distance }) => distance)).toEqual(
      planted.slice(0, 21).map((_, n) => n),
    );
    const exact = await nearHashes(shared.database, asked, 'exact');
    expect(exact.slice(0, 11).map(({ distance }) => distance)).toEqual(
      planted.slice(0, 11).map((_, n) => n),
    );
  });

  test('never holds a hash of poor quality', async () => {
    const hash = Uint8Array.from(anyBytes(32));
    const poor = [{ atMs: 0, view: 'full', quality: 49, hash }];
    await indexFile(
      shared.database,
      { sha256: 'd'.repeat(64), kind: 'video', trackSha256: null },
      poor,
    );
    expect(await nearHashes(shared.database, [hash], 'all')).toEqual([]);
  });

  test('decisions of people take inserts only; the index gives way to newer hashes', async () => {
    for (const change of ['delete from cluster_decisions', 'truncate cluster_decisions cascade'])
      await expect(shared.database.query(change)).rejects.toThrow(/append-only/);
    const [hash, newer] = [anyBytes(32), anyBytes(32)].map((bytes) => Uint8Array.from(bytes));
    const file = { sha256: '9e'.repeat(32), kind: 'picture' as const, trackSha256: null };
    const whole = (of: Uint8Array = new Uint8Array(32)) => [
      { atMs: null, view: 'full', quality: 100, hash: of },
    ];
    expect(await indexFile(shared.database, file, whole(hash))).toBe(true);
    expect(await indexFile(shared.database, file, whole(newer))).toBe(false);
    expect(await indexFile(shared.database, file, whole(newer), { replace: true })).toBe(true);
    expect(await nearHashes(shared.database, [hash ?? new Uint8Array(32)], 'exact')).toEqual([]);
  });
});

/** The bits that differ fall on all parts of the hash alike: the hardest case for an index by parts. */
function flipped(hash: Uint8Array, count: number): Uint8Array {
  const result = hash.slice();
  for (let i = 0; i < count; i++) {
    const bit = Math.floor((i * 256) / Math.max(count, 1));
    result[bit >> 3] = (result[bit >> 3] as number) ^ (1 << (bit & 7));
  }
  return result;
}

describe('holdfast fingerprint', () => {
  const run = promisify(execFile);
  const cli = (...args: string[]) =>
    run(process.execPath, ['scripts/holdfast.ts', ...args], {
      cwd: join(import.meta.dirname, '..'),
    });

  test('prints what the contract says, and needs no data folder', async () => {
    const { stdout } = await cli('fingerprint', '--jsonl', at('still.png'));
    expect(JSON.parse(stdout)).toEqual({
      file: at('still.png'),
      sha256: still.sha256,
      pdq: { hash: expect.stringMatching(/^[0-9a-f]{64}$/), quality: expect.any(Number) },
    });
  });

  test('says of what is no picture that it is none', async () => {
    await writeFile(at('text.png'), 'no picture');
    await expect(cli('fingerprint', at('text.png'))).rejects.toMatchObject({ code: 2 });
    await expect(cli('fingerprint', at('absent.png'))).rejects.toMatchObject({ code: 3 });
  });
});
