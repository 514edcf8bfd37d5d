/**
 * One member of a gzip file (RFC 1952): where it ends matters as much as what it holds, so the
 * header and the trailer are read here and zlib only inflates what is between.
 */
import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import type { Budget } from './limits.ts';
import { inOrder, type StoredBytes } from './zip.ts';

export class GzipError extends Error {
  override name = 'GzipError';
}

const trailerBytes = 8;

export class GzipMember {
  readonly #source: StoredBytes;
  readonly #start: number;
  readonly #budget: Budget;
  #end: number | null = null;

  constructor(source: StoredBytes, start: number, budget: Budget) {
    this.#source = source;
    this.#start = start;
    this.#budget = budget;
  }

  /** Where the next member begins; known when all was read. */
  get end(): number | null {
    return this.#end;
  }

  /** What it holds. @throws GzipError, OverLimit */
  async *content(): AsyncIterable<Uint8Array> {
    const dataStart = this.#start + (await headerLength(this.#source, this.#start));
    const inflater = createInflateRaw();
    // It is fed beyond its end, and says by `bytesWritten` how much of that it took.
    const source = Readable.from(inOrder(this.#source, dataStart));
    source.on('error', (error) => inflater.destroy(error));
    source.pipe(inflater);
    let crc = 0;
    let sizeBytes = 0;
    try {
      for await (const chunk of inflater as AsyncIterable<Buffer>) {
        this.#budget.spend(chunk.byteLength);
        crc = crc32(chunk, crc);
        sizeBytes += chunk.byteLength;
        yield chunk;
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
        throw new GzipError(`the compressed data are broken (${error.message})`);
      }
      throw error;
    } finally {
      source.destroy();
      inflater.destroy();
    }
    // Compressed data that come to nothing cost time all the same.
    this.#budget.spend(Math.max(0, inflater.bytesWritten - sizeBytes));
    const dataEnd = dataStart + inflater.bytesWritten;
    const trailer = await this.#source.read(dataEnd, trailerBytes);
    if (trailer.byteLength < trailerBytes) throw new GzipError('the member has no end');
    if (trailer.readUInt32LE(0) !== crc) throw new GzipError('the checksum (CRC-32) is wrong');
    if (trailer.readUInt32LE(4) !== sizeBytes % 2 ** 32) throw new GzipError('the length is wrong');
    this.#end = dataEnd + trailerBytes;
  }
}

async function headerLength(source: StoredBytes, start: number): Promise<number> {
  const fixed = await source.read(start, 10);
  if (fixed.byteLength < 10 || fixed[0] !== 0x1f || fixed[1] !== 0x8b) {
    throw new GzipError('no gzip member begins here');
  }
  if (fixed[2] !== 8) throw new GzipError(`unknown compression method ${fixed[2]}`);
  const flags = fixed[3] ?? 0;
  if ((flags & 0xe0) !== 0) throw new GzipError('reserved flags are set');
  let length = 10;
  if (flags & 4) {
    const extraLength = await source.read(start + length, 2);
    if (extraLength.byteLength < 2) throw new GzipError('the header has no end');
    length += 2 + extraLength.readUInt16LE(0);
  }
  // Name, then comment: each ends with a zero byte.
  for (const flag of [8, 16]) {
    if (!(flags & flag)) continue;
    const text = await source.read(start + length, 64 * 1024);
    const end = text.indexOf(0);
    if (end < 0) throw new GzipError('a name or comment without end');
    length += end + 1;
  }
  return flags & 2 ? length + 2 : length;
}
