/** Reading one picture after the other within a capture's share of processor time, the most telling first. */
import { readBefore } from '../../catalog/derivations.ts';
import type { HeldFile } from '../../catalog/held-files.ts';
import { hammingDistance } from '../../fingerprint/hash.ts';
import {
  type Layout,
  makeReady,
  type PictureText,
  type Reader,
  type ReadyPicture,
  readerKey,
  readPicture,
} from '../../media/inspect/ocr.ts';
import { isOfPicture, type OfPicture } from '../../media/pictures/pictures.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import { storeJson } from '../plan-file.ts';
import type { Deriving } from './deriver.ts';

/** Of processor time, for all that is read in one job of a capture. */
export const readingTimeMs = 18_000;

export interface Picture extends Pick<HeldFile, 'sha256' | 'name'> {
  /** PDQ of a frame. */
  pdq: Uint8Array | null;
}

export interface Reading {
  reader: Reader;
  layout: Layout;
  folder: string;
}

export interface Found {
  /** Most letters first, what shows the same as one before it last. */
  written: ToRead[];
  /** Nothing in them looks like writing. */
  withoutWriting: number;
  /** Those that don't decode, or not in time. */
  unreadable: { name: string; code: OfPicture }[];
}

export interface ToRead extends Picture {
  /** `null` where it was read before. */
  ready: ReadyPicture | null;
  before: PictureText | null;
}

/** What is worth reading among pictures, in the order in which it is. */
export async function lookAt(deriving: Deriving, at: Reading, pictures: Picture[]): Promise<Found> {
  const found: Found = { written: [], withoutWriting: 0, unreadable: [] };
  for (const picture of pictures) {
    deriving.signal.throwIfAborted();
    const before = await readEarlier(deriving, at, picture);
    const ready = before === null ? await readyOrWhyNot(deriving, at, picture) : null;
    if (typeof ready === 'string') found.unreadable.push({ name: picture.name, code: ready });
    else if (ready?.letters === 0) found.withoutWriting++;
    else found.written.push({ ...picture, before, ready });
  }
  return { ...found, written: mostTellingFirst(found.written) };
}

async function readEarlier(
  { parts }: Deriving,
  { reader, layout }: Reading,
  { sha256 }: Picture,
): Promise<PictureText | null> {
  const before = await readBefore(parts.database, sha256, readerKey(reader, layout));
  return before === null ? null : await documentOf(parts, before);
}

async function readyOrWhyNot(
  { parts, pictures, reading, signal }: Deriving,
  { folder }: Reading,
  { sha256 }: Picture,
): Promise<ReadyPicture | OfPicture> {
  const path = await parts.vault.path(sha256);
  const [from, decodedFor] = [process.cpuUsage(), pictures.processorMs];
  try {
    return await makeReady(pictures, { path, sha256 }, folder);
  } catch (error) {
    signal.throwIfAborted();
    if (!isOfPicture(error)) throw error;
    return error.code;
  } finally {
    const { user, system } = process.cpuUsage(from);
    reading.spentMs += Math.round((user + system) / 1000) + pictures.processorMs - decodedFor;
  }
}

/** PDQ's own radius for "the same" is 31; so near, a caption may differ and little else. */
const sameFrameRadius = 8;

/** A caption is too little to tell frames apart by their hashes: the like are read later, not left out. */
function mostTellingFirst(pictures: ToRead[]): ToRead[] {
  const telling = pictures.toSorted(
    (one, other) => (other.ready?.letters ?? Infinity) - (one.ready?.letters ?? Infinity),
  );
  const [first, later]: [ToRead[], ToRead[]] = [[], []];
  for (const picture of telling) {
    const isAlike = first.some((other) => areAlike(picture.pdq, other.pdq));
    (isAlike ? later : first).push(picture);
  }
  return [...first, ...later];
}

function areAlike(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one !== null && other !== null && hammingDistance(one, other) <= sameFrameRadius;
}

/** @returns what was read, in the order of the pictures' names, and the names of what was not */
export async function readInTurn(deriving: Deriving, at: Reading, pictures: ToRead[]) {
  const files: NewArtifact[] = [];
  const unread: string[] = [];
  for (const [index, picture] of pictures.entries()) {
    deriving.signal.throwIfAborted();
    deriving.tell(`picture ${index + 1} of ${pictures.length}`);
    const text = picture.before ?? (await readOne(deriving, at, picture));
    if (text === null) unread.push(picture.name);
    else files.push(await kept(deriving, at, picture, text));
  }
  return { files: files.toSorted(byName), unread };
}

function byName(one: NewArtifact, other: NewArtifact): number {
  return one.name < other.name ? -1 : 1;
}

/** @returns `null` where there is no time left for it */
async function readOne(
  { reading, signal }: Deriving,
  { reader, layout }: Reading,
  { ready }: ToRead,
): Promise<PictureText | null> {
  const leftMs = readingTimeMs - reading.spentMs;
  if (ready === null || leftMs <= 0) return null;
  const read = await readPicture(reader, { picture: ready, layout }, leftMs, signal);
  reading.spentMs += read.processorMs;
  return read.outOfTime ? null : read.text;
}

async function kept(
  { parts }: Deriving,
  { reader, layout }: Reading,
  { sha256, name }: Picture,
  text: PictureText,
): Promise<NewArtifact> {
  return {
    ...(await storeJson(parts, 'ocr', `${name}.json`, text)),
    derivedFrom: sha256,
    facts: { reader: readerKey(reader, layout), layout, lines: text.lines.length },
  };
}

/** Lost, it is read again. */
async function documentOf(
  { vault }: Pick<Deriving['parts'], 'vault'>,
  sha256: string,
): Promise<PictureText | null> {
  if (!(await vault.has(sha256))) return null;
  return JSON.parse((await vault.read(sha256)).toString('utf8'));
}
