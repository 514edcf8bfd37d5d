/** Decodes a video once and leaves, in a scratch folder, the frames that the rule names and small ones for sheets. */
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { framesPerSheet, thumbnailSidePx } from './contact-sheet.ts';
import {
  argumentsOf,
  type FfmpegRun,
  MediaToolError,
  type MediaTools,
  runFfmpeg,
  toolVersion,
} from './ffmpeg.ts';
import {
  type FrameRule,
  files,
  filterGraph,
  maxKeyframes,
  type PrintedFrame,
  readPrinted,
} from './frame-choice.ts';
import { scanPackets } from './packets.ts';
import type { MediaProbe, VideoStream } from './probe.ts';

export interface DecodeRequest {
  path: string;
  /** Working folder; the pictures are left in it. */
  folder: string;
  probe: MediaProbe;
  video: VideoStream;
  rule: FrameRule;
  onProgress?: (progress: { doneMs: number; totalMs: number | null }) => void;
}

/** A frame as a JPEG in the working folder. */
export interface FrameFile extends PrintedFrame {
  path: string;
}

export interface DecodedFrames {
  kept: FrameFile[];
  thumbnails: FrameFile[];
  /** `null`: the end of the file does not decode. */
  last: FrameFile | null;
  /** Frames that the rule names, before the cap. */
  candidates: number;
  /** Seconds between two thumbnails. */
  everySeconds: number;
  complaints: string[];
  made: { tool: string; version: string; arguments: string[] };
}

export const maxSheets = 20;
const leastTimeMs = 10 * 60_000;
const mostTimeMs = 2 * 60 * 60_000;

/**
 * What decodes is there, whatever state the file is in.
 * @throws as `runFfmpeg`, except `ffmpeg-failed`; as `scanPackets`
 */
export async function decodeFrames(
  tools: MediaTools,
  request: DecodeRequest,
  signal: AbortSignal,
): Promise<DecodedFrames> {
  const { folder, path, probe, video } = request;
  const scan = await scanPackets(tools, path, video.index, signal);
  const lengthMs = scan.lengthMs(video.timeBase) ?? probe.durationMs;
  const everySeconds = thumbnailInterval(video, lengthMs);
  const run = ffmpegRun(request, { lengthMs, everySeconds, lastFramesFrom: scan.lastFramesFrom });
  const { printed, complaints } = await decodeWhatGoes(tools, run, signal);
  const frames = readPrinted(printed);
  const last = frames.filter(({ use }) => use === 'last').at(-1);
  return {
    kept: withFiles(frames, 'kept', folder, files.keptPictures),
    thumbnails: withFiles(frames, 'thumbnail', folder, files.thumbnailPictures),
    last: last === undefined ? null : { ...last, path: join(folder, files.lastPicture) },
    candidates: await countFrames(join(folder, files.candidates)),
    everySeconds,
    complaints,
    made: {
      tool: 'ffmpeg',
      version: await toolVersion(tools.ffmpeg),
      arguments: argumentsOf(run, 'ORIGINAL'),
    },
  };
}

function ffmpegRun(
  { path, folder, probe, video, rule, onProgress }: DecodeRequest,
  found: { lengthMs: number | null; everySeconds: number; lastFramesFrom: bigint },
): FfmpegRun {
  const { lengthMs, everySeconds } = found;
  const startMs = Number(probe.startTime ?? 0) * 1000;
  const thumbnail = { everySeconds, maxSidePx: thumbnailSidePx };
  // Every frame as it comes, on the file's own clock: a coarser one lets two frames fall together.
  const frames = ['-fps_mode', 'passthrough', '-enc_time_base', '-1'];
  const output = (map: string, quality: number, target: string, ...more: string[]) => ({
    options: ['-map', map, ...frames, '-q:v', String(quality), ...more],
    target,
  });
  const thumbnailsMax = maxSheets * sheetCapacity(video);
  return {
    input: path,
    // Time stamps as they are in the file: ffmpeg would shift them so that the file starts at 0.
    inputOptions: ['-copyts'],
    filterGraph: filterGraph(video.index, rule, thumbnail, found.lastFramesFrom),
    outputs: [
      output('[kept]', 2, files.keptPictures, '-frames:v', String(maxKeyframes)),
      output('[small]', 3, files.thumbnailPictures, '-frames:v', String(thumbnailsMax)),
      output('[last]', 2, files.lastPicture, '-update', '1'),
    ],
    folder,
    timeLimitMs: Math.min(mostTimeMs, Math.max(leastTimeMs, 4 * (lengthMs ?? 0))),
    onProgress: (atMs) =>
      onProgress?.({ doneMs: Math.max(0, Math.round(atMs - startMs)), totalMs: lengthMs }),
  };
}

/** A file that breaks off makes ffmpeg fail at the end; the frames before it are there. */
async function decodeWhatGoes(tools: MediaTools, run: FfmpegRun, signal: AbortSignal) {
  try {
    return await runFfmpeg(tools, run, signal);
  } catch (error) {
    if (!(error instanceof MediaToolError) || error.code !== 'ffmpeg-failed') throw error;
    return { printed: error.printed, complaints: error.complaints };
  }
}

/** One second, or as many as keep a long video on `maxSheets` sheets. */
function thumbnailInterval(video: VideoStream, lengthMs: number | null): number {
  return Math.max(1, Math.ceil((lengthMs ?? 0) / 1000 / (sheetCapacity(video) * maxSheets)));
}

function sheetCapacity({ width, height }: VideoStream): number {
  const scale = thumbnailSidePx / Math.max(width, height);
  return framesPerSheet({ width: width * scale, height: height * scale });
}

/** Pictures are numbered in the order in which their times were printed. A frame that the encoder refused has none. */
function withFiles(
  frames: PrintedFrame[],
  use: PrintedFrame['use'],
  folder: string,
  pattern: string,
): FrameFile[] {
  return frames
    .filter((frame) => frame.use === use)
    .map((frame, index) => {
      const name = pattern.replace('%05d', String(index + 1).padStart(5, '0'));
      return { ...frame, path: join(folder, name) };
    })
    .filter(({ path }) => existsSync(path));
}

async function countFrames(path: string): Promise<number> {
  // Missing: the filters were never set up, because not one frame was decoded.
  if (!existsSync(path)) return 0;
  let count = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line.startsWith('frame:')) count += 1;
  }
  return count;
}
