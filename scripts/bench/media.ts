/**
 * Looking into a video, against decoding it and nothing else: a clip of 60 s, 1080p30. With
 * a hash for each second, and with one for every frame; contact sheet and text apart. Then
 * three hours of a small picture: nothing grows with the length.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DecodedFrames, decodeFrames } from '../../src/media/decode-frames.ts';
import { runFfmpeg } from '../../src/media/ffmpeg.ts';
import type { HashedFrames } from '../../src/media/hash-rule.ts';
import { trackWriter } from '../../src/media/hash-track-file.ts';
import { scanPackets } from '../../src/media/packets.ts';
import { probeMedia } from '../../src/media/probe.ts';
import { ffmpeg } from '../prove/media-cuts.ts';
import { type Bench, inWords, median, timePairs } from './bench.ts';

const MiB = 1024 * 1024;
const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
const never = new AbortController().signal;
const goals = { second: 1.15, frame: 1.4, memoryMiB: 300 };

export const bench: Bench = {
  async measure({ pairs, say }) {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-media-'));
    try {
      const clip = await fullClip(folder);
      const bare = () => bareDecode(clip, folder);
      for (const hashed of ['second', 'frame'] as const) {
        const times = await timePairs(pairs, bare, () => lookInto(clip, folder, hashed));
        say(`a hash for each ${hashed}: ${inWords(times)}; goal ${goals[hashed]} x`);
        // The ratio of a loaded machine is of little worth: it is said, and not held against it.
        if (median(times.ratios) > goals[hashed]) say(`  missed: above ${goals[hashed]} x`);
      }
      const short = await memoryOf(() => lookInto(clip, folder, 'frame'));
      say(
        `memory: ffmpeg ${short.toolMiB} MiB and Node's growth ${short.grownMiB} MiB; goal ${goals.memoryMiB} MiB`,
      );
      assert.ok(
        short.toolMiB + short.grownMiB < goals.memoryMiB,
        'within the memory that was promised',
      );
      const long = await smallClip(folder, 3 * 3600);
      const brief = await smallClip(folder, 300);
      const [little, much] = [
        await memoryOf(() => lookInto(brief, folder, 'second')),
        await memoryOf(() => lookInto(long, folder, 'second')),
      ];
      say(
        `5 min and 3 h of a small picture: ffmpeg ${little.toolMiB} and ${much.toolMiB} MiB, ` +
          `Node's growth ${little.grownMiB} and ${much.grownMiB} MiB`,
      );
      assert.ok(much.toolMiB - little.toolMiB < 32 && much.grownMiB < 64, 'constant memory');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** H.264 of about 3.7 Mbit/s with sound, as phones and platforms make it; a cut each eight seconds. */
async function fullClip(folder: string): Promise<string> {
  const path = join(folder, 'full.mp4');
  await ffmpeg([
    ...['-f', 'lavfi', '-i', 'testsrc2=size=1920x1080:rate=30:duration=60'],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:duration=60', '-vf', "hue=h='90*floor(t/8)'"],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-b:v',
      '3700k',
      '-pix_fmt',
      'yuv420p',
      '-c:a',
      'aac',
    ],
    path,
  ]);
  return path;
}

async function smallClip(folder: string, seconds: number): Promise<string> {
  const path = join(folder, `small-${seconds}.mp4`);
  await ffmpeg([
    ...['-f', 'lavfi', '-i', `testsrc2=size=160x90:rate=2:duration=${seconds}`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '20', path],
  ]);
  return path;
}

async function bareDecode(input: string, folder: string): Promise<void> {
  const outputs = [{ options: ['-map', '0:v:0', '-f', 'null'], target: '-' }];
  await runFfmpeg(tools, { input, outputs, folder, timeLimitMs: 600_000 }, never);
}

async function lookInto(
  path: string,
  parent: string,
  hashed: HashedFrames,
): Promise<DecodedFrames> {
  const folder = await mkdtemp(join(parent, 'run-'));
  const probe = await probeMedia(tools, path, never);
  const { video } = probe;
  assert.ok(video !== null);
  const { timeBase } = video;
  const header = { timeBase, containerStartTime: probe.startTime, every: hashed };
  const track = trackWriter(join(folder, 'track'), header);
  const rule = { sceneThreshold: 0.25, floorSeconds: 10, perMinute: 30 };
  const scan = await scanPackets(tools, path, video.index, never);
  const request = { path, folder, probe, video, scan, rule, hashed, onHashFrame: track.add };
  const decoded = await decodeFrames(tools, request, never).finally(() => track.end());
  await rm(folder, { recursive: true });
  return decoded;
}

/** The most that ffmpeg held, and by how much this process grew. */
async function memoryOf(
  work: () => Promise<unknown>,
): Promise<{ toolMiB: number; grownMiB: number }> {
  const before = process.memoryUsage().rss;
  let [tool, own] = [0, before];
  const watching = setInterval(() => {
    own = Math.max(own, process.memoryUsage().rss);
    for (const pid of readdirSync('/proc')) tool = Math.max(tool, peakOfFfmpeg(pid));
  }, 100);
  await work().finally(() => clearInterval(watching));
  return { toolMiB: Math.round(tool / MiB), grownMiB: Math.round((own - before) / MiB) };
}

/** `VmHWM` of a child of ours that has become ffmpeg. */
function peakOfFfmpeg(pid: string): number {
  if (!/^\d+$/.test(pid)) return 0;
  try {
    if (!readlinkSync(`/proc/${pid}/exe`).endsWith('/ffmpeg')) return 0;
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    if (!status.includes(`PPid:\t${process.pid}\n`)) return 0;
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
