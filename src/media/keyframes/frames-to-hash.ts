/** The frames of a video that nobody keeps, decoded once for looking it up: small pictures in a scratch folder. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError } from '../../base/errors.ts';
import { MediaToolError, type MediaTools, runFfmpeg } from '../tools/ffmpeg.ts';
import { probeMedia } from '../tools/probe.ts';

export interface FramesToHash {
  /** One a shot, and one every two seconds at least; at most 512 pixels a side. */
  shots: { path: string; atMs: number }[];
  /** Every frame as 64 by 64 grey values, some at a time, in order. */
  track(): AsyncIterable<{ atMs: number; luma: Uint8Array }>;
}

const timeLimitMs = 30 * 60_000;
const blockBytes = 64 * 64;
const framesAtOnce = 32;
const shotPattern = 'shot-%06d.png';

const graph = [
  '[0:v:0]split=2[all][some]',
  '[all]metadata=mode=add:key=h:value=1,metadata=mode=print:file=all.txt,scale=64:64:flags=area,format=gray[track]',
  "[some]select='isnan(prev_selected_t)+gt(scene\\,0.25)+gte(t-prev_selected_t\\,2)'," +
    'metadata=mode=print:file=shots.txt,' +
    'scale=512:512:force_original_aspect_ratio=decrease:flags=area[shots]',
].join(';');

/**
 * @param folder scratch: what is made lies there
 * @throws PermanentError `no-video-stream`, `not-decodable`; as `runFfmpeg` besides
 */
export async function framesToHash(
  tools: MediaTools,
  path: string,
  folder: string,
  signal: AbortSignal,
): Promise<FramesToHash> {
  const { video, startTime } = await probeMedia(tools, path, signal);
  if (video === null) throw new PermanentError('no-video-stream', 'this file has no picture');
  const sizes = ['-fps_mode', 'passthrough'];
  const outputs = [
    // ffmpeg knows raw frames by this ending.
    { target: 'track.yuv', options: ['-map', '[track]', ...sizes] },
    { target: shotPattern, options: ['-map', '[shots]', ...sizes, '-compression_level', '1'] },
  ];
  const run = { input: path, filterGraph: graph, outputs, folder, timeLimitMs };
  await runFfmpeg(tools, run, signal).catch((error: unknown) => {
    // What decodes before the damage is there, and looked up.
    if (!(error instanceof MediaToolError) || error.code !== 'ffmpeg-failed') throw error;
  });
  const startMs = Number(startTime ?? 0) * 1000;
  const shotTimes = await timesIn(join(folder, 'shots.txt'), startMs);
  if (shotTimes.length === 0) throw new PermanentError('not-decodable', 'no frame of it decodes');
  return {
    shots: shotTimes.map((atMs, index) => ({
      path: join(folder, `shot-${String(index + 1).padStart(6, '0')}.png`),
      atMs,
    })),
    track: () => blocksIn(folder, startMs),
  };
}

/** The times that the filter printed: `frame:0 pts:0 pts_time:0`. */
async function timesIn(path: string, startMs: number): Promise<number[]> {
  const file = await open(path).catch(() => null);
  if (file === null) return [];
  const times: number[] = [];
  for await (const line of file.readLines()) {
    const seconds = /\bpts_time:(-?[\d.]+)/.exec(line)?.[1];
    if (seconds !== undefined) times.push(Math.round(Number(seconds) * 1000 - startMs));
  }
  return times;
}

async function* blocksIn(folder: string, startMs: number) {
  const times = await timesIn(join(folder, 'all.txt'), startMs);
  const file = await open(join(folder, 'track.yuv'));
  try {
    const buffer = Buffer.alloc(blockBytes * framesAtOnce);
    for (let index = 0; ; ) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, index * blockBytes);
      const frames = Math.floor(bytesRead / blockBytes);
      if (frames === 0) return;
      for (let i = 0; i < frames; i++, index++) {
        const atMs = times[index];
        if (atMs === undefined) return;
        yield { atMs, luma: buffer.subarray(i * blockBytes, (i + 1) * blockBytes) };
      }
    }
  } finally {
    await file.close();
  }
}
