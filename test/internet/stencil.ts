/**
 * The word DEMONSTRATION as rectangles. Every picture and frame of the small internet
 * carries it, and must do so on a machine that has no fonts at all.
 */

const letters: Record<string, string[]> = {
  A: ['01110', '10001', '10001', '11111', '10001', '10001', '10001'],
  D: ['11110', '10001', '10001', '10001', '10001', '10001', '11110'],
  E: ['11111', '10000', '10000', '11110', '10000', '10000', '11111'],
  I: ['11111', '00100', '00100', '00100', '00100', '00100', '11111'],
  M: ['10001', '11011', '10101', '10101', '10001', '10001', '10001'],
  N: ['10001', '11001', '10101', '10101', '10011', '10001', '10001'],
  O: ['01110', '10001', '10001', '10001', '10001', '10001', '01110'],
  R: ['11110', '10001', '10001', '11110', '10100', '10010', '10001'],
  S: ['01111', '10000', '10000', '01110', '00001', '00001', '11110'],
  T: ['11111', '00100', '00100', '00100', '00100', '00100', '00100'],
};

const columnsPerLetter = 6;
const rows = 7;

export interface Band {
  /** Pixels; the word fills the width, on a dark band. */
  width: number;
  top: number;
  word?: 'DEMONSTRATION' | 'DEMO';
}

/** How tall the band will be, so that callers can place it. */
export function bandHeight(width: number, word: Band['word'] = 'DEMONSTRATION'): number {
  return Math.round(cellSize(width, word) * (rows + 4));
}

/** An SVG group: the word in white on a dark band across the whole width. */
export function demonstrationBand({ width, top, word = 'DEMONSTRATION' }: Band): string {
  const cell = cellSize(width, word);
  const cells = [...word].flatMap((letter, index) =>
    (letters[letter] ?? []).flatMap((row, y) =>
      [...row].flatMap((bit, x) =>
        bit === '1' ? [square(cell, 2 + index * columnsPerLetter + x, 2 + y, top)] : [],
      ),
    ),
  );
  const height = bandHeight(width, word);
  return `<g shape-rendering="crispEdges"><rect x="0" y="${top}" width="${width}" height="${height}" fill="#7a0019"/><path fill="#ffffff" d="${cells.join('')}"/></g>`;
}

function cellSize(width: number, word: string): number {
  return width / (word.length * columnsPerLetter + 3);
}

function square(cell: number, column: number, row: number, top: number): string {
  const edge = (at: number) => (at * cell).toFixed(2);
  return `M${edge(column)} ${(top + row * cell).toFixed(2)}h${edge(1)}v${edge(1)}h-${edge(1)}z`;
}
