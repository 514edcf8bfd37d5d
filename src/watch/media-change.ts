/**
 * How the pictures and videos of one capture differ from those of another: by their bytes
 * first, then by their perceptual hashes. Pure. What can't be told is not guessed.
 */
import { hammingDistance, hashFromHex, leastQuality } from '../fingerprint/hash.ts';

export interface ComparedFile {
  /** Place in the post: `1`, `2`, `avatar`. */
  id: string;
  sha256: string;
  width: number | null;
  height: number | null;
  /** Of the picture, or of the video's frames. */
  hashes: { hash: string; quality: number }[];
}

export interface MediaChange {
  /**
   * `re-encoded`: another file that shows the same. `cropped`: the same, in another shape.
   * `swapped`: something else. `replaced`: another file, and nothing tells what it shows.
   * `moved`: the same file in another place.
   */
  kind: 'added' | 'removed' | 're-encoded' | 'cropped' | 'swapped' | 'replaced' | 'moved';
  before: ComparedFile | null;
  after: ComparedFile | null;
  /** Bits that differ of 256; the median over the frames of a video. */
  distance: number | null;
}

/** At most so many bits differ between two encodings of one picture (the PDQ reference's threshold). */
const sameDistance = 31;
/** Up to here it may be a cut-out of the same: told as such only where the shape changed too. */
const nearDistance = 80;
const shapeTolerance = 0.02;

export function mediaChanges(before: ComparedFile[], after: ComparedFile[]): MediaChange[] {
  const same = new Set(before.map(({ sha256 }) => sha256));
  const stays = new Set(after.map(({ sha256 }) => sha256));
  const gone = before.filter(({ sha256 }) => !stays.has(sha256));
  const come = after.filter(({ sha256 }) => !same.has(sha256));
  const pairs = pairsOf(gone, come);
  const paired = new Set(pairs.flat());
  return [
    ...moved(before, after),
    ...pairs.map(([a, b]) => changed(a, b)),
    ...gone
      .filter((file) => !paired.has(file))
      .map((file): MediaChange => ({ kind: 'removed', before: file, after: null, distance: null })),
    ...come
      .filter((file) => !paired.has(file))
      .map((file): MediaChange => ({ kind: 'added', before: null, after: file, distance: null })),
  ];
}

/** First those that look alike, wherever they stand; then those in the same place. */
function pairsOf(gone: ComparedFile[], come: ComparedFile[]): [ComparedFile, ComparedFile][] {
  const pairs: [ComparedFile, ComparedFile][] = [];
  const free = new Set(come);
  const take = (a: ComparedFile, b: ComparedFile | undefined) => {
    if (b === undefined || !free.delete(b)) return;
    pairs.push([a, b]);
  };
  for (const a of gone) {
    const nearest = [...free]
      .map((b) => ({ b, distance: distanceOf(a, b) }))
      .filter(({ distance }) => distance !== null && distance <= sameDistance)
      .sort((x, y) => (x.distance ?? 0) - (y.distance ?? 0))[0];
    take(a, nearest?.b);
  }
  const found = new Set(pairs.map(([a]) => a));
  for (const a of gone)
    if (!found.has(a))
      take(
        a,
        [...free].find(({ id }) => id === a.id),
      );
  return pairs;
}

function changed(before: ComparedFile, after: ComparedFile): MediaChange {
  const distance = distanceOf(before, after);
  return { kind: kindOf(before, after, distance), before, after, distance };
}

function kindOf(
  before: ComparedFile,
  after: ComparedFile,
  distance: number | null,
): MediaChange['kind'] {
  if (distance === null) return 'replaced';
  const otherShape = shapesDiffer(before, after);
  if (distance <= sameDistance) return otherShape ? 'cropped' : 're-encoded';
  return otherShape && distance <= nearDistance ? 'cropped' : 'swapped';
}

function shapesDiffer(a: ComparedFile, b: ComparedFile): boolean {
  if (!a.width || !a.height || !b.width || !b.height) return false;
  const [x, y] = [a.width / a.height, b.width / b.height];
  return Math.abs(x - y) / Math.max(x, y) > shapeTolerance;
}

/**
 * `null`: at least one has no hash worth comparing. Of videos, each frame of the one is
 * compared with its nearest in the other, and the median counts.
 */
function distanceOf(a: ComparedFile, b: ComparedFile): number | null {
  const [from, to] = [usable(a), usable(b)];
  if (from.length === 0 || to.length === 0) return null;
  const nearest = from
    .map((one) => Math.min(...to.map((other) => hammingDistance(one, other))))
    .sort((x, y) => x - y);
  return nearest[Math.floor(nearest.length / 2)] ?? null;
}

function usable({ hashes }: ComparedFile): Uint8Array[] {
  return hashes
    .filter(({ hash, quality }) => quality >= leastQuality && /^[0-9a-f]{64}$/.test(hash))
    .map(({ hash }) => hashFromHex(hash));
}

function moved(before: ComparedFile[], after: ComparedFile[]): MediaChange[] {
  return after.flatMap((file) => {
    const twins = before.filter(({ sha256 }) => sha256 === file.sha256);
    const twin = twins[0];
    if (twin === undefined || twins.some(({ id }) => id === file.id)) return [];
    return [{ kind: 'moved' as const, before: twin, after: file, distance: 0 }];
  });
}
