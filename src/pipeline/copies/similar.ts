/**
 * Has this been seen before? Looks for a picture or video among all that captures hold:
 * a quick probe first, a thorough one where it matters, then frame by frame. The first
 * answer is the earliest copy known.
 */

import { setImmediate as turn } from 'node:timers/promises';
import type { Queryable } from '../../catalog/database.ts';
import { hashesOf, type IndexedFile, indexedFiles } from '../../catalog/fingerprints.ts';
import { matchRadius, nearHashes, placesOf, type Thoroughness } from '../../catalog/similar.ts';
import {
  type DihedralName,
  dihedralNames,
  hashFromHex,
  leastQuality,
  turnedHash,
} from '../../fingerprint/pdq.ts';
import {
  alongTrack,
  isQuarter,
  matchesAmong,
  type Near,
  type PictureMatch,
  shareOfIndexed,
  spread,
} from '../../fingerprint/scoring.ts';
import type { SimilarFile } from '../../model/similar-files.ts';
import { type Asked, framesToAsk, type TrackHash } from './asked.ts';

/** Many frames are looked up quickly; so many of the track with care, and so many mirrored. */
const mostProbed = 96;
const mostMirrored = 200;
/** So many shot frames with their views, and so many frames of the track thoroughly. */
const mostFrames = 12;
/** Comparing every frame of a long video with every other would take minutes. */
const mostCompared = 20_000;
const mostFiles = 50;
const turnedAtOnce = 4096;

/**
 * Files in captures that show what is asked for, those with the earliest known copy first.
 * @param except files (SHA-256) that are not wanted, such as the asked one itself
 */
export async function findSimilar(
  db: Queryable,
  asked: Asked,
  options: { except?: string[]; signal?: AbortSignal } = {},
): Promise<SimilarFile[]> {
  const candidates = await candidatesFor(db, asked, options.signal);
  const files = await indexedFiles(db, [...candidates.keys()]);
  const wanted = files.filter(({ sha256 }) => !options.except?.includes(sha256));
  const places = Map.groupBy(
    await placesOf(
      db,
      wanted.map(({ sha256 }) => sha256),
    ),
    ({ sha256 }) => sha256,
  );
  const found: SimilarFile[] = [];
  for (const file of wanted) {
    options.signal?.throwIfAborted();
    const [first, ...others] = places.get(file.sha256) ?? [];
    // Indexed, and not yet held by a capture: nothing to lead back to.
    if (first === undefined) continue;
    const similar = await compared(db, file, candidates.get(file.id) ?? [], asked);
    if (similar !== null) found.push({ ...similar, places: [first, ...others] });
  }
  return found.sort((a, b) => a.places[0].storedAt.getTime() - b.places[0].storedAt.getTime());
}

interface Question extends Pick<Near, 'askedAtMs' | 'askedView' | 'turned'> {
  hash: Uint8Array;
}

async function candidatesFor(db: Queryable, asked: Asked, signal?: AbortSignal) {
  const nears = new Map<string, Near[]>();
  for (const [thoroughness, questions] of rounds(asked)) {
    signal?.throwIfAborted();
    const found = await nearHashes(
      db,
      questions.map(({ hash }) => hash),
      thoroughness,
    );
    for (const { asked: number, fileId, ...near } of found) {
      const { hash: _, ...question } = questions[number] as Question;
      nears.set(fileId, [...(nears.get(fileId) ?? []), { ...question, ...near }]);
    }
  }
  const matches = [...nears].map(([id, all]) => [id, matchesAmong(all)] as const);
  const best = matches
    .filter(([, of]) => of.length > 0)
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, mostFiles);
  return new Map(best);
}

/**
 * A picture is looked for thoroughly. Of a video so many frames are asked that those of a copy at
 * another phase lie within a few bits of one, for which the quickest look is enough; some
 * are probed, and a few looked for thoroughly.
 */
