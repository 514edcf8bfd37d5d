/** Tables for people, no wider than the screen: what does not fit goes onto further lines of its row. */
import { forTerminal } from '../../base/for-terminal.ts';
import { displayWidth, shortened, wrapped } from './display-width.ts';
import type { Column } from './output.ts';

const gap = 2;
/** Of further lines of a row. */
const indent = 2;
/** A column of text is worth having from so many columns of the screen on. */
const leastText = 24;

/** A column in its place on the screen. */
interface Placed<Row> {
  column: Column<Row>;
  start: number;
  width: number;
}

/** @param screen its columns */
export function printTable<Row>(
  rows: Row[],
  columns: Column<Row>[],
  screen: number,
  write: (line: string) => void,
): void {
  const lines = placed(
    rows,
    screen === Number.POSITIVE_INFINITY ? columns.map(uncut) : columns,
    screen,
  );
  for (const line of lines) writeLine(line, ({ title }) => title, write);
  for (const row of rows) for (const line of lines) writeLine(line, cellOf(row), write);
}

/** Where a file or a program reads, nothing is cut. */
function uncut<Row>(column: Column<Row>): Column<Row> {
  return { ...column, width: undefined };
}

function cellOf<Row>(row: Row): (column: Column<Row>) => string {
  return (column) => {
    const text = forTerminal(String(column.value(row) ?? ''));
    return column.width === undefined ? text : shortened(text, column.width);
  };
}

/** Columns side by side as long as they fit, each as wide as its widest value. */
function placed<Row>(rows: Row[], columns: Column<Row>[], screen: number): Placed<Row>[][] {
  const lines: Placed<Row>[][] = [[]];
  let end = -gap;
  for (const column of columns) {
    const widest = widestOf(rows, column);
    if (widest === 0) continue;
    const least = isText(column) ? Math.min(widest, leastText) : widest;
    if (end > 0 && end + gap + least > screen) {
      lines.push([]);
      end = indent - gap;
    }
    const start = end + gap;
    const width = isText(column) ? Math.min(widest, Math.max(screen - start, leastText)) : widest;
    lines.at(-1)?.push({ column, start, width });
    // Nothing stands beside what goes on below.
    end = column.wraps && widest > width ? screen : start + width;
  }
  return lines;
}

/** What may be cut or wrapped; a key or a link that is cut is of no use. */
function isText<Row>({ width, wraps }: Column<Row>): boolean {
  return width !== undefined || wraps === true;
}

function widestOf<Row>(rows: Row[], column: Column<Row>): number {
  let widest = displayWidth(column.title);
  for (const row of rows) widest = Math.max(widest, displayWidth(cellOf(row)(column)));
  return widest;
}

function writeLine<Row>(
  line: Placed<Row>[],
  textOf: (column: Column<Row>) => string,
  write: (line: string) => void,
): void {
  let text = '';
  let rest: string[] = [];
  for (const [index, { column, start, width }] of line.entries()) {
    const [first = '', ...more] = column.wraps ? wrapped(textOf(column), width) : [textOf(column)];
    text += ' '.repeat(Math.max(0, start - displayWidth(text)));
    text += column.wraps ? first : shortenedText(column, first, width);
    if (index === line.length - 1) rest = more.map((part) => ' '.repeat(start) + part);
  }
  if (text.trim() !== '' || line[0]?.start === 0) write(text.trimEnd());
  for (const part of rest) write(part);
}

function shortenedText<Row>(column: Column<Row>, text: string, width: number): string {
  return isText(column) ? shortened(text, width) : text;
}
