/**
 * How much in a picture looks like writing, told in some dozens of milliseconds, so that no
 * reader spends seconds on a picture without any. It errs one way: what might be text is text.
 *
 * Writing is ink of one tone on paper of another (thresholds by Niblack, "An Introduction to
 * Digital Image Processing", 1986), in pieces of like height that stand in a row, with next to
 * no crumbs between them. Noise has pieces of every height, and most of its ink is crumbs.
 */
import { type Bitmap, inkOf } from './ink.ts';
import { type Piece, piecesIn } from './pieces.ts';

export interface Grey {
  data: Uint8Array;
  width: number;
  height: number;
}

/** Letters are looked for at these heights, in pixels; larger ones in a picture reduced by halves. */
const letterPx = { least: 6, most: 44 };
/** A picture is halved until it is smaller than this: letters as high as half of it are found there. */
const smallestSidePx = 48;
/** A line so long is not there by chance: finer letters need not be looked for. */
const plenty = 24;

/**
 * @param grey of any polarity, not larger than OCR is given it
 * @returns letters in the longest row, where a joined part of a word counts for as many as it is
 *   long: texture has many short rows, writing has long ones. 0: nothing here is writing
 */
export function textEvidence(grey: Grey): number {
  const levels = [grey];
  for (let next = halved(grey); shorter(next) >= smallestSidePx; next = halved(next)) {
    levels.push(next);
  }
  let found = 0;
  for (const level of levels.toReversed()) {
    const [dark, light] = inkOf(level);
    found = Math.max(found, longestRow(dark), longestRow(light));
    if (found >= plenty) break;
  }
  return found;
}

function shorter({ width, height }: Grey): number {
  return Math.min(width, height);
}

function halved({ data, width, height }: Grey): Grey {
  const [across, down] = [width >> 1, height >> 1];
  const half = new Uint8Array(across * down);
  for (let y = 0; y < down; y++) {
    let from = 2 * y * width;
    for (let x = 0; x < across; x++, from += 2) {
      const sum =
        (data[from] as number) +
        (data[from + 1] as number) +
        (data[from + width] as number) +
        (data[from + width + 1] as number);
      half[y * across + x] = (sum + 2) >> 2;
    }
  }
  return { data: half, width: across, height: down };
}

function longestRow(bitmap: Bitmap): number {
  const rows = rowsOf(piecesIn(bitmap).filter(isLetter));
  return rows
    .filter((row) => isWriting(row, bitmap))
    .reduce((most, row) => Math.max(most, lettersOf(row)), 0);
}

/** Arabic joins its letters: a piece may be a whole word, and counts for as many letters as it is long. */
const widest = 12;
/** Solid is a bar or an `l`, and only where it is narrow; hollow is the frame of a box. */
const fill = { least: 0.08, most: 0.9, narrow: 0.5 };

function isLetter({ width, height, area }: Piece): boolean {
  if (height < letterPx.least || height > letterPx.most) return false;
  if (width > widest * height || width < 2) return false;
  const filled = area / (width * height);
  return filled >= fill.least && (filled <= fill.most || width <= fill.narrow * height);
}

/** Of one height within this, of one line within that share of it, and as near as words are. */
const alike = 2.2;
const offLine = 0.45;
const gap = 1.6;

/** Pieces that stand side by side, from left to right. */
function rowsOf(letters: Piece[]): Piece[][] {
  const rows: Piece[][] = [];
  const open: Piece[][] = [];
  for (const letter of letters.toSorted((one, other) => one.left - other.left)) {
    let joined: Piece[] | undefined;
    for (let index = open.length - 1; index >= 0; index--) {
      const row = open[index] as Piece[];
      const last = row.at(-1) as Piece;
      if (letter.left - (last.left + last.width) > gap * letterPx.most) open.splice(index, 1);
      else if (joined === undefined && follows(letter, last)) joined = row;
    }
    if (joined !== undefined) {
      joined.push(letter);
      continue;
    }
    const row = [letter];
    rows.push(row);
    open.push(row);
  }
  return rows;
}

function follows(letter: Piece, last: Piece): boolean {
  const [low, high] = [Math.min(letter.height, last.height), Math.max(letter.height, last.height)];
  if (high > alike * low) return false;
  if (letter.left - (last.left + last.width) > gap * high) return false;
  const middles = letter.top + letter.height / 2 - (last.top + last.height / 2);
  return Math.abs(middles) <= offLine * high;
}

const fewest = 3;
/** The part of a row's ink that is in its letters: dots and accents are small, crumbs of noise are not. */
const cleanest = 0.7;

function isWriting(row: Piece[], bitmap: Bitmap): boolean {
  if (lettersOf(row) < fewest) return false;
  const area = row.reduce((sum, piece) => sum + piece.area, 0);
  return area >= cleanest * inkAround(row, bitmap);
}

/** All ink in the box around a row. */
function inkAround(row: Piece[], { ink, width }: Bitmap): number {
  const bottom = Math.max(...row.map((piece) => piece.top + piece.height));
  const left = Math.min(...row.map((piece) => piece.left));
  const right = Math.max(...row.map((piece) => piece.left + piece.width));
  let sum = 0;
  for (let y = Math.min(...row.map(({ top }) => top)); y < bottom; y++) {
    for (let at = y * width + left; at < y * width + right; at++) sum += ink[at] as number;
  }
  return sum;
}

function lettersOf(row: Piece[]): number {
  return row.reduce((sum, { width, height }) => sum + Math.max(1, Math.round(width / height)), 0);
}
