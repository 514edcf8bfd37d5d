/**
 * The list at the end of a zip file: stored and deflated entries, zip64 included (APPNOTE 6.3).
 * Nothing else is accepted.
 */
import { BundleError, emptyFolders, type OtherThing } from '../bundle/files.ts';
import { type Bytes, textOf } from './bytes.ts';

/** Whatever can be read in parts: an open file, a Blob. */
export interface RandomAccess {
  size: number;
  /** Fewer bytes only at the end. */
  read(start: number, end: number): Promise<Bytes>;
}

export interface ZipEntry {
  sizeBytes: number;
  packedBytes: number;
  deflated: boolean;
  /** Where its local header begins. */
  offset: number;
  /** The name as it stands in the list. */
  rawName: Bytes;
  /** Its lengths follow its bytes once more, in a descriptor. */
  described: boolean;
  isCommented: boolean;
}

export interface ZipList {
  /** By path inside the bundle. */
  files: Map<string, ZipEntry>;
  /** Files and folders, in the order of the list. */
  all: ZipEntry[];
  others: OtherThing[];
  /** Where the list begins, and where what ends the zip does. */
  listStart: number;
  listEnd: number;
  endStart: number;
  endEnd: number;
}

interface ListPlace {
  count: number;
  offset: number;
  length: number;
  endStart: number;
  endEnd: number;
}

const mostEntries = 2_000_000;
const longestListBytes = 1024 * 1024 * 1024;

/** @throws BundleError when it is no zip file, or one of a kind that is not read here */
export async function readZipList(source: RandomAccess): Promise<ZipList> {
  const place = await findList(source);
  const { count, offset, length, endStart, endEnd } = place;
  if (count > mostEntries || length > longestListBytes || offset + length > source.size)
    throw new BundleError('the list of the zip file is longer than it can be');
  const list = await source.read(offset, offset + length);
  const files = new Map<string, ZipEntry>();
  const all: ZipEntry[] = [];
  const folders: string[] = [];
  const others: OtherThing[] = [];
  for (const { path, what, entry } of entriesOf(list, count)) {
    all.push(entry);
    if (entry.isCommented) others.push({ path, what: 'a comment in the zip file' });
    if (what !== null) others.push({ path, what });
    else if (path.endsWith('/')) folders.push(path.slice(0, -1));
    else if (files.has(path)) throw new BundleError(`${path} is in the zip file twice`);
    else files.set(path, entry);
  }
  // Entries that share bytes, or reach behind the end, are how a small file becomes an endless one.
  if (all.reduce((sum, { packedBytes }) => sum + packedBytes, 0) > source.size)
    throw new BundleError('the entries of the zip file claim more bytes than it has');
  return {
    ...withoutTopFolder(files, [...others, ...emptyFolders(folders, files.keys())]),
    all,
    listStart: offset,
    listEnd: offset + length,
    endStart,
    endEnd,
  };
}

interface Listed {
  path: string;
  /** In words, where it is neither a file nor a folder. */
  what: string | null;
  entry: ZipEntry;
}

function* entriesOf(list: Bytes, count: number): Generator<Listed> {
  const view = viewOf(list);
  let at = 0;
  for (let done = 0; done < count; done += 1) {
    if (at + 46 > list.length || view.getUint32(at, true) !== 0x02014b50)
      throw new BundleError('the list of the zip file is broken');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) =>
      view.getUint16(at + place, true),
    ) as [number, number, number];
    const rawName = list.slice(at + 46, at + 46 + nameLength);
    const extra = list.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const path = pathFrom(rawName);
    const entry = { ...entryFrom(view, at, extra), rawName, isCommented: commentLength > 0 };
    yield { path, what: kindOf(view, at, path), entry };
    at += 46 + nameLength + extraLength + commentLength;
  }
  if (at !== list.length)
    throw new BundleError('the list of the zip file is longer than its entries');
}

/** By the mode of Unix systems, which unpack links and pipes as such; `null` for files and folders. */
function kindOf(view: DataView, at: number, path: string): string | null {
  const type = view.getUint32(at + 38, true) >>> 28;
  const isFolder = path.endsWith('/');
  if (type === 0 || type === (isFolder ? 4 : 8)) return null;
  return { 1: 'a pipe', 10: 'a symbolic link', 12: 'a socket' }[type] ?? 'not a regular file';
}

/** Zip files are often made of the folder itself. */
function withoutTopFolder(
  files: Map<string, ZipEntry>,
  others: OtherThing[],
): Pick<ZipList, 'files' | 'others'> {
  if (files.has('bagit.txt')) return { files, others };
  const top = [...files.keys()].find((path) => /^[^/]+\/bagit\.txt$/.test(path))?.split('/')[0];
  if (top === undefined || ![...files.keys()].every((path) => path.startsWith(`${top}/`)))
    throw new BundleError('no bagit.txt: this is not a bundle');
  const inside = (path: string) => (path.startsWith(`${top}/`) ? path.slice(top.length + 1) : path);
  return {
    files: new Map([...files].map(([path, entry]) => [inside(path), entry])),
    others: others.map(({ path, what }) => ({ path: inside(path), what })),
  };
}

async function findList(source: RandomAccess): Promise<ListPlace> {
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
    endStart: start + at,
    endEnd: start + at + 22,
  };
  if (plain.count !== 0xffff && plain.length !== 0xffffffff && plain.offset !== 0xffffffff)
    return plain;
  if (at < 20 || view.getUint32(at - 20, true) !== 0x07064b50) return plain;
  const place = number64(view, at - 20 + 8);
  const end = viewOf(await source.read(place, place + 56));
  if (end.byteLength < 56 || end.getUint32(0, true) !== 0x06064b50)
    throw new BundleError('the list of the zip file is broken');
  // Its own length counts from behind that number; the locator has 20 bytes.
  if (place + 12 + number64(end, 4) + 20 !== plain.endStart)
    throw new BundleError('the end of the zip file is broken');
  return {
    count: number64(end, 32),
    length: number64(end, 40),
    offset: number64(end, 48),
    endStart: place,
    endEnd: plain.endEnd,
  };
}

function entryFrom(
  view: DataView,
  at: number,
  extra: Uint8Array,
): Omit<ZipEntry, 'rawName' | 'isCommented'> {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  if ((flags & 1) === 1) throw new BundleError('the zip file is encrypted');
  if (method !== 0 && method !== 8)
    throw new BundleError(`the zip file is packed in a way (${method}) that is not read here`);
  const fields = [24, 20, 42].map((place) => view.getUint32(at + place, true));
  const wide = wideFields(extra).values();
  const [sizeBytes = 0, packedBytes = 0, offset = 0] = fields.map((value) =>
    value === 0xffffffff ? (wide.next().value ?? value) : value,
  );
  const described = (flags & 8) === 8;
  return { sizeBytes, packedBytes, offset, deflated: method === 8, described };
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

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
