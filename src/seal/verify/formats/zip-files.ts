/**
 * A bundle in a zip file, read where it lies: the list at its end, then each entry by its
 * place. Stored and deflated entries, zip64 included (APPNOTE 6.3); nothing else is
 * accepted, and the list alone counts.
 */
import { BundleError, type BundleFiles } from '../bundle/files.ts';
import { type Bytes, textOf } from './bytes.ts';

/** Whatever can be read in parts: an open file, a Blob. */
export interface RandomAccess {
  size: number;
  /** Fewer bytes only at the end. */
  read(start: number, end: number): Promise<Bytes>;
}

export interface Hasher {
  update(bytes: Uint8Array): void;
  hex(): string;
}

interface ZipEntry {
  sizeBytes: number;
  packedBytes: number;
  deflated: boolean;
  /** Where its local header begins. */
  offset: number;
}

const mostEntries = 2_000_000;
const longestListBytes = 1024 * 1024 * 1024;
const chunkBytes = 1024 * 1024;

/** @throws BundleError when it is no zip file, or one of a kind that is not read here */
export async function openZip(
  source: RandomAccess,
  newHasher: (algorithm: 'sha256' | 'sha512') => Hasher,
): Promise<BundleFiles> {
  const entries = await readList(source);
  const sizes = new Map([...entries].map(([path, { sizeBytes }]) => [path, sizeBytes]));
  const open = (path: string) => content(source, entryAt(entries, path));
  return {
    sizes: () => sizes,
    open,
    async digest(path, algorithm) {
      const hasher = newHasher(algorithm);
      for await (const chunk of open(path)) hasher.update(chunk);
      return hasher.hex();
    },
  };
}

function entryAt(entries: Map<string, ZipEntry>, path: string): ZipEntry {
  const entry = entries.get(path);
  if (entry === undefined) throw new BundleError(`${path} is missing`);
  return entry;
}

async function readList(source: RandomAccess): Promise<Map<string, ZipEntry>> {
  const { count, offset, length } = await findList(source);
  if (count > mostEntries || length > longestListBytes || offset + length > source.size)
    throw new BundleError('the list of the zip file is longer than it can be');
  const list = await source.read(offset, offset + length);
  const view = viewOf(list);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  let packedBytes = 0;
  for (let done = 0; done < count; done += 1) {
    if (at + 46 > list.length || view.getUint32(at, true) !== 0x02014b50)
      throw new BundleError('the list of the zip file is broken');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) =>
      view.getUint16(at + place, true),
    ) as [number, number, number];
    const name = pathFrom(list.subarray(at + 46, at + 46 + nameLength));
    const extra = list.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const entry = entryFrom(view, at, extra);
    if (!name.endsWith('/')) {
      if (entries.has(name)) throw new BundleError(`${name} is in the zip file twice`);
      entries.set(name, entry);
      packedBytes += entry.packedBytes;
    }
    at += 46 + nameLength + extraLength + commentLength;
  }
  // Entries that share bytes, or reach behind the end, are how a small file becomes an endless one.
  if (packedBytes > source.size)
    throw new BundleError('the entries of the zip file claim more bytes than it has');
  return withoutTopFolder(entries);
}

/** Zip files are often made of the folder itself. */
function withoutTopFolder(entries: Map<string, ZipEntry>): Map<string, ZipEntry> {
  if (entries.has('bagit.txt')) return entries;
  const top = [...entries.keys()].find((path) => /^[^/]+\/bagit\.txt$/.test(path))?.split('/')[0];
  if (top === undefined || ![...entries.keys()].every((path) => path.startsWith(`${top}/`)))
    throw new BundleError('no bagit.txt: this is not a bundle');
  return new Map([...entries].map(([path, entry]) => [path.slice(top.length + 1), entry]));
}

