/** Keeps what a step recorded: its WARC part, large bodies once, what is restricted apart. */
import type { NewArtifact } from '../artifact.ts';
import type { WarcPart } from '../warc/part.ts';
import type { Parts } from './parts.ts';

/** @returns artifacts of the step: `warc`, `warc.index`, `warc.large`, `warc.body`, `warc.restricted` */
export async function keepWarcPart(
  _parts: Parts,
  _part: Omit<WarcPart, 'info'>,
  _signal: AbortSignal,
): Promise<NewArtifact[]> {
  throw new Error('being written');
}
