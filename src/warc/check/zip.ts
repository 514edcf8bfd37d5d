/** The zip around a web archive: its entries, and their bytes in order or from anywhere. */
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';
import type { Findings } from './findings.ts';
import { type Budget, type CheckLimits, OverLimit } from './limits.ts';
import { checkGaps, type Span } from './zip-gaps.ts';

/** Bytes that lie in one piece, readable from any place. */
export interface StoredBytes {
  sizeBytes: number;
  /** Fewer than asked for only at the end. */
  read(offset: number, length: number): Promise<Buffer>;
}

export interface ZipEntry {
  path: string;
  sizeBytes: number;
  stored: boolean;
  /** The content in order; the zip's own checksum is compared at its end. @throws ZipError, OverLimit */
  content(): AsyncIterable<Buffer>;
  /** Null where it is deflated. */
  bytes(): StoredBytes | null;
}

export interface OpenZip extends AsyncDisposable {
  entries: Map<string, ZipEntry>;
}

/** Thrown where there is no zip to speak of, or no file at its place in it. */
export class ZipError extends Error {
  override name = 'ZipError';
}

/** Reads the directory and looks for what a sound zip doesn't have. @throws ZipError, OverLimit */
export async function openZip(
  file: FileHandle,
  sizeBytes: number,
  limits: CheckLimits,
  budget: Budget,
  findings: Findings,
): Promise<OpenZip> {
  const zip = await fromFdPromise(file.fd, { lazyEntries: true, autoClose: false }).catch(
    (error: Error) => {
      throw new ZipError(`this is not a zip file (${error.message})`);
    },
  );
  const entries = new Map<string, ZipEntry>();
  const places: { start: number; end: number; path: string }[] = [];
  const spans: Span[] = [];
  for (const entry of await directoryOf(zip, limits)) {
    const path = entry.fileName;
    findings.examined('zip');
    const start = await dataStart(zip, entry, findings);
    if (start !== null) spans.push(spanOf(entry, start));
    if (path.endsWith('/')) continue;
    if (start === null) {
      findings.fault('zip', path, 'its place in the zip is broken');
      continue;
    }
    if (entries.has(path)) {
      findings.fault('zip', path, 'there are two files of this name: readers may see either');
      continue;
    }
    if (entry.isEncrypted()) {
      findings.fault('zip', path, 'it is encrypted');
      continue;
    }
    if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
      findings.fault('zip', path, `unknown compression method ${entry.compressionMethod}`);
      continue;
    }
    places.push({ start, end: start + entry.compressedSize, path });
    entries.set(path, zipEntry(zip, file, entry, start, budget, findings));
  }
  overlaps(places, sizeBytes, findings);
  refuseWhereShared(places, sizeBytes);
  // Decoded a byte a letter.
  await checkGaps(file, spans, { sizeBytes, commentBytes: zip.comment.length }, findings);
  return { entries, [Symbol.asyncDispose]: async () => file.close() };
}

function spanOf(entry: Entry, dataStart: number): Span {
  return {
    start: entry.relativeOffsetOfLocalHeader,
    end: dataStart + entry.compressedSize,
    path: entry.fileName,
    described: (entry.generalPurposeBitFlag & 8) === 8,
  };
}

export async function openFile(path: string): Promise<{ file: FileHandle; sizeBytes: number }> {
  const file = await open(path, 'r');
  return { file, sizeBytes: (await file.stat()).size };
}

async function directoryOf(zip: ZipFile, limits: CheckLimits): Promise<Entry[]> {
  if (zip.entryCount > limits.entries) {
    throw new OverLimit(`${zip.entryCount} files in one zip`);
  }
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('entry', (entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', (error) => reject(new ZipError(`the directory is broken (${error.message})`)));
    zip.readEntry();
  });
}

/** Null where the entry has no sound header of its own. Readers that go without the directory see that one. */
async function dataStart(zip: ZipFile, entry: Entry, findings: Findings): Promise<number | null> {
  try {
    const header = await zip.readLocalFileHeaderPromise(entry);
    if (!header.fileName.equals(entry.fileNameRaw)) {
      findings.fault('zip', entry.fileName, 'its own header gives it another name');
    }
    return header.fileDataStart;
  } catch {
    return null;
  }
}

/** Entries that share bytes are how a small zip becomes an endless one. */
function overlaps(
  places: { start: number; end: number; path: string }[],
  sizeBytes: number,
  findings: Findings,
): void {
  const sorted = places.toSorted((one, other) => one.start - other.start);
  for (const [index, { end, path }] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next !== undefined && end > next.start) {
      findings.fault('zip', path, `it shares its bytes with ${next.path}`);
    }
    if (end > sizeBytes) findings.fault('zip', path, 'it reaches beyond the end of the file');
  }
}

/** A few shared bytes are a fault like any other; files that are together larger than the zip are a bomb. */
function refuseWhereShared(places: { start: number; end: number }[], sizeBytes: number): void {
  const claimed = places.reduce((sum, { start, end }) => sum + end - start, 0);
  if (claimed > sizeBytes) throw new OverLimit('its files claim more bytes than the zip has');
}

function zipEntry(
  zip: ZipFile,
  file: FileHandle,
  entry: Entry,
  start: number,
  budget: Budget,
  findings: Findings,
): ZipEntry {
  const stored = entry.compressionMethod === 0;
  const region: StoredBytes = {
    sizeBytes: entry.compressedSize,
    async read(offset, length) {
      const count = Math.max(0, Math.min(length, entry.compressedSize - offset));
      const buffer = Buffer.allocUnsafe(count);
      if (offset < 0 || count === 0) return buffer.subarray(0, 0);
      const { bytesRead } = await file.read(buffer, 0, count, start + offset);
      return buffer.subarray(0, bytesRead);
    },
  };
  return {
    path: entry.fileName,
    sizeBytes: entry.uncompressedSize,
    stored,
    bytes: () => (stored ? region : null),
    async *content() {
      let crc = 0;
      const chunks = stored ? inOrder(region) : inflatedEntry(zip, entry);
      for await (const chunk of chunks) {
        if (!stored) budget.spend(chunk.byteLength);
        crc = crc32(chunk, crc);
        yield chunk;
      }
      if (crc !== entry.crc32)
        findings.fault('zip', entry.fileName, 'its checksum (CRC-32) is wrong');
    },
  };
}

/** What is deflated. Neither zlib nor the zip reader has a class for what it finds broken. */
async function* inflatedEntry(zip: ZipFile, entry: Entry): AsyncIterable<Buffer> {
  try {
    yield* (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>;
  } catch (error) {
    if (!(error instanceof Error) || 'syscall' in error) throw error;
    throw new ZipError(`it can't be inflated (${error.message})`);
  }
}

/** Stored bytes from a place on, a chunk at a time. */
export async function* inOrder(bytes: StoredBytes, from = 0): AsyncIterable<Buffer> {
  for (let position = from; position < bytes.sizeBytes; ) {
    const chunk = await bytes.read(position, 256 * 1024);
    if (chunk.byteLength === 0) return;
    position += chunk.byteLength;
    yield chunk;
  }
}
