/** Still frames that show a video, each with its exact time, and sheets to see it at a glance. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NewArtifact } from '../artifact.ts';
import { errorCode, HoldfastError, PermanentError } from '../errors.ts';
import type { Vault } from '../vault/vault.ts';
import {
  drawContactSheet,
  framesPerSheet,
  type SheetFrame,
  thumbnailSidePx,
} from './contact-sheet.ts';
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
  type PrintedFrame,
  ptsToMs,
  readPrinted,
  ruleInWords,
} from './frame-choice.ts';
import { type PacketScan, scanPackets } from './packets.ts';
import { pictureSize } from './pictures.ts';
import { type MediaProbe, probeMedia, type VideoStream } from './probe.ts';

export interface KeyframeDeps {
  vault: Pick<Vault, 'path' | 'put' | 'putFile' | 'scratch'>;
  tools: MediaTools;
}

export interface KeyframeOptions extends Partial<FrameRule> {
  environment: 'live' | 'demo';
  onProgress?: (progress: { doneMs: number; totalMs: number | null }) => void;
}

export interface Keyframes {
  state: 'done' | 'failed' | 'skipped';
  /** `no-video-stream` (skipped); `not-decodable`, `too-many-pixels`, `timed-out` … (failed). */
  reason: string | null;
  artifacts: NewArtifact[];
  /** Codes with words: `decode-errors: …`, `capped: …`, `last-frame-not-decoded: …`. */
  notes: string[];
}

export interface Original {
  sha256: string;
  mediaType: string;
  name: string;
  /** Names the folder of what is made: `keyframes/<refId>/`. */
  refId: string;
}

const maxSheets = 12;
const maxPixels = 64 * 1024 * 1024;
const leastTimeMs = 10 * 60_000;
const mostTimeMs = 2 * 60 * 60_000;

/**
 * Takes keyframes and thumbnails from a stored video in one decode.
 * What a file won't give is said in the result; a damaged file gives what decodes.
 * @throws the signal's reason; UnreachableError `tool-missing`; StorageError
 */
export async function extractKeyframes(
  deps: KeyframeDeps,
  original: Original,
  options: KeyframeOptions,
  signal: AbortSignal,
): Promise<Keyframes> {
  const rule: FrameRule = {
    sceneThreshold: options.sceneThreshold ?? 0.25,
    floorSeconds: options.floorSeconds ?? 10,
    perMinute: options.perMinute ?? 30,
  };
  try {
    return await extract(deps, original, { ...options, rule }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HoldfastError && error.next !== 'give-up') throw error;
    const complaints = error instanceof MediaToolError ? error.complaints : [];
    return failed(reasonOf(error), complaints);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof MediaToolError)) {
    const code = errorCode(error);
    if (code === 'unexpected') throw error;
    return code;
  }
  return error.code.endsWith('-killed') ? error.code : 'not-decodable';
}

function failed(reason: string, complaints: string[]): Keyframes {
  return { state: 'failed', reason, artifacts: [], notes: complaintNotes(complaints) };
}

type Plan = KeyframeOptions & { rule: FrameRule };

async function extract(
  deps: KeyframeDeps,
  original: Original,
  options: Plan,
  signal: AbortSignal,
): Promise<Keyframes> {
  const path = await deps.vault.path(original.sha256);
  const probe = await probeMedia(deps.tools, path, signal);
  const { video } = probe;
  if (video === null) {
    return { state: 'skipped', reason: 'no-video-stream', artifacts: [], notes: [] };
  }
  if (video.width * video.height > maxPixels) return failed('too-many-pixels', []);
  const scan = await scanPackets(deps.tools, path, video.index, signal);
  await using scratch = await deps.vault.scratch('keyframes');
  const decode = await decodeOnce(
    deps,
    { path, folder: scratch.folder, probe, video, scan },
    options,
    signal,
  );
  const work: Work = { deps, original, options, probe, video, folder: scratch.folder, ...decode };
  const frames = await chosenFrames(work);
  if (frames.kept.length === 0) return failed('not-decodable', decode.complaints);
  const artifacts = [
    ...(await keyframeArtifacts(work, frames.kept)),
    ...(await sheetArtifacts(work, signal)),
  ];
  return {
    state: 'done',
    reason: null,
    artifacts,
    notes: [...frames.notes, ...complaintNotes(decode.complaints)],
  };
}

