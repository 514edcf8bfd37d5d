/** Still frames that show a video, each with its exact time, and sheets to see it at a glance. */

import { join } from 'node:path';
import { errorCode, HoldfastError } from '../../base/errors.ts';
import type { MediaNote, Reason } from '../../base/reasons.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { Environment } from '../../model/capture-record.ts';
import type { Vault } from '../../vault/vault.ts';
import { printSound } from '../inspect/sound-print.ts';
import type { Pictures } from '../pictures/pictures.ts';
import { MediaToolError, type MediaTools } from '../tools/ffmpeg.ts';
import { type MediaProbe, probeMedia } from '../tools/probe.ts';
import { chosenFrames, complaintNotes, notesOn, withinCap } from './chosen-frames.ts';
import { type DecodedFrames, type DecodeRequest, decodeFrames } from './decode-frames.ts';
import { type DroppedFrames, dropFrames } from './drop-frames.ts';
import {
  type DecodedVideo,
  keyframeArtifacts,
  type Original,
  soundPrintArtifacts,
  type Track,
  trackArtifact,
  type VideoWork,
} from './frame-artifacts.ts';
import type { FrameRule } from './frame-filters.ts';
import { defaultHashRule, type HashRule, hashedFrames } from './hash-rule.ts';
import { trackWriter } from './hash-track-file.ts';
import { beginPacketScan, trueLengthMs } from './packets.ts';
import { sheetArtifacts } from './sheets.ts';

export interface KeyframeDeps {
  vault: Pick<Vault, 'path' | 'put' | 'putFile' | 'scratch'>;
  tools: MediaTools;
  pictures: Pictures;
}

export interface KeyframeOptions extends Partial<FrameRule> {
  environment: Environment;
  /** Which frames the hash track holds; `defaultHashRule` unless told otherwise. */
  hashRule?: HashRule;
  /** Where the video came from, for the sheet. */
  source?: string;
  onProgress?: (progress: { doneMs: number; totalMs: number | null }) => void;
}

export interface Keyframes {
  state: 'done' | 'failed' | 'skipped';
  /** `no-video-stream` (skipped); `not-decodable`, `too-many-pixels`, `timed-out` … (failed). */
  reason: Reason | null;
  artifacts: NewArtifact[];
  /** Codes with words: `decode-errors: …`, `capped: …`, `last-frame-not-decoded: …`. */
  notes: MediaNote[];
  /** Frames that the rule named and that show nothing of their own. */
  leftOut: DroppedFrames | null;
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
    return await extract(deps, original, { ...options, ...decodeRule(options) }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HoldfastError && error.next !== 'give-up') throw error;
    const complaints = error instanceof MediaToolError ? error.complaints : [];
    return failed(reasonOf(error), complaints);
  }
}

/** The rules that hold where nothing else is asked. */
export function decodeRule(options: KeyframeOptions): { rule: FrameRule; hashRule: HashRule } {
  const { sceneThreshold = 0.25, floorSeconds = 10, perMinute = 120 } = options;
  const { hashRule = defaultHashRule } = options;
  return { rule: { sceneThreshold, floorSeconds, perMinute }, hashRule };
}

function reasonOf(error: unknown): Reason {
  if (!(error instanceof MediaToolError)) {
    const code = errorCode(error);
    if (code === 'unexpected') throw error;
    return code;
  }
  return error.code.endsWith('-killed') ? error.code : 'not-decodable';
}

function failed(reason: Reason, complaints: string[]): Keyframes {
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
  const { vault, tools, pictures } = deps;
  const { rule, hashRule, environment, source = '' } = options;
  const path = await vault.path(original.sha256);
  await using scanning = beginPacketScan(tools, path, signal);
  const probe = await probeMedia(tools, path, signal);
  const { video } = probe;
  await using scratch = await vault.scratch('keyframes');
  const { folder } = scratch;
  if (video === null) return await soundOnly(deps, original, { path, probe, folder }, signal);
  if (video.width * video.height > maxPixels) return failed('too-many-pixels', []);
  const work = { vault, pictures, original, probe, video, rule, hashRule, environment, source };
  const scan = await scanning.of(video.index);
  const { onProgress } = options;
  const file = { path, folder, scan, ...(onProgress && { onProgress }) };
  const { decoded, track } = await decodeAndHash(tools, work, file, signal);
  return await whatIsKept({ ...work, decoded }, track, signal);
}

type FileInHand = Pick<DecodeRequest, 'path' | 'folder' | 'scan' | 'onProgress'>;

async function decodeAndHash(
  tools: MediaTools,
  { probe, video, rule, hashRule }: VideoWork,
  file: FileInHand,
  signal: AbortSignal,
): Promise<{ decoded: DecodedFrames; track: Track }> {
  const { folder, scan } = file;
  const lengthMs = trueLengthMs(scan, probe, video);
  const every = hashedFrames(hashRule, { lengthMs, packets: scan.packets });
  const { timeBase } = video;
  const track = trackWriter(join(folder, 'track'), {
    timeBase,
    containerStartTime: probe.startTime,
    every,
  });
  const request = { ...file, probe, video, rule, hashed: every, onHashFrame: track.add };
  const decoded = await decodeFrames(tools, request, signal).finally(() => track.end());
  return { decoded, track: { path: track.path, frames: track.frames(), every } };
}

async function whatIsKept(
  work: DecodedVideo,
  track: Track,
  signal: AbortSignal,
): Promise<Keyframes> {
  const { decoded, rule, video } = work;
  const chosen = await chosenFrames(decoded, rule, video.timeBase);
  if (chosen.length === 0) return failed('not-decodable', decoded.complaints);
  const { frames: telling, leftOut } = await dropFrames(
    work.pictures,
    chosen,
    { samples: decoded.samples, timeBase: video.timeBase },
    signal,
  );
  const frames = withinCap(telling, rule, video.timeBase);
  const artifacts = [
    ...(await keyframeArtifacts(work, frames, signal)),
    ...(await sheetArtifacts(work, frames, signal)),
    await trackArtifact(work, track),
    ...(await soundPrintArtifacts(work, decoded.soundPrint, decoded.made)),
  ];
  const notes = notesOn(decoded, rule, telling.length - frames.length);
  return { state: 'done', reason: null, artifacts, notes, leftOut };
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
    printed === null
      ? []
      : await soundPrintArtifacts({ vault: deps.vault, original }, printed.path, printed.made);
  return { state: 'skipped', reason: 'no-video-stream', artifacts, notes: [], leftOut: null };
}
