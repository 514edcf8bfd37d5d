/** What one decode of a video leaves behind, and the scan of its packets that leads it. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DecodedFrames, decodeFrames } from '../src/media/keyframes/decode-frames.ts';
import { beginPacketScan, mostLastFrames } from '../src/media/keyframes/packets.ts';
import { probeMedia, type VideoStream } from '../src/media/tools/probe.ts';
import { ffmpegIn } from './support/clips.ts';
import { until } from './support/queues.ts';

const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
const never = new AbortController().signal;
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-decode-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const card = (colour: string, frames: number) => [
  ...['-f', 'lavfi', '-i'],
  `color=${colour}:size=320x240:rate=30:duration=${frames / 30}`,
];

/** Two seconds of red, and one frame of blue. */
async function clipThatEndsBlue(): Promise<string> {
  const cards = [...card('red', 60), ...card('blue', 1)];
  await ffmpegIn(folder, ...cards, '-filter_complex', 'concat', ...x264, 'ends-blue.mp4');
  return join(folder, 'ends-blue.mp4');
}

async function decoded(
  path: string,
  as: Partial<VideoStream> = {},
): Promise<{ frames: DecodedFrames; hashed: bigint[] }> {
  await using scanning = beginPacketScan(tools, path, never);
  const probe = await probeMedia(tools, path, never);
  const video = { ...(probe.video as VideoStream), ...as };
  const scan = await scanning.of(video.index);
  const hashed: bigint[] = [];
  const request = {
    ...{ path, folder, probe, video, scan, hashed: 'frame' as const },
    rule: { sceneThreshold: 0.25, floorSeconds: 10, perMinute: 30 },
    onHashFrame: (pts: bigint) => void hashed.push(pts),
  };
  return { frames: await decodeFrames(tools, request, never), hashed };
}

describe('the last frame', () => {
  test('is the very last, though only the end tells which that is', async () => {
    const { frames, hashed } = await decoded(await clipThatEndsBlue());
    expect(frames.last?.pts).toBe(60n * 512n);
    expect(hashed).toEqual(frames.samples.times);
    expect(hashed.at(-1)).toBe(60n * 512n);
    const { dominant } = await sharp(frames.last?.path).stats();
    expect(dominant).toMatchObject({ r: 8, b: 248 });
  });

  test.each([
    ['of an ordinary video, sixteen are held', {}, 16],
    ['of a huge picture, only a few are held', { width: 7680, height: 4320 }, 4],
  ])('%s until the end is known', async (_, as, held) => {
    const { frames } = await decoded(await clipThatEndsBlue(), as);
    const graph = frames.made.arguments.find((argument) => argument.includes('[end]'));
    expect(graph).toContain(`gte(pts,${(61 - held) * 512})`);
  });
});

describe('the scan of packets', () => {
  test('keeps the moving pictures of a file apart', async () => {
    const two = [...card('red', 30), ...card('blue', 90), '-map', '0', '-map', '1'];
    await ffmpegIn(folder, ...two, ...x264, 'two.mp4');
    await using scanning = beginPacketScan(tools, join(folder, 'two.mp4'), never);
    const [short, long] = [await scanning.of(0), await scanning.of(1)];
    expect([short.packets, long.packets]).toEqual([30, 90]);
    expect(short.lengthMs('1/15360')).toBe(967);
    expect(long.lastFramesFrom(mostLastFrames)).toBe(74n * 512n);
    expect(await scanning.of(7)).toMatchObject({ packets: 0 });
  });

  test('that nobody waits for any more has ended when it is left', async () => {
    const mark = `98${process.pid}.5`;
    const stuck = join(folder, 'stuck');
    await writeFile(stuck, `#!/bin/sh\nexec sleep ${mark}\n`, { mode: 0o755 });
    const sleeping = () => readdirSync('/proc').filter((pid) => commandLine(pid).includes(mark));
    {
      await using _ = beginPacketScan({ ...tools, ffprobe: stuck }, join(folder, 'two.mp4'), never);
      await until(() => sleeping().length > 0);
    }
    expect(sleeping()).toEqual([]);
  });
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
