/** Sheets to see a video at a glance. */
import type { NewArtifact } from '../../model/artifact.ts';
import type { ChosenFrame } from './chosen-frames.ts';
import { drawContactSheet, framesPerSheet, type SheetFrame } from './contact-sheet.ts';
import type { Made } from './decode-frames.ts';
import { type DecodedVideo, sinceStartMs, type VideoWork } from './frame-artifacts.ts';

export async function sheetArtifacts(
  work: DecodedVideo,
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
function shotStarts(work: DecodedVideo, keyframes: ChosenFrame[]): number[] {
  return keyframes
    .filter(({ why }) => why === 'first' || why === 'shot')
    .map((frame) => sinceStartMs(frame, work));
}

async function thumbnails(work: DecodedVideo, starts: number[]): Promise<SheetFrame[]> {
  const frames: SheetFrame[] = [];
  let begun = 0;
  for (const frame of work.decoded.thumbnails) {
    const { path } = frame;
    const atMs = sinceStartMs(frame, work);
    const before = begun;
    while (begun < starts.length && (starts[begun] as number) <= atMs) begun += 1;
    const shots = Array.from({ length: begun - before }, (_, index) => before + index + 1);
    frames.push({ path, ...(await work.pictures.size(path)), atMs, shots });
  }
  return frames;
}

interface SheetPart {
  part: { number: number; of: number };
  everySeconds: number;
  made: Made;
}

/** As JPEG, and as PNG to be printed. */
export async function sheetArtifact(
  { vault, pictures, original, probe, video, source, environment }: VideoWork,
  frames: [SheetFrame, ...SheetFrame[]],
  { part, everySeconds, made }: SheetPart,
  role: 'contact-sheet' | 'preview' = 'contact-sheet',
): Promise<NewArtifact[]> {
  const madeAt = new Date().toISOString();
  const header = {
    source,
    fileName: original.name,
    sha256: original.sha256,
    format: `${video.width} × ${video.height}, ${video.codec ?? 'codec unknown'}`,
    durationMs: probe.durationMs,
    madeBy: `Made by Holdfast at ${madeAt} (UTC) with ${made.version.split(' Copyright')[0]}`,
    everySeconds,
    environment,
    part,
  };
  const sheet = await drawContactSheet(pictures, header, frames);
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
      ...(await vault.put(sheet.jpeg)),
    },
    {
      ...common,
      name: `${name}.png`,
      mediaType: 'image/png',
      ...(await vault.put(sheet.png)),
    },
  ];
}
