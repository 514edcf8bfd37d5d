/**
 * From single near hashes to "this shows the same". A whole view that is near is a match
 * by itself. Of quarters (views named `…/q1` to `…/q4`) two of one frame must be near their
 * own counterparts: one alone may be a sky.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { asWords, wordDistance } from './hash.ts';
import type { DihedralName } from './pdq.ts';

/** One hash of the picture in question that lies near one of the index. */
export interface Near {
  askedAtMs: number | null;
  askedView: string;
  /** How the picture in question had to be turned or mirrored. */
  turned: DihedralName;
  atMs: number | null;
  view: string;
  quality: number;
  distance: number;
}

/** The same picture, here and there. */
export interface PictureMatch extends Near {
  /** How many quarters agree; 0 where a whole view does. */
  quarters: number;
}

export function matchesAmong(nears: Near[]): PictureMatch[] {
  const whole = nears
    .filter((near) => !isQuarter(near.view) && !isQuarter(near.askedView))
    .map((near) => ({ ...near, quarters: 0 }));
  return [...whole, ...quarterMatches(nears)];
}

export function isQuarter(view: string): boolean {
  return view.includes('/');
}

function quarterMatches(nears: Near[]): PictureMatch[] {
  const together = new Map<string, Near[]>();
  for (const near of nears) {
    const [parent, quarter] = near.view.split('/');
    const [askedParent, askedQuarter] = near.askedView.split('/');
    if (quarter === undefined || quarter !== askedQuarter) continue;
    const key = JSON.stringify([near.askedAtMs, askedParent, near.atMs, parent]);
    together.set(key, [...(together.get(key) ?? []), near]);
  }
  return [...together.values()].flatMap((group) => {
    const quarters = new Set(group.map(({ view }) => view)).size;
    const [first] = group;
    if (first === undefined || quarters < 2) return [];
    const worst = Math.max(...group.map(({ distance }) => distance));
    return [
      {
        ...first,
        distance: worst,
        view: parentOf(first.view),
        askedView: parentOf(first.askedView),
        quarters,
      },
    ];
  });
}

function parentOf(view: string): string {
  return view.slice(0, view.indexOf('/'));
}

export interface Timed {
  atMs: number | null;
  view: string;
  quality: number;
  hash: Uint8Array;
}

/** Comparisons in one go: a few milliseconds. */
const comparisonsAtOnce = 200_000;

/**
 * Compares every whole view of a file in the index with every frame of the track in
 * question: for each that has a frame within the radius, its nearest.
 */
export async function alongTrack(
  indexed: Timed[],
  track: { atMs: number; hash: Uint8Array }[],
  turned: DihedralName,
  radius: number,
): Promise<PictureMatch[]> {
  const wholes = indexed.filter(({ view }) => !isQuarter(view));
  const [ours, theirs] = [
    asWords(wholes.map(({ hash }) => hash)),
    asWords(track.map(({ hash }) => hash)),
  ];
  const matches: PictureMatch[] = [];
  let compared = 0;
  for (const [i, { atMs, view, quality }] of wholes.entries()) {
    let [best, nearest] = [radius + 1, -1];
    for (let j = 0; j < track.length; j++) {
      const distance = wordDistance(ours, i, theirs, j);
      if (distance < best) [best, nearest] = [distance, j];
    }
    compared += track.length;
    if (compared > comparisonsAtOnce) {
      compared = 0;
      await turn();
    }
    const frame = track[nearest];
    if (frame === undefined) continue;
    const asked = { askedAtMs: frame.atMs, askedView: 'full', turned };
    matches.push({ ...asked, atMs, view, quality, distance: best, quarters: 0 });
  }
  return matches;
}

/**
 * The share of the moments in the index that were found again, 0 to 1: of all moments
 * where the match is of whole frames, else of those that have further views.
 */
export function shareOfIndexed(
  indexed: Pick<Timed, 'atMs' | 'view'>[],
  matches: Pick<PictureMatch, 'atMs'>[],
): { share: number; found: number; of: number } {
  const all = new Set(indexed.map(({ atMs }) => atMs));
  const viewed = new Set(indexed.filter(({ view }) => view !== 'full').map(({ atMs }) => atMs));
  const found = new Set(matches.map(({ atMs }) => atMs));
  const foundViewed = [...found].filter((atMs) => viewed.has(atMs)).length;
  const [most, few] = [found.size / Math.max(all.size, 1), foundViewed / Math.max(viewed.size, 1)];
  return few > most
    ? { share: few, found: foundViewed, of: viewed.size }
    : { share: most, found: found.size, of: all.size };
}

/** Leaves out frames that look like the one kept before: a still scene is asked about once. */
export function thinned<Frame extends { hash: Uint8Array }>(
  frames: Frame[],
  within: number,
): Frame[] {
  const words = asWords(frames.map(({ hash }) => hash));
  const kept: Frame[] = [];
  let last = -1;
  for (const [index, frame] of frames.entries()) {
    if (last >= 0 && wordDistance(words, last, words, index) <= within) continue;
    kept.push(frame);
    last = index;
  }
  return kept;
}

/** No more than so many, evenly spread, first and last among them. */
export function spread<Item>(items: Item[], most: number): Item[] {
  if (items.length <= most) return items;
  return Array.from(
    { length: most },
    (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))] as Item,
  );
}
