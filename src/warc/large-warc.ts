/**
 * `large.warc`, which is never stored: the header blocks are, and the bodies lie in the vault
 * once. Concatenated in the order of the parts they are a valid, uncompressed WARC.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { LargePart } from './part.ts';
import { recordEnd } from './record.ts';

export const largeWarcName = 'large.warc';

const largePart: z.ZodType<LargePart> = z.object({
  schema: z.literal('holdfast.large-warc/1'),
  warcinfo: z.string(),
  entries: z.array(
    z.object({
      warcHeader: z.string(),
      httpHeader: z.string(),
      bodySha256: z.string().regex(/^[0-9a-f]{64}$/),
      bodySizeBytes: z.number().int().nonnegative(),
    }),
  ),
});

/** Opens a stored body by its SHA-256. */
export type OpenBody = (sha256: string) => Promise<AsyncIterable<Uint8Array>>;

/** @throws ZodError or SyntaxError */
export function readLargePart(bytes: Uint8Array): LargePart {
  return largePart.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}

/** The bytes of `large.warc`, body by body. */
export async function* largeWarc(parts: LargePart[], open: OpenBody): AsyncIterable<Uint8Array> {
  for (const { warcinfo, entries } of parts) {
    yield Buffer.from(warcinfo);
    for (const { warcHeader, httpHeader, bodySha256 } of entries) {
      yield Buffer.from(warcHeader + httpHeader);
      yield* await open(bodySha256);
      yield Buffer.from(recordEnd);
    }
  }
}

/** How long one part is, without reading a body: the next one begins there. */
export function sizeOfLargePart({ warcinfo, entries }: LargePart): number {
  return entries.reduce((sum, entry) => sum + sizeOfLargeEntry(entry), Buffer.byteLength(warcinfo));
}

export function sizeOfLargeEntry(entry: LargePart['entries'][number]): number {
  const { warcHeader, httpHeader, bodySizeBytes } = entry;
  return (
    Buffer.byteLength(warcHeader) + Buffer.byteLength(httpHeader) + bodySizeBytes + recordEnd.length
  );
}

/** Reads a stored body by its SHA-256, piece by piece through one buffer, whose pieces nobody may keep. */
export type ReadBody = (sha256: string, onChunk: (chunk: Uint8Array) => void) => Promise<unknown>;

/** What the manifest says of it, so that every export can be compared. */
export async function digestOfLargeWarc(
  parts: LargePart[],
  readBody: ReadBody,
): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const take = (bytes: string | Uint8Array) => {
    hash.update(bytes);
    sizeBytes += Buffer.byteLength(bytes);
  };
  for (const { warcinfo, entries } of parts) {
    take(warcinfo);
    for (const { warcHeader, httpHeader, bodySha256 } of entries) {
      take(warcHeader + httpHeader);
      await readBody(bodySha256, take);
      take(recordEnd);
    }
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}
