/**
 * Looking into a video, against decoding it and nothing else: clips of 60 s, 1080p30. With
 * a hash for each second, and with one for every frame; contact sheet and text apart. Then
 * three hours of a small picture: nothing grows with the length.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DecodedFrames, decodeFrames } from '../../src/media/keyframes/decode-frames.ts';
import type { HashedFrames } from '../../src/media/keyframes/hash-rule.ts';
import { trackWriter } from '../../src/media/keyframes/hash-track-file.ts';
import { beginPacketScan } from '../../src/media/keyframes/packets.ts';
import { runFfmpeg } from '../../src/media/tools/ffmpeg.ts';
import { probeMedia } from '../../src/media/tools/probe.ts';
import { type Bench, type BenchRun, inWords, median, timePairs } from './bench.ts';
import { cameraClip, drawnClip, smallClip } from './media-clips.ts';
import { processorSeconds } from './processor-seconds.ts';

const MiB = 1024 * 1024;
const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
const never = new AbortController().signal;
const goals = { second: 1.15, frame: 1.4, memoryMiB: 300 };

export const bench: Bench = {
  async measure(run) {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-media-'));
    try {
      // The goals are meant for what a camera saw; the other is the harder one to meet.
      const camera = await cameraClip(folder);
      await measureTimes(run, { clip: camera, name: 'camera', folder });
      await measureTimes(run, { clip: await drawnClip(folder), name: 'drawn', folder });
      await measureMemory(run, camera, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function measureTimes(
  { pairs, say }: BenchRun,
  { clip, name, folder }: { clip: string; name: string; folder: string },
): Promise<void> {
  for (const hashed of ['second', 'frame'] as const) {
    const bare = plural(() => bareDecode(clip, folder));
    const full = plural(() => lookInto(clip, folder, hashed));
    const times = await timePairs(pairs, bare.work, full.work);
    const processor = median(full.seconds.map((each, pair) => each / (bare.seconds[pair] ?? 0)));
    // The ratio of a loaded machine is of little worth: it is said, and not held against it.
    const verdict = median(times.ratios) > goals[hashed] ? 'MISSED' : 'met';
    say(
      `${name}, a hash for each ${hashed}: ${inWords(times)}; goal ${goals[hashed]} x: ${verdict}; ` +
        `processor time ${processor.toFixed(2)} x`,
    );
  }
}

/** Also notes the processor time that each run took, our tools' and ours. */
function plural(work: () => Promise<unknown>) {
  const seconds: number[] = [];
  return {
    seconds,
    async work() {
      const before = processorSeconds();
      await work();
      seconds.push(processorSeconds() - before);
    },
  };
}

async function measureMemory({ say }: BenchRun, clip: string, folder: string): Promise<void> {
  const { toolMiB, grownMiB } = await memoryOf(() => lookInto(clip, folder, 'frame'));
  say(
    `memory: ffmpeg ${toolMiB} MiB and Node's growth ${grownMiB} MiB; goal ${goals.memoryMiB} MiB`,
  );
  assert.ok(toolMiB + grownMiB < goals.memoryMiB, 'within the memory that was promised');
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
  await using scanning = beginPacketScan(tools, path, never);
  const probe = await probeMedia(tools, path, never);
  const { video } = probe;
  assert.ok(video !== null);
  const { timeBase } = video;
  const header = { timeBase, containerStartTime: probe.startTime, every: hashed };
  const track = trackWriter(join(folder, 'track'), header);
  const rule = { sceneThreshold: 0.25, floorSeconds: 10, perMinute: 30 };
  const scan = await scanning.of(video.index);
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

/** `VmHWM` of an ffmpeg of ours; between it and us stands what confines it. */
function peakOfFfmpeg(pid: string): number {
  if (!/^\d+$/.test(pid)) return 0;
  try {
    if (!readlinkSync(`/proc/${pid}/exe`).endsWith('/ffmpeg')) return 0;
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    if (!descendsFromUs(Number(/^PPid:\t(\d+)$/m.exec(status)?.[1]))) return 0;
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** @throws where one of them has ended meanwhile */
function descendsFromUs(pid: number): boolean {
  if (pid === process.pid || pid <= 1) return pid === process.pid;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return descendsFromUs(Number(/^PPid:\t(\d+)$/m.exec(status)?.[1]));
}
