/** Still frames that show a video, each with its exact time, and sheets to see it at a glance. */
import { join } from 'node:path';
import type { NewArtifact } from '../artifact.ts';
import { errorCode, HoldfastError, PermanentError } from '../errors.ts';
import { hashTrackMediaType, hashTrackRole } from '../fingerprint/hash-track.ts';
import type { Vault } from '../vault/vault.ts';
import { drawContactSheet, framesPerSheet, type SheetFrame } from './contact-sheet.ts';
import { type DecodedFrames, decodeFrames, type FrameFile, type Made } from './decode-frames.ts';
import { decodePreview } from './decode-preview.ts';
import { MediaToolError, type MediaTools } from './ffmpeg.ts';
import { type FrameRule, ptsToMs, ruleInWords } from './frame-choice.ts';
import { cutsAmong, flashesAmong } from './glimpses.ts';
import {
  defaultHashRule,
  type HashedFrames,
  type HashRule,
  hashedFrames,
  hashRuleInWords,
} from './hash-rule.ts';
import { trackWriter } from './hash-track-file.ts';
import { type LeftOut, leaveOut, leaveOutInWords } from './leave-out.ts';
import { beginPacketScan, trueLengthMs } from './packets.ts';
import { pictureSize } from './pictures.ts';
import { type MediaProbe, probeMedia, type VideoStream } from './probe.ts';
import { printSound } from './sound-print.ts';

export interface KeyframeDeps {
  vault: Pick<Vault, 'path' | 'put' | 'putFile' | 'scratch'>;
  tools: MediaTools;
}

export interface KeyframeOptions extends Partial<FrameRule> {
  environment: 'live' | 'demo';
  /** Which frames the hash track holds; `defaultHashRule` unless told otherwise. */
  hashRule?: HashRule;
  /** Where the video came from, for the sheet. */
  source?: string;
  /** Called with a sheet of key frames, long before the rest, where a video is long. */
  onPreview?: (preview: NewArtifact) => Promise<void>;
  onProgress?: (progress: { doneMs: number; totalMs: number | null }) => void;
}

export interface Keyframes {
  state: 'done' | 'failed' | 'skipped';
  /** `no-video-stream` (skipped); `not-decodable`, `too-many-pixels`, `timed-out` … (failed). */
  reason: string | null;
  artifacts: NewArtifact[];
  /** Codes with words: `decode-errors: …`, `capped: …`, `last-frame-not-decoded: …`. */
  notes: string[];
  /** Frames that the rule named and that show nothing of their own. */
  leftOut: LeftOut | null;
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
  try {
    return await extract(deps, original, { ...options, ...passRule(options) }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HoldfastError && error.next !== 'give-up') throw error;
    const complaints = error instanceof MediaToolError ? error.complaints : [];
    return failed(reasonOf(error), complaints);
  }
}

/** The rules that hold where nothing else is asked. */
export function passRule(options: KeyframeOptions): { rule: FrameRule; hashRule: HashRule } {
  const { sceneThreshold = 0.25, floorSeconds = 10, perMinute = 30 } = options;
  const { hashRule = defaultHashRule } = options;
  return { rule: { sceneThreshold, floorSeconds, perMinute }, hashRule };
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
  const notes = complaintNotes(complaints);
  return { state: 'failed', reason, artifacts: [], notes, leftOut: null };
}

type Plan = KeyframeOptions & { rule: FrameRule; hashRule: HashRule };

async function extract(
  deps: KeyframeDeps,
  original: Original,
  options: Plan,
  signal: AbortSignal,
): Promise<Keyframes> {
  const path = await deps.vault.path(original.sha256);
  await using scanning = beginPacketScan(deps.tools, path, signal);
  const probe = await probeMedia(deps.tools, path, signal);
  const { video } = probe;
  await using scratch = await deps.vault.scratch('keyframes');
  const { folder } = scratch;
  if (video === null) return await soundOnly(deps, original, { path, probe, folder }, signal);
  if (video.width * video.height > maxPixels) return failed('too-many-pixels', []);
  const base = { deps, original, options, probe, video };
  await showPreview(base, { path, folder }, signal);
  const { rule, hashRule, onProgress } = options;
  const scan = await scanning.of(video.index);
  const lengthMs = trueLengthMs(scan, probe, video);
  const hashed = hashedFrames(hashRule, { lengthMs, packets: scan.packets });
  const track = trackWriter(join(folder, 'track'), {
    timeBase: video.timeBase,
    containerStartTime: probe.startTime,
    every: hashed,
  });
  const request = { path, folder, probe, video, scan, rule, hashed, onHashFrame: track.add };
  const decoded = await decodeFrames(
    deps.tools,
    { ...request, ...(onProgress && { onProgress }) },
    signal,
  ).finally(() => track.end());
  const work: Work = { ...base, decoded };
  const chosen = await chosenFrames(decoded, rule, video.timeBase);
  if (chosen.length === 0) return failed('not-decodable', decoded.complaints);
  const { frames, leftOut } = await leaveOut(chosen, decoded.glimpses, video.timeBase, signal);
  const artifacts = [
    ...(await keyframeArtifacts(work, frames, signal)),
    ...(await sheetArtifacts(work, frames, signal)),
    await trackArtifact(work, { path: track.path, frames: track.frames(), every: hashed }),
    ...(await soundPrintArtifacts(deps, original, decoded.soundPrint, decoded.made)),
  ];
  return { state: 'done', reason: null, artifacts, notes: notesOn(decoded, rule), leftOut };
}

