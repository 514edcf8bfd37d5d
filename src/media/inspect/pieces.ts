/** Connected pieces of ink (eight neighbours): runs of a row, joined with those that they touch in the row above. */
import type { Bitmap } from './ink.ts';

/** Pixels. */
export interface Piece {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Pixels that are ink. */
  area: number;
}

interface Growing {
  left: number;
  right: number;
  top: number;
  bottom: number;
  area: number;
  into: Growing | null;
}

interface Run {
  start: number;
  /** Behind its last pixel. */
  end: number;
  piece: Growing;
}

export function piecesIn({ ink, width, height }: Bitmap): Piece[] {
  const all: Growing[] = [];
  let above: Run[] = [];
  for (let y = 0; y < height; y++) {
    const row: Run[] = [];
    let first = 0;
    const rowStart = y * width;
    for (let x = 0; x < width; ) {
      if (ink[rowStart + x] === 0) {
        x++;
        continue;
      }
      const start = x;
      while (x < width && ink[rowStart + x] === 1) x++;
      while (first < above.length && (above[first] as Run).end < start) first++;
      row.push({ start, end: x, piece: pieceOf({ start, end: x, y }, above, first, all) });
    }
    above = row;
  }
  return all.filter(({ into }) => into === null).map(asPiece);
}

function pieceOf(
  { start, end, y }: { start: number; end: number; y: number },
  above: Run[],
  first: number,
  all: Growing[],
): Growing {
  let piece: Growing | null = null;
  for (let index = first; index < above.length; index++) {
    const touching = above[index] as Run;
    if (touching.start > end) break;
    const other = rootOf(touching.piece);
    if (piece === null) piece = other;
    else if (piece !== other) swallow(piece, other);
  }
  if (piece === null) {
    piece = { left: start, right: end, top: y, bottom: y + 1, area: 0, into: null };
    all.push(piece);
  }
  piece.left = Math.min(piece.left, start);
  piece.right = Math.max(piece.right, end);
  piece.bottom = y + 1;
  piece.area += end - start;
  return piece;
}

function rootOf(piece: Growing): Growing {
  let root = piece;
  while (root.into !== null) {
    // Shortens the way for whoever goes it next.
    if (root.into.into !== null) root.into = root.into.into;
    root = root.into;
  }
  return root;
}

function swallow(piece: Growing, other: Growing): void {
  piece.left = Math.min(piece.left, other.left);
  piece.right = Math.max(piece.right, other.right);
  piece.top = Math.min(piece.top, other.top);
  piece.bottom = Math.max(piece.bottom, other.bottom);
  piece.area += other.area;
  other.into = piece;
}

function asPiece({ left, right, top, bottom, area }: Growing): Piece {
  return { left, top, width: right - left, height: bottom - top, area };
}
