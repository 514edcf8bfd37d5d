/** Keyframes of clips with known cuts, and of files that are damaged or hostile. */
import { execFile } from 'node:child_process';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { timeCode } from '../src/media/keyframes/contact-sheet.ts';
import { frameReader, type PrintedFrame, ptsToMs } from '../src/media/keyframes/frame-filters.ts';
import {
  extractKeyframes,
  type KeyframeOptions,
  type Keyframes,
} from '../src/media/keyframes/keyframes.ts';
import { openPictures } from '../src/media/pictures/pictures.ts';
import { openFileVault } from '../src/vault/files.ts';
import type { Vault } from '../src/vault/vault.ts';
import { ffmpegIn, makeClip } from './support/clips.ts';
import { until } from './support/queues.ts';

const run = promisify(execFile);
const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const phoneVideos = new URL('../../shared/fixtures/pdq/vpdq/videos/', import.meta.url).pathname;

let folder: string;
let vault: Vault;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-keyframes-'));
  vault = await openFileVault(join(folder, 'vault'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function keyframesOf(
  file: string,
  options: Partial<KeyframeOptions> = {},
  signal = new AbortController().signal,
): Promise<Keyframes> {
  const { sha256 } = await vault.put(createReadStream(join(folder, file)));
  const original = { sha256, mediaType: 'video/mp4', name: `media/1 & <${file}>`, refId: '1' };
  await using pictures = openPictures(signal);
  const deps = { vault, tools, pictures };
  return await extractKeyframes(deps, original, { environment: 'live', ...options }, signal);
}

/** Colour cards, hard cuts between them, at these seconds. */
async function clipWithCuts(name: string, cards: number[], ...encoding: string[]): Promise<void> {
  const colours = ['red', 'blue', 'white', 'green', 'black', 'yellow'];
  const inputs = cards.flatMap((seconds, index) => [
    ...['-f', 'lavfi', '-i'],
    `color=${colours[index % colours.length]}:size=320x240:rate=30:duration=${seconds}`,
  ]);
  const joined = `${cards.map((_, index) => `[${index}:v]`).join('')}concat=n=${cards.length}`;
  await ffmpegIn(
    folder,
    ...inputs,
    '-filter_complex',
    joined,
    ...(encoding.length > 0 ? encoding : x264),
    name,
  );
}

interface Frame {
  pts: number;
  timeBase: string;
  why: string;
}

function frames({ artifacts }: Keyframes): Frame[] {
  return artifacts
    .filter(({ role }) => role === 'keyframe')
    .map(({ facts }) => ({ pts: facts?.pts, timeBase: facts?.timeBase, why: facts?.why }) as Frame);
}

/** Every pts that ffprobe sees when it decodes the file, in its own time base. */
async function ffprobePts(file: string): Promise<{ pts: number[]; timeBase: string }> {
  const show = ['-show_entries', 'frame=best_effort_timestamp:stream=time_base', '-of', 'json'];
  const { stdout } = await run(
    'ffprobe',
    ['-v', 'quiet', '-select_streams', 'v:0', ...show, join(folder, file)],
    {
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const answer = JSON.parse(stdout);
  return {
    timeBase: answer.streams[0].time_base,
    pts: answer.frames.map(
      (frame: { best_effort_timestamp: number }) => frame.best_effort_timestamp,
    ),
  };
}

async function expectTimesOfFfprobe(file: string, found: Frame[]): Promise<void> {
  const probed = await ffprobePts(file);
  for (const { pts, timeBase } of found) {
    expect(timeBase).toBe(probed.timeBase);
    expect(probed.pts).toContain(pts);
  }
  expect(found.at(0)?.pts).toBe(probed.pts.at(0));
  expect(found.at(-1)?.pts).toBe(probed.pts.at(-1));
}

describe('a sound video', () => {
  test('gives its first frame, every cut, one frame every ten seconds, and its last', async () => {
    await clipWithCuts('cuts.mp4', [2, 1.5, 23, 1]);
    const result = await keyframesOf('cuts.mp4');
    expect(result).toMatchObject({ state: 'done', reason: null, notes: [] });
    const found = frames(result);
    expect(found.map(({ why, pts }) => [why, pts / 15360])).toEqual([
      ['first', 0],
      ['shot', 2],
      ['shot', 3.5],
      ['floor', 13.5],
      ['floor', 23.5],
      ['shot', 26.5],
      ['last', 27.5 - 1 / 30],
    ]);
    await expectTimesOfFfprobe('cuts.mp4', found);
  });

  test('each keyframe names its parent, its tool, and its exact time', async () => {
    const result = await keyframesOf('cuts.mp4');
    const { sha256 } = await vault.put(createReadStream(join(folder, 'cuts.mp4')));
    expect(result.artifacts[1]).toMatchObject({
      role: 'keyframe',
      name: 'keyframes/1/00002.jpg',
      mediaType: 'image/jpeg',
      derivedFrom: sha256,
      media: { width: 320, height: 240, ptsMs: 2000 },
      facts: { pts: 30720, timeBase: '1/15360', why: 'shot', tool: 'ffmpeg' },
    });
    const { facts, sha256: frame } = result.artifacts[1] ?? {};
    expect(facts?.sceneScore).toBeGreaterThan(0.25);
    expect(facts?.version).toMatch(/^ffmpeg version /);
    expect(facts?.arguments).toContain('ORIGINAL');
    const { dominant } = await sharp(await vault.read(frame ?? '')).stats();
    expect(dominant.b).toBeGreaterThan(200);
  });

  test('is shown at a glance, labelled', async () => {
    const result = await keyframesOf('cuts.mp4', { environment: 'demo' });
    const sheet = result.artifacts.find(({ role }) => role === 'contact-sheet');
    expect(sheet).toMatchObject({
      name: 'keyframes/1/contact-sheet.jpg',
      mediaType: 'image/jpeg',
      facts: { frames: 35, everySeconds: 0.8, part: { number: 1, of: 1 } },
    });
    const picture = sharp(await vault.read(sheet?.sha256 ?? ''));
    expect((await picture.metadata()).width).toBe(2000);
    const corner = { left: 1500, top: 5, width: 400, height: 30 };
    const bar = await sharp(await picture.extract(corner).toBuffer()).stats();
    expect(bar.dominant).toMatchObject({ r: 136, g: 24, b: 24 });
  });

  test('with more cuts than the cap allows says how many were left out', async () => {
    await clipWithCuts(
      'strobe.mp4',
      Array.from({ length: 40 }, () => 0.2),
    );
    const result = await keyframesOf('strobe.mp4', { perMinute: 5 });
    // The fifth card is black: it is left out, and takes no other frame's place.
    const shots = ['first', 'shot', 'shot', 'shot', 'shot', 'last'];
    expect(frames(result).map(({ why }) => why)).toEqual(shots);
    expect(result.leftOut).toMatchObject({ black: 1, flash: 0 });
    expect(result.notes).toEqual([expect.stringContaining('capped: 34 of 40')]);
  });

  test('that is a fast montage keeps every shot', async () => {
    const cards = Array.from({ length: 40 }, () => 0.6);
    await clipWithCuts('montage.mp4', cards);
    const result = await keyframesOf('montage.mp4');
    const black = cards.filter((_, index) => index % 6 === 4).length;
    const shots = frames(result).filter(({ why }) => why === 'shot');
    expect(shots).toHaveLength(cards.length - 1 - black);
    expect(result.leftOut).toMatchObject({ black, flash: 0 });
    expect(result.notes).toEqual([]);
  });

  test('whose frames come at uneven times keeps those times', async () => {
    await clipWithCuts('even.mp4', [1, 1, 1]);
    const uneven = "setpts='PTS+2000*random(1)'";
    await ffmpegIn(
      folder,
      '-i',
      'even.mp4',
      '-vf',
      uneven,
      '-fps_mode',
      'passthrough',
      ...x264,
      'uneven.mp4',
    );
    const { pts } = await ffprobePts('uneven.mp4');
    const steps = new Set(pts.slice(1).map((value, index) => value - (pts[index] ?? 0)));
    expect(steps.size).toBeGreaterThan(10);
    const found = frames(await keyframesOf('uneven.mp4'));
    expect(found.map(({ why }) => why)).toEqual(['first', 'shot', 'shot', 'last']);
    await expectTimesOfFfprobe('uneven.mp4', found);
  });

  test('whose clock does not start at zero keeps its own clock', async () => {
    await clipWithCuts('late.ts', [1, 1, 1], ...x264, '-f', 'mpegts');
    const result = await keyframesOf('late.ts');
    await expectTimesOfFfprobe('late.ts', frames(result));
    expect(frames(result)[0]?.pts).toBeGreaterThan(0);
    expect(result.artifacts[0]).toMatchObject({
      media: { ptsMs: 0 },
      facts: { containerStartTime: expect.stringMatching(/^1\.4/) },
    });
  });

  test('is shown upright when it says that it was held sideways', async () => {
    await clipWithCuts('lying.mp4', [1, 1]);
    await ffmpegIn(
      folder,
      '-i',
      'lying.mp4',
      '-c',
      'copy',
      '-metadata:s:v',
      'rotate=90',
      'turned.mp4',
    );
    const { artifacts } = await keyframesOf('turned.mp4');
    expect(artifacts[0]?.media).toMatchObject({ width: 240, height: 320 });
  });

  test('tells how far it has come', async () => {
    const ticks: number[] = [];
    await keyframesOf('cuts.mp4', { onProgress: ({ doneMs }) => ticks.push(doneMs) });
    expect(ticks.length).toBeGreaterThan(0);
  });
});

describe('a file that gives less', () => {
  test('whose picture changes size: every frame keeps its own time', async () => {
    await clipWithCuts('small.ts', [2], ...x264, '-f', 'mpegts');
    const large = ['-f', 'lavfi', '-i', 'testsrc2=size=640x480:rate=30:duration=2'];
    await ffmpegIn(folder, ...large, ...x264, '-output_ts_offset', '2', '-f', 'mpegts', 'large.ts');
    const both = ['small.ts', 'large.ts'].map((name) => readFileSync(join(folder, name)));
    await writeFile(join(folder, 'grows.ts'), Buffer.concat(both));
    const result = await keyframesOf('grows.ts');
    const found = frames(result);
    expect(found.map(({ why }) => why)).toEqual(['first', 'format-change', 'last']);
    await expectTimesOfFfprobe('grows.ts', found);
    expect(result.notes).toEqual([expect.stringContaining('format-changes')]);
  });

  test('only sound: skipped', async () => {
    await ffmpegIn(folder, '-f', 'lavfi', '-i', 'sine=duration=1', '-c:a', 'aac', 'sound.mp4');
    expect(await keyframesOf('sound.mp4')).toMatchObject({
      state: 'skipped',
      reason: 'no-video-stream',
    });
  });

  test('sound with a cover picture: skipped', async () => {
    await sharp({ create: { width: 50, height: 50, channels: 3, background: 'red' } }).toFile(
      join(folder, 'cover.jpg'),
    );
    const covered = ['-map', '0', '-map', '1', '-c', 'copy', '-disposition:v', 'attached_pic'];
    await ffmpegIn(folder, '-i', 'sound.mp4', '-i', 'cover.jpg', ...covered, 'covered.mp4');
    expect(await keyframesOf('covered.mp4')).toMatchObject({
      state: 'skipped',
      reason: 'no-video-stream',
    });
  });

  test('cut short: what decodes is kept', async () => {
    const noise = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=30:duration=6'];
    await ffmpegIn(folder, ...noise, ...x264, '-movflags', '+faststart', 'cut.mp4');
    await truncate(join(folder, 'cut.mp4'), 400_000);
    const result = await keyframesOf('cut.mp4');
    expect(result.state).toBe('done');
    expect(result.notes).toEqual([expect.stringContaining('decode-errors')]);
    const all = (await ffprobePts('cut.mp4')).pts;
    for (const { pts } of frames(result)) expect(all).toContain(pts);
  });

  test('without its index: failed', async () => {
    const clip = await makeClip(folder, { size: '320x240', seconds: 1 });
    await writeFile(join(folder, 'half.mp4'), clip.subarray(0, clip.length / 2));
    expect(await keyframesOf('half.mp4')).toMatchObject({
      state: 'failed',
      reason: 'not-decodable',
      artifacts: [],
    });
  });

  test('noise: failed', async () => {
    await writeFile(join(folder, 'noise.mp4'), Buffer.alloc(50_000, 'holdfast'));
    expect(await keyframesOf('noise.mp4')).toMatchObject({
      state: 'failed',
      reason: 'not-decodable',
    });
  });
});

describe('a hostile file', () => {
  test('a playlist called mp4 does not open another local file', async () => {
    await ffmpegIn(
      folder,
      '-f',
      'lavfi',
      '-i',
      'color=red:duration=1',
      ...x264,
      '-f',
      'mpegts',
      'secret.ts',
    );
    const playlist = [
      '#EXTM3U',
      '#EXT-X-TARGETDURATION:1',
      '#EXTINF:1,',
      join(folder, 'secret.ts'),
      '#EXT-X-ENDLIST',
    ];
    await writeFile(join(folder, 'playlist.mp4'), playlist.join('\n'));
    // Unguarded, ffmpeg does open it: else this test would prove nothing.
    await ffmpegIn(folder, '-i', 'playlist.mp4', '-frames:v', '1', 'leaked.jpg');
    expect(await keyframesOf('playlist.mp4')).toMatchObject({
      state: 'failed',
      reason: 'not-decodable',
      artifacts: [],
    });
  });

  test('a concat list called mp4 does not open another local file', async () => {
    await writeFile(join(folder, 'list.mp4'), `ffconcat version 1.0\nfile secret.ts\n`);
    expect(await keyframesOf('list.mp4')).toMatchObject({ state: 'failed', artifacts: [] });
  });

  test('a missing ffmpeg is said, and is not the fault of the file', async () => {
    const { sha256 } = await vault.put(createReadStream(join(folder, 'cuts.mp4')));
    const original = { sha256, mediaType: 'video/mp4', name: 'a.mp4', refId: '1' };
    const { signal } = new AbortController();
    await using pictures = openPictures(signal);
    const without = { vault, pictures, tools: { ffmpeg: 'no-such-ffmpeg', ffprobe: 'ffprobe' } };
    const extracting = extractKeyframes(without, original, { environment: 'live' }, signal);
    await expect(extracting).rejects.toMatchObject({ code: 'tool-missing' });
  });
});

describe('stopping', () => {
  test('kills ffmpeg before it returns, and leaves nothing behind', async () => {
    const long = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30:duration=40'];
    await ffmpegIn(folder, ...long, ...x264, '-g', '300', 'long.mp4');
    const stop = new AbortController();
    const stopped = expect(keyframesOf('long.mp4', {}, stop.signal)).rejects.toThrow(
      'told to stop',
    );
    const decodes = (pid: string) => commandLine(pid).includes('-filter_complex');
    await until(() => ffmpegProcesses().some(decodes));
    stop.abort(new Error('told to stop'));
    await stopped;
    expect(ffmpegProcesses()).toEqual([]);
    expect(await readdir(join(folder, 'vault', 'scratch'))).toEqual([]);
  });
});

test('a tool that never ends is ended', { timeout: 20_000 }, async () => {
  const mark = `${process.pid}.5`;
  const stuck = join(folder, 'stuck');
  await writeFile(stuck, `#!/bin/sh\necho out_time_us=1\nexec sleep 99${mark}\n`, {
    mode: 0o755,
  });
  const { sha256 } = await vault.put(createReadStream(join(folder, 'cuts.mp4')));
  const original = { sha256, mediaType: 'video/mp4', name: 'a.mp4', refId: '1' };
  const stop = new AbortController();
  const options = {
    environment: 'live' as const,
    onProgress: () => stop.abort(new Error('told to stop')),
  };
  await using pictures = openPictures(stop.signal);
  const extracting = extractKeyframes(
    { vault, pictures, tools: { ffmpeg: stuck, ffprobe: 'ffprobe' } },
    original,
    options,
    stop.signal,
  );
  await expect(extracting).rejects.toThrow('told to stop');
  const left = readdirSync('/proc').filter((pid) => commandLine(pid).includes(`99${mark}`));
  expect(left).toEqual([]);
});

/** Processes that read from this test's vault. */
function ffmpegProcesses(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => commandLine(pid).includes(join(folder, 'vault')));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

describe('the phone videos', () => {
  const names = ['chair-19-sd-bar.mp4', 'pattern-hd-no-bar.mp4'];
  test.skipIf(!existsSync(phoneVideos)).each(names)('%s: every time is ffprobe’s', async (name) => {
    await copyFile(join(phoneVideos, name), join(folder, name));
    const result = await keyframesOf(name);
    expect(result).toMatchObject({ state: 'done', notes: [] });
    await expectTimesOfFfprobe(name, frames(result));
  });
});

describe('times', () => {
  test('are exact before they are rounded', () => {
    expect(ptsToMs(289_792n, '1/15360')).toBe(18_867);
    expect(ptsToMs(-90n, '1/90000')).toBe(-1);
    expect(timeCode(3_723_004)).toBe('01:02:03.004');
    expect(timeCode(-1500)).toBe('-00:00:01.500');
  });

  test('are read from what ffmpeg printed, whatever else is there', () => {
    const text = [
      'frame:0    pts:126000  pts_time:1.4',
      'lavfi.scene_score=0.500000',
      'holdfast=kept',
      'frame:1    pts:NOPTS',
      'holdfast=kept',
      'rubbish',
      'holdfast=last',
      'frame:7    pts:-5 pts_time:-1',
      'holdfast=last',
      'frame:8    pts:9',
    ].join('\n');
    const read: PrintedFrame[] = [];
    const reader = frameReader((frame) => void read.push(frame));
    for (const line of text.split('\n')) reader(line);
    expect(read).toEqual([
      { use: 'kept', number: 0, pts: 126_000n, sceneScore: 0.5 },
      { use: 'last', number: 7, pts: -5n, sceneScore: null },
    ]);
  });
});
