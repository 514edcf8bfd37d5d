/** From files to hashes of views: pictures alone, and the shot frames of one video together. */
import { insideBars } from '../../fingerprint/bars.ts';
import { spread } from '../../fingerprint/scoring.ts';
import { hashViews, type ViewHash } from '../../fingerprint/view-hashes.ts';
import { askedViews, type Grey, greyOf, indexedViews, type Part } from '../../fingerprint/views.ts';
import { isOfPicture, type Pictures } from '../../media/pictures/pictures.ts';

export interface FrameFile {
  path: string;
  /** Milliseconds from the start of the video; `null` for a picture. */
  atMs: number | null;
}

export interface HashedFrame {
  atMs: number | null;
  /** Every view that is indexed. */
  indexed: ViewHash[];
  /** The views that are asked about; some are the same. */
  asked: ViewHash[];
}

/** Hashes are of 64 by 64 cells: more pixels than this a side tell nothing more. */
const longestSide = 512;
/** So many frames of a video get views, evenly spread. */
const mostFrames = 240;
/** Bars are the same all through: some frames are enough to see them. */
const framesForBars = 16;

/**
 * One after the other, so that a long video needs no more memory than a short one. What
 * does not decode is left out. @throws the signal's reason
 */
export async function hashFrames(
  pictures: Pictures,
  files: FrameFile[],
  signal: AbortSignal,
): Promise<HashedFrame[]> {
  const chosen = spread(files, mostFrames);
  const inner = insideBars(await sameSize(pictures, spread(chosen, framesForBars), signal));
  const hashed: HashedFrame[] = [];
  for (const { path, atMs } of chosen) {
    signal.throwIfAborted();
    const grey = await greyPicture(pictures, path);
    if (grey !== null) hashed.push({ atMs, ...(await viewsOf(grey, inner)) });
  }
  return hashed;
}

async function viewsOf(grey: Grey, inner: Part): Promise<Omit<HashedFrame, 'atMs'>> {
  const indexed = await hashViews(grey, indexedViews(grey.width, grey.height, inner));
  const names = new Set(askedViews(inner).map(({ name }) => name));
  return { indexed, asked: indexed.filter(({ view }) => names.has(view)) };
}

async function sameSize(
  pictures: Pictures,
  files: FrameFile[],
  signal: AbortSignal,
): Promise<Grey[]> {
  const greys: Grey[] = [];
  for (const { path } of files) {
    signal.throwIfAborted();
    const grey = await greyPicture(pictures, path);
    if (grey !== null) greys.push(grey);
  }
  const [first] = greys;
  return greys.filter(({ width, height }) => width === first?.width && height === first.height);
}

async function greyPicture(pictures: Pictures, path: string): Promise<Grey | null> {
  try {
    return greyOf(await pictures.pixels(path, longestSide));
  } catch (error) {
    if (!isOfPicture(error)) throw error;
    return null;
  }
}
