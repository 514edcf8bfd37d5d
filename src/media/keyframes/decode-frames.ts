/** Decodes a video once and leaves, in a scratch folder, the frames that the rule names and small ones for sheets. */
import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { confinement } from '../tools/confinement.ts';
import {
  argumentsOf,
  type FfmpegOutput,
  type FfmpegRun,
  MediaToolError,
  type MediaTools,
  runFfmpeg,
  toolVersion,
  writesFormat,
} from '../tools/ffmpeg.ts';
import type { MediaProbe, VideoStream } from '../tools/probe.ts';
import { framesPerSheet, thumbnailBox } from './contact-sheet.ts';
import { followFrames } from './follow-frames.ts';
import {
  type FrameRule,
  files,
  filterGraph,
  frameReader,
  hashFrameSide,
  maxKeyframes,
  type PrintedFrame,
} from './frame-filters.ts';
import type { FrameSamples } from './frame-samples.ts';
import type { HashedFrames } from './hash-rule.ts';
import { mostLastFrames, type PacketScan, trueLengthMs } from './packets.ts';

export interface DecodeRequest {
  path: string;
  /** Working folder; the pictures are left in it. */
  folder: string;
  probe: MediaProbe;
  video: VideoStream;
  /** Of the packets of this video. */
  scan: PacketScan;
  rule: FrameRule;
  hashed: HashedFrames;
  /** Called in order while decoding goes on; must not keep the values. 64 by 64, grey. */
  onHashFrame: (pts: bigint, luma: Uint8Array) => void;
  onProgress?: (progress: { doneMs: number; totalMs: number | null }) => void;
}

/** A frame as a JPEG in the working folder. */
export interface FrameFile extends PrintedFrame {
  path: string;
}

export interface DecodedFrames {
  kept: FrameFile[];
  /** May be cuts: see `cutsAmong`. */
  doubtful: FrameFile[];
  thumbnails: FrameFile[];
  /** `null`: the end of the file does not decode. */
  last: FrameFile | null;
  /** Frames that the rule names, before the cap. */
  candidates: number;
  samples: FrameSamples;
  /** Chromaprint of the sound; `null`: there is none, or this ffmpeg can't make one. */
  soundPrint: string | null;
  /** Seconds between two thumbnails. */
  everySeconds: number;
  complaints: string[];
  made: Made;
}

/** By what something was made, for its artifact. */
export interface Made {
  tool: string;
  version: string;
  arguments: string[];
  confinement: string;
}

const maxSheets = 20;
const leastTimeMs = 10 * 60_000;
const mostTimeMs = 2 * 60 * 60_000;

/**
 * What decodes is there, whatever state the file is in.
 * @throws as `runFfmpeg`, except `ffmpeg-failed`
 */
export async function decodeFrames(
  tools: MediaTools,
  request: DecodeRequest,
  signal: AbortSignal,
): Promise<DecodedFrames> {
  const { probe, video, scan } = request;
  const lengthMs = trueLengthMs(scan, probe, video);
  const plan = { lengthMs, everySeconds: thumbnailInterval(video, lengthMs) };
  const withSound = probe.audio !== null && (await writesFormat(tools.ffmpeg, 'chromaprint'));
  const decoded = await decodeOnce(tools, request, { ...plan, withSound }, signal);
  // A sound track that can't even be set up would take the picture down with it.
  if (decoded.kept.length > 0 || !withSound) return decoded;
  return await decodeOnce(tools, request, { ...plan, withSound: false }, signal);
}

interface DecodePlan {
  lengthMs: number | null;
  everySeconds: number;
  withSound: boolean;
}

async function decodeOnce(
  tools: MediaTools,
  request: DecodeRequest,
  plan: DecodePlan,
  signal: AbortSignal,
): Promise<DecodedFrames> {
  const { folder } = request;
  const frames: PrintedFrame[] = [];
  const times: bigint[] = [];
  const toHash = followFrames(
    join(folder, files.hashFrames),
    hashFrameSide ** 2,
    request.onHashFrame,
  );
  // Of every frame, the time is printed once.
  const hashTimes = request.hashed === 'frame' ? 'sample' : 'hash';
  const onPrinted = frameReader((frame) => {
    if (frame.use === hashTimes) toHash.timed(frame.pts);
    if (frame.use === 'sample') times.push(frame.pts);
    else if (frame.use === 'last') lastOf(frames, frame);
    else if (frame.use !== 'hash') frames.push(frame);
  });
  const run: FfmpegRun = { ...ffmpegRun(request, plan), onPrinted };
  const complaints = await decodeWhatGoes(tools, run, signal).finally(() => toHash.ended());
  return {
    kept: withFiles(frames, 'kept', folder, files.keptPictures),
    doubtful: withFiles(frames, 'doubtful', folder, files.doubtfulPictures),
    thumbnails: withFiles(frames, 'thumbnail', folder, files.thumbnailPictures),
    last: withFiles(frames, 'last', folder, files.lastPicture)[0] ?? null,
    candidates: await countFrames(join(folder, files.candidates)),
    samples: { path: join(folder, files.samples), times },
    soundPrint: await fileWithBytes(join(folder, files.soundPrint)),
    everySeconds: plan.everySeconds,
    complaints,
    made: {
      tool: 'ffmpeg',
      version: await toolVersion(tools.ffmpeg),
      arguments: argumentsOf(run, 'ORIGINAL'),
      confinement: await confinement(),
    },
  };
}

