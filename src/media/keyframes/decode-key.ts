/** What the frames of a video depend on besides its bytes: where all of it agrees, decoding again makes the same. */
import { createHash } from 'node:crypto';
import { type MediaTools, toolVersion } from '../tools/ffmpeg.ts';
import type { Original } from './frame-artifacts.ts';
import { decodeRule, type KeyframeOptions } from './keyframes.ts';

/** Raised with every change by which the same file gives other frames, hashes, prints or sheets. */
const revision = 2;

/** @returns SHA-256 of all that, as hex. @throws UnreachableError `tool-missing` */
export async function decodeKey(
  tools: MediaTools,
  { sha256, mediaType }: Pick<Original, 'sha256' | 'mediaType'>,
  options: KeyframeOptions,
): Promise<string> {
  const { rule, hashRule } = decodeRule(options);
  const { sceneThreshold, floorSeconds, perMinute } = rule;
  const depends = [
    ...[revision, await toolVersion(tools.ffmpeg), sha256, mediaType],
    ...[sceneThreshold, floorSeconds, perMinute, hashRule.frames, hashRule.everyFrameUpToMs],
    // It stands on the sheets.
    options.environment,
  ];
  return createHash('sha256').update(JSON.stringify(depends)).digest('hex');
}
