/** A bundle on disk: a folder or a zip file. The only part of the verifier that needs Node. */
import { createHash } from 'node:crypto';
import type { Dirent, Stats } from 'node:fs';
import { type FileHandle, lstat, open, opendir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Bytes } from '../formats/bytes.ts';
import { type Hasher, openZip } from '../formats/zip-files.ts';
import { BundleError, type BundleFiles, emptyFolders, type OtherThing } from './files.ts';

export interface StoredBundle extends AsyncDisposable {
  files: BundleFiles;
}

const chunkBytes = 1024 * 1024;

/** @throws BundleError when there is neither a bundle folder nor a zip file of one */
export async function openStoredBundle(path: string): Promise<StoredBundle> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new BundleError(`there is no ${path}`);
  if (found.isDirectory()) return { files: await folderFiles(path), [Symbol.asyncDispose]: none };
  const handle = await open(path, 'r');
  try {
    const read = async (start: number, end: number) => readRange(handle, start, end);
    const files = await openZip({ size: found.size, read }, nodeHasher);
    return { files, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function none(): Promise<void> {}

function nodeHasher(algorithm: 'sha256' | 'sha512'): Hasher {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
}

async function readRange(handle: FileHandle, start: number, end: number): Promise<Bytes> {
  const buffer = new Uint8Array(end - start);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, start + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

/** What lies in a folder, links neither followed nor forgotten. */
interface Listing {
  sizes: Map<string, number>;
  folders: string[];
  others: OtherThing[];
}

async function folderFiles(folder: string): Promise<BundleFiles> {
  const listing: Listing = { sizes: new Map(), folders: [], others: [] };
  await list(folder, '', listing);
  const { sizes } = listing;
  if (!sizes.has('bagit.txt')) throw new BundleError(`${folder} holds no bagit.txt: not a bundle`);
  const others = [...listing.others, ...emptyFolders(listing.folders, sizes.keys())];
  const at = (path: string) => join(folder, ...path.split('/'));
  return {
    sizes: () => sizes,
    others: () => others,
    open: (path) => chunksOf(at(path), sizes.get(path) ?? 0),
    digest: (path, algorithm) => digestOf(at(path), algorithm),
  };
}

async function list(folder: string, below: string, listing: Listing): Promise<void> {
  const entries: Dirent[] = [];
  for await (const entry of await opendir(join(folder, ...below.split('/').filter(Boolean))))
    entries.push(entry);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const at = join(folder, ...path.split('/'));
    const found = await lstat(at).catch(() => null);
    if (found === null || entry.name.includes(sep)) {
      listing.others.push({ path, what: 'a name that can not be read' });
    } else if (found.isDirectory()) {
      listing.folders.push(path);
      await list(folder, path, listing).catch(() =>
        listing.others.push({ path, what: 'a folder that can not be read' }),
      );
    } else if (found.isFile()) listing.sizes.set(path, found.size);
    else listing.others.push({ path, what: kindOf(found) });
  }
}

function kindOf(found: Stats): string {
  if (found.isSymbolicLink()) return 'a symbolic link';
  if (found.isFIFO()) return 'a pipe';
  return found.isSocket() ? 'a socket' : 'a device';
}

async function* chunksOf(path: string, size: number): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    for (let at = 0; at < size; at += chunkBytes) {
      const chunk = await readRange(handle, at, Math.min(size, at + chunkBytes));
      if (chunk.length > 0) yield chunk;
    }
  } finally {
    await handle.close();
  }
}

/** Two buffers in turn: one is read while the other is hashed. */
async function digestOf(path: string, algorithm: 'sha256' | 'sha512'): Promise<string> {
  const hash = createHash(algorithm);
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const length = Math.min(chunkBytes, Math.max(1, size + 1));
    let [buffer, other] = [new Uint8Array(length), size < length ? null : new Uint8Array(length)];
    let reading = handle.read(buffer, 0, length, null);
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) break;
      if (other === null) {
        hash.update(buffer.subarray(0, bytesRead));
        reading = handle.read(buffer, 0, length, null);
        continue;
      }
      reading = handle.read(other, 0, length, null);
      hash.update(buffer.subarray(0, bytesRead));
      [buffer, other] = [other, buffer];
    }
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}
