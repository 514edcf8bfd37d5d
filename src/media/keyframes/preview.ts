/** A sheet of a long video within seconds: of frames that decode by themselves, evenly spread. */
import type { NewArtifact } from '../../model/artifact.ts';
import { probeMedia } from '../tools/probe.ts';
import type { SheetFrame } from './contact-sheet.ts';
import { decodePreview } from './decode-preview.ts';
import { type Original, sinceStartMs, type VideoWork } from './frame-artifacts.ts';
import { decodeRule, type KeyframeDeps, type KeyframeOptions } from './keyframes.ts';
import { sheetArtifact } from './sheets.ts';

/** From here on decoding all of a video takes a minute or more. */
export const longMs = 5 * 60_000;

/**
 * As JPEG, and as PNG to be printed; none where nothing of the video decodes by itself.
 * @throws the signal's reason; PermanentError for what is no video; UnreachableError `tool-missing`
 */
export async function previewSheet(
  { vault, tools, pictures }: KeyframeDeps,
  original: Original,
  options: KeyframeOptions,
  signal: AbortSignal,
): Promise<NewArtifact[]> {
  const path = await vault.path(original.sha256);
  const probe = await probeMedia(tools, path, signal);
  const { video } = probe;
  if (video === null) return [];
  await using scratch = await vault.scratch('preview');
  const { environment, source = '' } = options;
  const work: VideoWork = {
    ...{ vault, pictures, original, probe, video, environment, source },
    ...decodeRule(options),
  };
  const found = await decodePreview(tools, { path, folder: scratch.folder, probe, video }, signal);
  const frames: SheetFrame[] = [];
  for (const frame of found.frames) {
    const size = await pictures.size(frame.path);
    frames.push({ path: frame.path, ...size, atMs: sinceStartMs(frame, work), shots: [] });
  }
  const [first, ...others] = frames;
  if (first === undefined) return [];
  const { everySeconds, made } = found;
  const sheet = { part: { number: 1, of: 1 }, everySeconds, made };
  return await sheetArtifact(work, [first, ...others], sheet, 'preview');
}
