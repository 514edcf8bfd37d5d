/** Writes what a step recorded as WARC files. */
import type { WarcPart, WarcPartFiles, WrittenPart } from './part.ts';

/**
 * Writes the part, its index and what belongs beside it. Bodies are streamed from their
 * files; memory holds the exchanges and index lines only. Same input, same bytes.
 * @throws IntegrityError `body-differs` when a body's file is not what its digest says
 */
export async function writeWarcPart(
  _part: WarcPart,
  _files: WarcPartFiles,
  _signal: AbortSignal,
): Promise<WrittenPart> {
  throw new Error('being written');
}