interface Work {
  deps: KeyframeDeps;
  original: Original;
  options: Plan;
  probe: MediaProbe;
  video: VideoStream;
  folder: string;
  everySeconds: number;
  complaints: string[];
  /** The start of the container's clock, in milliseconds. */
  startMs: number;
  facts: { tool: string; version: string; arguments: string[] };
}

async function decodeOnce(
  deps: KeyframeDeps,
  input: { path: string; folder: string; probe: MediaProbe; video: VideoStream; scan: PacketScan },
  options: Plan,
  signal: AbortSignal,
) {
  const { probe, video, scan } = input;
  const startMs = Number(probe.startTime ?? 0) * 1000;
  const lengthMs = scan.lengthMs(video.timeBase) ?? probe.durationMs;
  const everySeconds = thumbnailInterval(video, lengthMs);
  const frames = ['-fps_mode', 'passthrough'];
  const run: FfmpegRun = {
    input: input.path,
    // Time stamps as they are in the file: ffmpeg would shift them so that the file starts at 0.
    inputOptions: ['-copyts'],
    filterGraph: filterGraph(
      video.index,
      options.rule,
      { everySeconds, maxSidePx: thumbnailSidePx },
      scan.lastFramesFrom,
    ),
    outputs: [
      { options: ['-map', '[kept]', ...frames, '-q:v', '2'], target: files.keptPictures },
      { options: ['-map', '[small]', ...frames, '-q:v', '3'], target: files.thumbnailPictures },
      {
        options: ['-map', '[last]', ...frames, '-q:v', '2', '-update', '1'],
        target: files.lastPicture,
      },
    ],
    folder: input.folder,
    timeLimitMs: Math.min(mostTimeMs, Math.max(leastTimeMs, 4 * (lengthMs ?? 0))),
    onProgress: (atMs) =>
      options.onProgress?.({ doneMs: Math.max(0, Math.round(atMs - startMs)), totalMs: lengthMs }),
  };
  const complaints = await decodeWhatGoes(deps.tools, run, signal);
  const facts = {
    tool: 'ffmpeg',
    version: await toolVersion(deps.tools.ffmpeg),
    arguments: argumentsOf(run, 'ORIGINAL'),
  };
  return { complaints, everySeconds, startMs, facts };
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
    if (error instanceof MediaToolError && error.code === 'ffmpeg-failed') {
      return [...error.complaints, error.message];
    }
    throw error;
  }
}

/** One second, or as many as keep a long video on `maxSheets` sheets. */
function thumbnailInterval(video: VideoStream, lengthMs: number | null): number {
  const scale = thumbnailSidePx / Math.max(video.width, video.height);
  const perSheet = framesPerSheet({ width: video.width * scale, height: video.height * scale });
  return Math.max(1, Math.ceil((lengthMs ?? 0) / 1000 / (perSheet * maxSheets)));
}

interface ChosenFrame extends PrintedFrame {
  path: string;
  why: 'first' | 'shot' | 'floor' | 'last';
}

async function chosenFrames(work: Work): Promise<{ kept: ChosenFrame[]; notes: string[] }> {
  const { folder, options } = work;
  const candidates = await printed(folder, files.candidates);
  const frames = await printed(folder, files.kept);
  const kept: ChosenFrame[] = frames.map((frame, index) => ({
    ...frame,
    path: join(folder, numbered(files.keptPictures, index)),
    why: index === 0 ? 'first' : isShot(frame, options.rule) ? 'shot' : 'floor',
  }));
  const notes: string[] = [];
  const left = candidates.length - kept.length;
  if (left > 0)
    notes.push(
      `capped: ${left} of ${candidates.length} frames not kept; the rule: ${ruleInWords(options.rule)}`,
    );
  const last = (await printed(folder, files.last)).at(-1);
  const before = kept.at(-1);
  if (last === undefined) {
    notes.push('last-frame-not-decoded: the last frames of the file could not be decoded');
  } else if (before !== undefined && last.pts > before.pts) {
    kept.push({ ...last, path: join(folder, files.lastPicture), why: 'last' });
  }
  return { kept, notes };
}

