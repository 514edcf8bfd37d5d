/**
 * A bundle in a zip file, read where it lies: the list at its end, then each entry by its
 * place. The list alone counts; what lies beside its entries is told, and not read.
 */
import { BundleError, type BundleFiles } from '../bundle/files.ts';
import type { Bytes } from './bytes.ts';
import { outsideOfEntries } from './zip-gaps.ts';
import { type RandomAccess, readZipList, viewOf, type ZipEntry } from './zip-list.ts';

export interface Hasher {
  update(bytes: Uint8Array): void;
  hex(): string;
}

const chunkBytes = 1024 * 1024;

/** @throws BundleError when it is no zip file, or one of a kind that is not read here */
export async function openZip(
  source: RandomAccess,
  newHasher: (algorithm: 'sha256' | 'sha512') => Hasher,
): Promise<BundleFiles> {
  const list = await readZipList(source);
  const others = [...list.others, ...(await outsideOfEntries(source, list))];
  const sizes = new Map([...list.files].map(([path, { sizeBytes }]) => [path, sizeBytes]));
  const open = (path: string) => content(source, entryAt(list.files, path));
  return {
    sizes: () => sizes,
    others: () => others,
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

/** A file behind a Blob. */
export function blobAccess(blob: Blob): RandomAccess {
  return {
    size: blob.size,
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  };
}
