/**
 * Whether the entries of a zip file are all that it holds. Programs that unpack without going by
 * the list at its end would find what lies between, and under the name in its own header.
 */
import type { OtherThing } from '../bundle/files.ts';
import { sameBytes } from './bytes.ts';
import { type RandomAccess, viewOf, type ZipEntry, type ZipList } from './zip-list.ts';

/** With or without a signature, with lengths of four or eight bytes. */
const descriptorBytes = new Set([12, 16, 20, 24]);

/** One line a fault of the whole file; what is wrong with the content of an entry is not looked at. */
export async function outsideOfEntries(
  source: RandomAccess,
  { all, listStart, listEnd, endStart, endEnd }: ZipList,
): Promise<OtherThing[]> {
  const found: OtherThing[] = [];
  const sorted = all.toSorted((one, other) => one.offset - other.offset);
  let end = 0;
  let described = false;
  for (const entry of sorted) {
    found.push(...gapBetween(end, entry.offset, described));
    const { length, isNamedSo } = await headerOf(source, entry);
    if (!isNamedSo)
      found.push({ path: nameOf(entry), what: 'a file whose own header names it otherwise' });
    end = entry.offset + length + entry.packedBytes;
    described = entry.described;
  }
  found.push(...gapBetween(end, listStart, described));
  found.push(...gapBetween(listEnd, endStart, false));
  found.push(...gapBetween(endEnd, source.size, false));
  return found;
}

function gapBetween(end: number, next: number, described: boolean): OtherThing[] {
  if (next === end || (described && descriptorBytes.has(next - end))) return [];
  const what =
    next < end ? 'bytes that belong to two entries' : 'bytes that belong to none of its entries';
  return [{ path: `the zip file, ${Math.min(end, next)} to ${Math.max(end, next)}`, what }];
}

async function headerOf(
  source: RandomAccess,
  { offset, rawName }: ZipEntry,
): Promise<{ length: number; isNamedSo: boolean }> {
  const bytes = await source.read(offset, offset + 30 + rawName.length);
  if (bytes.length < 30) return { length: 0, isNamedSo: false };
  const view = viewOf(bytes);
  const length = 30 + view.getUint16(26, true) + view.getUint16(28, true);
  const isNamedSo =
    view.getUint32(0, true) === 0x04034b50 &&
    view.getUint16(26, true) === rawName.length &&
    sameBytes(bytes.subarray(30), rawName);
  return { length, isNamedSo };
}

function nameOf({ rawName }: ZipEntry): string {
  return new TextDecoder().decode(rawName);
}