/** Only the latest of them is of use. */
function lastOf(frames: PrintedFrame[], frame: PrintedFrame): void {
  const before = frames.findIndex(({ use }) => use === 'last');
  if (before >= 0) frames.splice(before, 1);
  frames.push(frame);
}

function ffmpegRun(request: DecodeRequest, plan: DecodePlan): FfmpegRun {
  const { path, folder, probe, video, rule, hashed, onProgress } = request;
  const { lengthMs, everySeconds, withSound } = plan;
  const startMs = Number(probe.startTime ?? 0) * 1000;
  // Every frame as it comes, on the file's own clock: a coarser one lets two frames fall together.
  const frames = ['-fps_mode', 'passthrough', '-enc_time_base', '-1'];
  const output = (map: string, target: string, ...more: string[]): FfmpegOutput => ({
    options: ['-map', map, ...frames, ...more],
    target,
  });
  const thumbnailsMax = String(maxSheets * framesPerSheet(video));
  return {
    input: path,
    // Time stamps as they are in the file: ffmpeg would shift them so that the file starts at 0.
    inputOptions: ['-copyts'],
    filterGraph: filterGraph({
      streamIndex: video.index,
      rule,
      thumbnail: { everySeconds, ...thumbnailBox(video) },
      lastFramesFromPts: request.scan.lastFramesFrom(lastFramesHeld(video)),
      hashed,
    }),
    outputs: [
      output('[kept]', files.keptPictures, '-q:v', '2', '-frames:v', String(maxKeyframes)),
      output('[doubtful]', files.doubtfulPictures, '-q:v', '2', '-frames:v', String(maxKeyframes)),
      output('[small]', files.thumbnailPictures, '-q:v', '3', '-frames:v', thumbnailsMax),
      output('[last]', files.lastPicture, '-q:v', '2', '-update', '1'),
      output('[grey]', files.hashFrames, '-f', 'rawvideo'),
      output('[samples]', files.samples, '-f', 'rawvideo'),
      ...(withSound ? [soundPrintOutput(probe)] : []),
    ],
    folder,
    timeLimitMs: Math.min(mostTimeMs, Math.max(leastTimeMs, 4 * (lengthMs ?? 0))),
    yielding: true,
    onProgress: (atMs) =>
      onProgress?.({ doneMs: Math.max(0, Math.round(atMs - startMs)), totalMs: lengthMs }),
  };
}

/** However large the picture: these frames are held until the end is known. */
const heldBytes = 64 * 1024 * 1024;
const fewestHeld = 4;

function lastFramesHeld({ width, height }: VideoStream): number {
  const frameBytes = width * height * 1.5;
  return Math.max(fewestHeld, Math.min(mostLastFrames, Math.floor(heldBytes / frameBytes)));
}

/** Numbers of 32 bits, about eight a second, as they come. */
export function soundPrintOutput({ audio }: MediaProbe): FfmpegOutput {
  const format = ['-f', 'chromaprint', '-fp_format', 'raw'];
  return { options: ['-map', `0:${audio?.index}`, ...format], target: files.soundPrint };
}

/** A file that breaks off makes ffmpeg fail at the end; the frames before it are there. */
async function decodeWhatGoes(
  tools: MediaTools,
  run: FfmpegRun,
  signal: AbortSignal,
): Promise<string[]> {
  try {
    return (await runFfmpeg(tools, run, signal)).complaints;
  } catch (error) {
    if (!(error instanceof MediaToolError) || error.code !== 'ffmpeg-failed') throw error;
    return error.complaints;
  }
}

async function fileWithBytes(path: string): Promise<string | null> {
  const size = await stat(path)
    .then(({ size }) => size)
    .catch(() => 0);
  return size > 0 ? path : null;
}

/**
 * One second, or as many as keep a long video on `maxSheets` sheets; of a short video so few
 * tenths that its one sheet is full.
 */
function thumbnailInterval(video: VideoStream, lengthMs: number | null): number {
  const lengthS = (lengthMs ?? 0) / 1000;
  const onOneSheet = framesPerSheet(video);
  if (lengthS > 0 && lengthS < onOneSheet)
    return Math.max(1, Math.ceil((10 * lengthS) / onOneSheet)) / 10;
  return Math.max(1, Math.ceil(lengthS / (onOneSheet * maxSheets)));
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
