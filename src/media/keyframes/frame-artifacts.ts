/** What is kept of a decoded video beside its sheets: keyframes, the hash track, the print of its sound. */

import { PermanentError } from '../../base/errors.ts';
import { hashTrackMediaType, hashTrackRole } from '../../fingerprint/hash-track.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { Environment } from '../../model/capture-record.ts';
import type { Vault } from '../../vault/vault.ts';
import type { Pictures } from '../pictures/pictures.ts';
import type { MediaProbe, VideoStream } from '../tools/probe.ts';
import type { ChosenFrame } from './chosen-frames.ts';
import type { DecodedFrames, FrameFile, Made } from './decode-frames.ts';
import { dropRulesInWords } from './drop-frames.ts';
import { type FrameRule, ptsToMs, ruleInWords } from './frame-filters.ts';
import { type HashedFrames, type HashRule, hashRuleInWords } from './hash-rule.ts';

export interface Original {
  sha256: string;
  mediaType: string;
  name: string;
  /** Names the folder of what is made: `keyframes/<refId>/`. */
  refId: string;
}

/** A video that is looked into: by which rules, for whom, and where what is made of it goes. */
export interface VideoWork {
  vault: Pick<Vault, 'put' | 'putFile'>;
  pictures: Pictures;
  original: Original;
  probe: MediaProbe;
  video: VideoStream;
  rule: FrameRule;
  hashRule: HashRule;
  environment: Environment;
  /** Where the video came from, for the sheet. */
  source: string;
}

export interface DecodedVideo extends VideoWork {
  decoded: DecodedFrames;
}

export async function keyframeArtifacts(
  work: DecodedVideo,
  frames: ChosenFrame[],
  signal: AbortSignal,
): Promise<NewArtifact[]> {
  const { vault, pictures, original, video, probe, decoded, rule } = work;
  const artifacts: NewArtifact[] = [];
  for (const [index, frame] of frames.entries()) {
    signal.throwIfAborted();
    const size = await pictures.size(frame.path);
    const stored = await vault.putFile(frame.path);
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
        rule: `${ruleInWords(rule)}; ${dropRulesInWords}`,
        ...decoded.made,
      },
    });
  }
  return artifacts;
}

/** Counted from the start of the container's clock, as a player shows it. */
export function sinceStartMs({ pts }: FrameFile, { video, probe }: VideoWork): number {
  return Math.round(ptsToMs(pts, video.timeBase) - Number(probe.startTime ?? 0) * 1000);
}

/** JSON keeps integers up to 2^53 exactly; only a forged clock goes beyond. */
function exactNumber(pts: bigint): number {
  const number = Number(pts);
  if (Number.isSafeInteger(number)) return number;
  throw new PermanentError('pts-out-of-range', `a frame's time stamp is ${pts}`);
}

/** A hash track that lies in a file. */
export interface Track {
  path: string;
  frames: number;
  every: HashedFrames;
}

export async function trackArtifact(
  { vault, original, decoded, hashRule }: DecodedVideo,
  { path, frames, every }: Track,
): Promise<NewArtifact> {
  return {
    role: hashTrackRole,
    name: `keyframes/${original.refId}/hash-track`,
    mediaType: hashTrackMediaType,
    ...(await vault.putFile(path)),
    derivedFrom: original.sha256,
    facts: { frames, every, rule: hashRuleInWords(hashRule), ...decoded.made },
  };
}

export async function soundPrintArtifacts(
  { vault, original }: Pick<VideoWork, 'vault' | 'original'>,
  path: string | null,
  made: Made,
): Promise<NewArtifact[]> {
  if (path === null) return [];
  const stored = await vault.putFile(path);
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