function isShot({ sceneScore }: PrintedFrame, rule: FrameRule): boolean {
  return (sceneScore ?? 0) > rule.sceneThreshold;
}

async function keyframeArtifacts(work: Work, frames: ChosenFrame[]): Promise<NewArtifact[]> {
  const { deps, original, video, startMs, facts, options } = work;
  const artifacts: NewArtifact[] = [];
  for (const [index, frame] of frames.entries()) {
    const size = await pictureSize(frame.path);
    const stored = await deps.vault.putFile(frame.path);
    artifacts.push({
      role: 'keyframe',
      name: `keyframes/${original.refId}/${String(index + 1).padStart(5, '0')}.jpg`,
      mediaType: 'image/jpeg',
      ...stored,
      derivedFrom: original.sha256,
      media: { ...size, ptsMs: Math.round(ptsToMs(frame.pts, video.timeBase) - startMs) },
      facts: {
        pts: exactNumber(frame.pts),
        timeBase: video.timeBase,
        containerStartTime: work.probe.startTime,
        why: frame.why,
        sceneScore: frame.sceneScore,
        rule: ruleInWords(options.rule),
        ...facts,
      },
    });
  }
  return artifacts;
}

/** JSON keeps integers up to 2^53 exactly; only a forged clock goes beyond. */
function exactNumber(pts: bigint): number {
  const number = Number(pts);
  if (Number.isSafeInteger(number)) return number;
  throw new PermanentError('pts-out-of-range', `a frame's time stamp is ${pts}`);
}

async function sheetArtifacts(work: Work, signal: AbortSignal): Promise<NewArtifact[]> {
  const frames = await thumbnails(work);
  const [first] = frames;
  if (first === undefined) return [];
  const perSheet = framesPerSheet(first);
  const of = Math.ceil(frames.length / perSheet);
  const artifacts: NewArtifact[] = [];
  for (let number = 1; number <= of; number++) {
    signal.throwIfAborted();
    const shown = frames.slice((number - 1) * perSheet, number * perSheet);
    artifacts.push(
      await sheetArtifact(work, shown as [SheetFrame, ...SheetFrame[]], { number, of }),
    );
  }
  return artifacts;
}

async function thumbnails({ folder, video, startMs }: Work): Promise<SheetFrame[]> {
  const frames: SheetFrame[] = [];
  for (const [index, { pts }] of (await printed(folder, files.thumbnails)).entries()) {
    const path = join(folder, numbered(files.thumbnailPictures, index));
    const atMs = Math.round(ptsToMs(pts, video.timeBase) - startMs);
    frames.push({ path, ...(await pictureSize(path)), atMs });
  }
  return frames;
}

async function sheetArtifact(
  work: Work,
  frames: [SheetFrame, ...SheetFrame[]],
  part: { number: number; of: number },
): Promise<NewArtifact> {
  const { original, deps, probe, facts, everySeconds, options } = work;
  const madeAt = new Date().toISOString();
  const picture = await drawContactSheet(
    {
      sourceName: original.name,
      sha256: original.sha256,
      durationMs: probe.durationMs,
      madeBy: `Contact sheet made by Holdfast at ${madeAt} (UTC) with ${facts.version.split(' Copyright')[0]}`,
      everySeconds,
      environment: options.environment,
      part,
    },
    frames,
  );
  const number = part.number === 1 ? '' : `-${part.number}`;
  return {
    role: 'contact-sheet',
    name: `keyframes/${original.refId}/contact-sheet${number}.jpg`,
    mediaType: 'image/jpeg',
    ...(await deps.vault.put(picture)),
    derivedFrom: original.sha256,
    facts: { ...facts, everySeconds, frames: frames.length, part, madeAt, clock: 'this machine' },
  };
}

async function printed(folder: string, file: string): Promise<PrintedFrame[]> {
  // Missing: the filters were never set up, because not one frame was decoded.
  const text = await readFile(join(folder, file), 'utf8').catch(() => '');
  return readPrinted(text);
}

function numbered(pattern: string, index: number): string {
  return pattern.replace('%05d', String(index + 1).padStart(5, '0'));
}

function complaintNotes(complaints: string[]): string[] {
  if (complaints.length === 0) return [];
  return [`decode-errors: ${complaints.slice(-5).join(' | ')}`];
}