function rounds(asked: Asked): [Thoroughness, Question[]][] {
  const isPicture = asked.hashedFrames === 0 && asked.frames.length === 1;
  const upright = questionsOf(asked, ['original']);
  const turned = questionsOf(asked, dihedralNames.slice(1));
  if (isPicture) return [['all', [...upright, ...turned]]];
  const track = framesToAsk(asked);
  const some = spread(track, mostFrames);
  const ask = (frames: TrackHash[], name: DihedralName) =>
    frames.map((frame) => question(frame, name));
  const rarely = dihedralNames.filter((name) => name !== 'original' && name !== 'flipY');
  return [
    ['probe', [...ask(spread(track, mostProbed), 'original'), ...upright]],
    [
      'exact',
      [
        ...ask(track, 'original'),
        ...ask(spread(track, mostMirrored), 'flipY'),
        ...rarely.flatMap((name) => ask(some, name)),
        ...turned,
      ],
    ],
    [
      'all',
      [...ask(some, 'original'), ...upright.filter(({ askedView }) => !isQuarter(askedView))],
    ],
  ];
}

/** Quarters are asked for upright only: turned, they would have to change places too. */
function questionsOf({ frames }: Asked, names: readonly DihedralName[]): Question[] {
  return spread(frames, mostFrames).flatMap(({ atMs, views }) =>
    telling(views)
      .filter(({ view }) => !isQuarter(view) || names.includes('original'))
      .flatMap(({ view, dihedral }) =>
        names.map((turned) => ({
          askedAtMs: atMs,
          askedView: view,
          turned,
          hash: dihedral[turned],
        })),
      ),
  );
}

function question(frame: { atMs: number; hash: Uint8Array }, turned: DihedralName): Question {
  return { askedAtMs: frame.atMs, askedView: 'full', turned, hash: turnedHash(frame.hash, turned) };
}

function telling<Hashed extends { quality: number }>(hashed: Hashed[]): Hashed[] {
  return hashed.filter(({ quality }) => quality >= leastQuality);
}

async function compared(
  db: Queryable,
  file: IndexedFile,
  candidates: PictureMatch[],
  asked: Asked,
): Promise<Omit<SimilarFile, 'places'> | null> {
  const indexed = (await hashesOf(db, file.id)).map((row) => ({
    ...row,
    hash: hashFromHex(row.hash),
  }));
  const turned = mostFrequent(candidates.map((match) => match.turned));
  const track = await turnedTrack(spread(asked.track, mostCompared), turned);
  const matches = [...candidates, ...(await alongTrack(indexed, track, turned, matchRadius))];
  const [first] = matches;
  if (first === undefined) return null;
  const { share, found, of } = shareOfIndexed(indexed, matches);
  return {
    sha256: file.sha256,
    kind: file.kind,
    share,
    foundMoments: found,
    indexedMoments: of,
    best: matches.reduce(better, first),
    span: spanOf(matches),
  };
}

/** In pieces of some ten milliseconds. */
async function turnedTrack(track: TrackHash[], turned: DihedralName): Promise<TrackHash[]> {
  if (turned === 'original') return track;
  const result: TrackHash[] = [];
  for (const [index, frame] of track.entries()) {
    if (index % turnedAtOnce === 0) await turn();
    result.push({ ...frame, hash: turnedHash(frame.hash, turned) });
  }
  return result;
}

/** A whole view tells more than quarters do, and the full picture more than a crop. */
function better(a: PictureMatch, b: PictureMatch): PictureMatch {
  if ((a.quarters === 0) !== (b.quarters === 0)) return a.quarters === 0 ? a : b;
  if (a.distance !== b.distance) return a.distance < b.distance ? a : b;
  return b.view === 'full' && a.view !== 'full' ? b : a;
}

function mostFrequent(names: DihedralName[]): DihedralName {
  const counts = Map.groupBy(names, (name) => name);
  const [most] = [...counts].sort(([, a], [, b]) => b.length - a.length);
  return most?.[0] ?? 'original';
}

function spanOf(matches: PictureMatch[]): SimilarFile['span'] {
  const times = matches.flatMap(({ atMs }) => (atMs === null ? [] : [atMs]));
  if (times.length === 0) return null;
  const asked = matches.flatMap(({ askedAtMs }) => (askedAtMs === null ? [] : [askedAtMs]));
  return {
    fromMs: least(times),
    toMs: -least(times.map((time) => -time)),
    askedFromMs: asked.length === 0 ? null : least(asked),
    askedToMs: asked.length === 0 ? null : -least(asked.map((time) => -time)),
  };
}

/** Not `Math.min(...)`: a long video has more moments than a call takes arguments. */
function least(times: number[]): number {
  return times.reduce((a, b) => Math.min(a, b));
}
