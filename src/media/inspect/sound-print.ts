/** Chromaprint of a file that has sound and no picture. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Made, soundPrintOutput } from '../keyframes/decode-frames.ts';
import { confinement } from '../tools/confinement.ts';
import {
  argumentsOf,
  MediaToolError,
  type MediaTools,
  runFfmpeg,
  toolVersion,
  writesFormat,
} from '../tools/ffmpeg.ts';
import type { MediaProbe } from '../tools/probe.ts';

const timeLimitMs = 30 * 60_000;

/** @returns `null` where there is no sound, none that decodes, or this ffmpeg can't make a print */
export async function printSound(
  tools: MediaTools,
  { path, probe, folder }: { path: string; probe: MediaProbe; folder: string },
  signal: AbortSignal,
): Promise<{ path: string; made: Made } | null> {
  if (probe.audio === null || !(await writesFormat(tools.ffmpeg, 'chromaprint'))) return null;
  const output = soundPrintOutput(probe);
  const run = { input: path, outputs: [output], folder, timeLimitMs, yielding: true };
  await runFfmpeg(tools, run, signal).catch((error: unknown) => {
    if (!(error instanceof MediaToolError)) throw error;
  });
  const print = join(folder, output.target);
  const size = await stat(print)
    .then(({ size }) => size)
    .catch(() => 0);
  if (size === 0) return null;
  const made = {
    tool: 'ffmpeg',
    version: await toolVersion(tools.ffmpeg),
    arguments: argumentsOf(run, 'ORIGINAL'),
    confinement: await confinement(),
  };
  return { path: print, made };
}