/** Sound has no frames, and yet a print by which it is found again. */
async function soundOnly(
  deps: KeyframeDeps,
  original: Original,
  file: { path: string; probe: MediaProbe; folder: string },
  signal: AbortSignal,
): Promise<Keyframes> {
  const printed = await printSound(deps.tools, file, signal);
  const artifacts =
    printed === null ? [] : await soundPrintArtifacts(deps, original, printed.path, printed.made);
  return { state: 'skipped', reason: 'no-video-stream', artifacts, notes: [], leftOut: null };
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

async function chosenFrames(
  decoded: DecodedFrames,
  rule: FrameRule,
  timeBase: string,
): Promise<ChosenFrame[]> {
  const { kept, doubtful, glimpses, last } = decoded;
  const chosen = kept.map((frame, index) => ({ ...frame, why: whyKept(frame, index, rule) }));
  // They will be left out: what shows nothing of its own takes no place of what does.
  const shots = chosen.filter(({ why }) => why === 'shot');
  const flashes = await flashesAmong(shots, glimpses, timeBase);
  const taken = { taking: (frame: ChosenFrame) => !flashes.has(frame), timeBase, ...rule };
  const cuts = await cutsAmong(doubtful, glimpses, timeBase);
  for (const cut of cuts) insertWithinCap(chosen, { ...cut, why: 'shot' }, taken);
  const before = chosen.at(-1);
  if (last === null || before === undefined || last.pts <= before.pts) return chosen;
  return [...chosen, { ...last, why: 'last' }];
}

function insertWithinCap(
  chosen: ChosenFrame[],
  cut: ChosenFrame,
  cap: { perMinute: number; taking: (frame: ChosenFrame) => boolean; timeBase: string },
): void {
  const { perMinute, taking, timeBase } = cap;
  const startMs = ptsToMs(chosen[0]?.pts ?? 0n, timeBase);
  const minute = ({ pts }: FrameFile) => Math.floor((ptsToMs(pts, timeBase) - startMs) / 60_000);
  const inThisMinute = chosen.filter(
    (frame) => minute(frame) === minute(cut) && taking(frame),
  ).length;
  if (inThisMinute >= perMinute) return;
  const after = chosen.findIndex(({ pts }) => pts > cut.pts);
  chosen.splice(after === -1 ? chosen.length : after, 0, cut);
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
        rule: `${ruleInWords(options.rule)}; ${leaveOutInWords}`,
        ...decoded.made,
      },
    });
  }
  return artifacts;
}

/** Counted from the start of the container's clock, as a player shows it. */
function sinceStartMs({ pts }: FrameFile, { video, probe }: Omit<Work, 'decoded'>): number {
  return Math.round(ptsToMs(pts, video.timeBase) - Number(probe.startTime ?? 0) * 1000);
}

/** JSON keeps integers up to 2^53 exactly; only a forged clock goes beyond. */
function exactNumber(pts: bigint): number {
  const number = Number(pts);
  if (Number.isSafeInteger(number)) return number;
  throw new PermanentError('pts-out-of-range', `a frame's time stamp is ${pts}`);
}

async function sheetArtifacts(
  work: Work,
  keyframes: ChosenFrame[],
  signal: AbortSignal,
): Promise<NewArtifact[]> {
  const { everySeconds, made } = work.decoded;
  const frames = await thumbnails(work, shotStarts(work, keyframes));
  const [first] = frames;
  if (first === undefined) return [];
  const perSheet = framesPerSheet(first);
  const of = Math.ceil(frames.length / perSheet);
  const artifacts: NewArtifact[] = [];
  for (let number = 1; number <= of; number++) {
    signal.throwIfAborted();
    const shown = frames.slice((number - 1) * perSheet, number * perSheet);
    const part = { number, of };
    const drawn = shown as [SheetFrame, ...SheetFrame[]];
    artifacts.push(...(await sheetArtifact(work, drawn, { part, everySeconds, made })));
  }
  return artifacts;
}

/** When each shot began, in order; the first is the start. */
function shotStarts(work: Work, keyframes: ChosenFrame[]): number[] {
  return keyframes
    .filter(({ why }) => why === 'first' || why === 'shot')
    .map((frame) => sinceStartMs(frame, work));
}