async function findList(
  source: RandomAccess,
): Promise<{ count: number; offset: number; length: number }> {
  // The end record has 22 bytes and a comment of at most 65535.
  const start = Math.max(0, source.size - 22 - 65_535);
  const tail = await source.read(start, source.size);
  const view = viewOf(tail);
  let at = tail.length - 22;
  while (at >= 0 && view.getUint32(at, true) !== 0x06054b50) at -= 1;
  if (at < 0) throw new BundleError('not a zip file, or one that is cut off');
  const plain = {
    count: view.getUint16(at + 10, true),
    length: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  };
  if (plain.count !== 0xffff && plain.length !== 0xffffffff && plain.offset !== 0xffffffff)
    return plain;
  if (at < 20 || view.getUint32(at - 20, true) !== 0x07064b50) return plain;
  const place = number64(view, at - 20 + 8);
  const end = viewOf(await source.read(place, place + 56));
  if (end.byteLength < 56 || end.getUint32(0, true) !== 0x06064b50)
    throw new BundleError('the list of the zip file is broken');
  return { count: number64(end, 32), length: number64(end, 40), offset: number64(end, 48) };
}

function entryFrom(view: DataView, at: number, extra: Uint8Array): ZipEntry {
  const method = view.getUint16(at + 10, true);
  if ((view.getUint16(at + 8, true) & 1) === 1) throw new BundleError('the zip file is encrypted');
  if (method !== 0 && method !== 8)
    throw new BundleError(`the zip file is packed in a way (${method}) that is not read here`);
  const fields = [24, 20, 42].map((place) => view.getUint32(at + place, true));
  const wide = wideFields(extra).values();
  const [sizeBytes = 0, packedBytes = 0, offset = 0] = fields.map((value) =>
    value === 0xffffffff ? (wide.next().value ?? value) : value,
  );
  return { sizeBytes, packedBytes, offset, deflated: method === 8 };
}

/** The 64-bit numbers of the zip64 extra field, which stand for those that are all ones. */
function wideFields(extra: Uint8Array): number[] {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    const count = Math.floor(Math.min(view.getUint16(at + 2, true), extra.length - at - 4) / 8);
    return Array.from({ length: count }, (_, position) => number64(view, at + 4 + position * 8));
  }
  return [];
}

async function* content(source: RandomAccess, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const header = viewOf(await source.read(entry.offset, entry.offset + 30));
  if (header.byteLength < 30 || header.getUint32(0, true) !== 0x04034b50)
    throw new BundleError('an entry of the zip file is broken');
  const start = entry.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  let total = 0;
  const chunks = entry.deflated
    ? inflated(source, start, start + entry.packedBytes)
    : ranges(source, start, start + entry.packedBytes);
  for await (const chunk of chunks) {
    total += chunk.length;
    // What unpacks to more than the list says is a bomb or a forgery.
    if (total > entry.sizeBytes) break;
    yield chunk;
  }
  if (total !== entry.sizeBytes)
    throw new BundleError('an entry of the zip file has another length than its list says');
}

async function* ranges(source: RandomAccess, start: number, end: number): AsyncGenerator<Bytes> {
  if (start >= end) return;
  let next = source.read(start, Math.min(end, start + chunkBytes));
  for (let at = start; at < end; at += chunkBytes) {
    const chunk = await next;
    // The next one is read while this one is hashed.
    const after = at + chunkBytes;
    if (after < end) {
      next = source.read(after, Math.min(end, after + chunkBytes));
      next.catch(() => {});
    }
    yield chunk;
  }
}

async function* inflated(
  source: RandomAccess,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const packed = new ReadableStream<Bytes>({
    async start(controller) {
      controller.enqueue(new Uint8Array());
    },
    async pull(controller) {
      if (start >= end) {
        controller.close();
        return;
      }
      const chunk = await source.read(start, Math.min(end, start + chunkBytes));
      start += chunkBytes;
      if (chunk.length > 0) controller.enqueue(chunk);
      else controller.close();
    },
  });
  const reader = packed.pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function pathFrom(name: Uint8Array): string {
  try {
    const path = textOf(name);
    if (!path.split('/').includes('..') && !path.startsWith('/') && !path.includes('\0'))
      return path;
  } catch {
    // Said below.
  }
  throw new BundleError('the zip file holds a name that leaves it');
}

/** @throws BundleError above 2^53, where numbers end */
function number64(view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at, true));
  if (Number.isSafeInteger(value)) return value;
  throw new BundleError('a number in the zip file is too large');
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A file behind a Blob. */
export function blobAccess(blob: Blob): RandomAccess {
  return {
    size: blob.size,
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  };
}
