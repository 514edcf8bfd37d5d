/** Still frames that show a video, each with its exact time, and sheets to see it at a glance. */
import type { NewArtifact } from '../artifact.ts';
import { errorCode, HoldfastError, PermanentError } from '../errors.ts';
import type { Vault } from '../vault/vault.ts';
import { drawContactSheet, framesPerSheet, type SheetFrame } from './contact-sheet.ts';
import { type DecodedFrames, decodeFrames, type FrameFile } from './decode-frames.ts';
import { MediaToolError, type MediaTools } from './ffmpeg.ts';
import { type FrameRule, ptsToMs, ruleInWords } from './frame-choice.ts';
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

const maxPixels = 64 * 1024 * 1024;

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
  await using scratch = await deps.vault.scratch('keyframes');
  const { rule, onProgress } = options;
  const request = {
    path,
    folder: scratch.folder,
    probe,
    video,
    rule,
    ...(onProgress && { onProgress }),
  };
  const decoded = await decodeFrames(deps.tools, request, signal);
  const work: Work = { deps, original, options, probe, video, decoded };
  const frames = chosenFrames(decoded, rule);
  if (frames.length === 0) return failed('not-decodable', decoded.complaints);
  const artifacts = [
    ...(await keyframeArtifacts(work, frames, signal)),
    ...(await sheetArtifacts(work, signal)),
  ];
  return { state: 'done', reason: null, artifacts, notes: notesOn(decoded, rule) };
}

interface Work {
  deps: KeyframeDeps;
  original: Original;
  options: Plan;
  probe: MediaProbe;
  video: VideoStream;
  decoded: DecodedFrames;
}

interface ChosenFrame extends FrameFile {
  /** `format-change`: from here on the picture has another size or another pixel format. */
  why: 'first' | 'shot' | 'floor' | 'format-change' | 'last';
}

function chosenFrames({ kept, last }: DecodedFrames, rule: FrameRule): ChosenFrame[] {
  const chosen = kept.map((frame, index) => ({ ...frame, why: whyKept(frame, index, rule) }));
  const before = chosen.at(-1);
  if (last === null || before === undefined || last.pts <= before.pts) return chosen;
  return [...chosen, { ...last, why: 'last' }];
}

function whyKept(frame: FrameFile, index: number, rule: FrameRule): ChosenFrame['why'] {
  if (index === 0) return 'first';
  if (frame.number === 0) return 'format-change';
  return (frame.sceneScore ?? 0) > rule.sceneThreshold ? 'shot' : 'floor';
}

function notesOn({ kept, last, candidates, complaints }: DecodedFrames, rule: FrameRule): string[] {
  const notes: string[] = [];
  const left = candidates - kept.length;
  if (left > 0)
    notes.push(`capped: ${left} of ${candidates} frames not kept; the rule: ${ruleInWords(rule)}`);
  if (kept.slice(1).some(({ number }) => number === 0)) {
    notes.push(
      'format-changes: the picture changes within the video; all frames have the size of the first',
    );
  }
  if (last === null) notes.push('last-frame-not-decoded: the end of the file does not decode');
  return [...notes, ...complaintNotes(complaints)];
}

async function keyframeArtifacts(
  work: Work,
  frames: ChosenFrame[],
  signal: AbortSignal,
): Promise<NewArtifact[]> {
  const { deps, original, video, probe, decoded, options } = work;
  const artifacts: NewArtifact[] = [];
  for (const [index, frame] of frames.entries()) {
    signal.throwIfAborted();
    const size = await pictureSize(frame.path);
    const stored = await deps.vault.putFile(frame.path);
    artifacts.push({
      role: 'keyframe',
      name: `keyframes/${original.refId}/${String(index + 1).padStart(5, '0')}.jpg`,
      mediaType: 'image/jpeg',
      ...stored,
      derivedFrom: original.sha256,
      media: { ...size, ptsMs: sinceStartMs(frame, work) },
      facts: {
        pts: exactNumber(frame.pts),
        timeBase: video.timeBase,
        containerStartTime: probe.startTime,
        why: frame.why,
        sceneScore: frame.sceneScore,
        rule: ruleInWords(options.rule),
        ...decoded.made,
      },
    });
  }
  return artifacts;
}

/** Counted from the start of the container's clock, as a player shows it. */
function sinceStartMs({ pts }: FrameFile, { video, probe }: Work): number {
  return Math.round(ptsToMs(pts, video.timeBase) - Number(probe.startTime ?? 0) * 1000);
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

async function thumbnails(work: Work): Promise<SheetFrame[]> {
  const frames: SheetFrame[] = [];
  for (const frame of work.decoded.thumbnails) {
    const { path } = frame;
    frames.push({ path, ...(await pictureSize(path)), atMs: sinceStartMs(frame, work) });
  }
  return frames;
}

async function sheetArtifact(
  work: Work,
  frames: [SheetFrame, ...SheetFrame[]],
  part: { number: number; of: number },
): Promise<NewArtifact> {
  const { original, deps, probe, options } = work;
  const { made, everySeconds } = work.decoded;
  const madeAt = new Date().toISOString();
  const picture = await drawContactSheet(
    {
      sourceName: original.name,
      sha256: original.sha256,
      durationMs: probe.durationMs,
      madeBy: `Contact sheet made by Holdfast at ${madeAt} (UTC) with ${made.version.split(' Copyright')[0]}`,
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
    facts: { ...made, everySeconds, frames: frames.length, part, madeAt, clock: 'this machine' },
  };
}

function complaintNotes(complaints: string[]): string[] {
  if (complaints.length === 0) return [];
  return [`decode-errors: ${complaints.slice(-5).join(' | ')}`];
}