async function thumbnails(work: Work, starts: number[]): Promise<SheetFrame[]> {
  const frames: SheetFrame[] = [];
  let begun = 0;
  for (const frame of work.decoded.thumbnails) {
    const { path } = frame;
    const atMs = sinceStartMs(frame, work);
    const before = begun;
    while (begun < starts.length && (starts[begun] as number) <= atMs) begun += 1;
    const shots = Array.from({ length: begun - before }, (_, index) => before + index + 1);
    frames.push({ path, ...(await pictureSize(path)), atMs, shots });
  }
  return frames;
}

interface SheetPart {
  part: { number: number; of: number };
  everySeconds: number;
  made: Made;
}

/** As JPEG, and as PNG to be printed. */
async function sheetArtifact(
  { original, deps, probe, video, options }: Omit<Work, 'decoded'>,
  frames: [SheetFrame, ...SheetFrame[]],
  { part, everySeconds, made }: SheetPart,
  role = 'contact-sheet',
): Promise<NewArtifact[]> {
  const madeAt = new Date().toISOString();
  const header = {
    source: options.source ?? '',
    fileName: original.name,
    sha256: original.sha256,
    format: `${video.width} × ${video.height}, ${video.codec ?? 'codec unknown'}`,
    durationMs: probe.durationMs,
    madeBy: `Made by Holdfast at ${madeAt} (UTC) with ${made.version.split(' Copyright')[0]}`,
    everySeconds,
    environment: options.environment,
    part,
  };
  const sheet = await drawContactSheet(header, frames);
  const number = part.number === 1 ? '' : `-${part.number}`;
  const common = {
    role,
    derivedFrom: original.sha256,
    facts: { ...made, everySeconds, frames: frames.length, part, madeAt, clock: 'this machine' },
  };
  const name = `keyframes/${original.refId}/${role}${number}`;
  return [
    {
      ...common,
      name: `${name}.jpg`,
      mediaType: 'image/jpeg',
      ...(await deps.vault.put(sheet.jpeg)),
    },
    {
      ...common,
      name: `${name}.png`,
      mediaType: 'image/png',
      ...(await deps.vault.put(sheet.png)),
    },
  ];
}

async function trackArtifact(
  { deps, original, decoded, options }: Work,
  { path, frames, every }: { path: string; frames: number; every: HashedFrames },
): Promise<NewArtifact> {
  return {
    role: hashTrackRole,
    name: `keyframes/${original.refId}/hash-track`,
    mediaType: hashTrackMediaType,
    ...(await deps.vault.putFile(path)),
    derivedFrom: original.sha256,
    facts: { frames, every, rule: hashRuleInWords(options.hashRule), ...decoded.made },
  };
}

async function soundPrintArtifacts(
  deps: KeyframeDeps,
  original: Original,
  path: string | null,
  made: Made,
): Promise<NewArtifact[]> {
  if (path === null) return [];
  const stored = await deps.vault.putFile(path);
  return [
    {
      role: 'sound-print',
      name: `keyframes/${original.refId}/sound-print`,
      mediaType: 'application/vnd.holdfast.sound-print',
      ...stored,
      derivedFrom: original.sha256,
      facts: {
        algorithm: 'Chromaprint 1 (AcoustID), raw: 32 bits an item, little-endian',
        items: stored.sizeBytes / 4,
        itemsPerSecond: 11_025 / 1_365,
        ...made,
      },
    },
  ];
}

function complaintNotes(complaints: string[]): string[] {
  if (complaints.length === 0) return [];
  return [`decode-errors: ${complaints.slice(-5).join(' | ')}`];
}

/** From here on a video has a preview: decoding all of it takes a minute or more. */
const longMs = 5 * 60_000;

/** A sheet of frames that decode by themselves, evenly spread: seconds after the file landed. */
async function showPreview(
  work: Omit<Work, 'decoded'>,
  file: { path: string; folder: string },
  signal: AbortSignal,
): Promise<void> {
  const { deps, probe, video, options } = work;
  if (options.onPreview === undefined || (probe.durationMs ?? 0) < longMs) return;
  const preview = await decodePreview(deps.tools, { ...file, probe, video }, signal);
  const frames: SheetFrame[] = [];
  for (const frame of preview.frames) {
    const size = await pictureSize(frame.path);
    frames.push({ path: frame.path, ...size, atMs: sinceStartMs(frame, work), shots: [] });
  }
  if (frames.length === 0) return;
  const { everySeconds, made } = preview;
  const part = { number: 1, of: 1 };
  const drawn = frames as [SheetFrame, ...SheetFrame[]];
  const sheets = await sheetArtifact(work, drawn, { part, everySeconds, made }, 'preview');
  for (const sheet of sheets) await options.onPreview(sheet);
}
