/** stdout is data: a table for people, or the same records as JSON, JSON lines, CSV or bare ids. */

import { csvCell } from '../../base/csv-cell.ts';
import { forTerminal } from '../../base/for-terminal.ts';
import type { SchemaName } from '../../model/records.ts';

export type Format = 'table' | 'json' | 'jsonl' | 'csv' | 'ids';

export interface Column<Row> {
  title: string;
  /** Its name in CSV, where a column without a title is of no use. */
  csvTitle?: string;
  value(row: Row): string | number | null | undefined;
  /** At most this wide in a table. */
  width?: number;
}

export interface Listing<Row> {
  columns: Column<Row>[];
  id(row: Row): string;
  /** The record as scripts get it; carries `"schema": "holdfast.<noun>/1"`. */
  record(row: Row): { schema?: SchemaName; [field: string]: unknown };
  /** Said under an empty table. */
  nothing: string;
}

export function printListing<Row>(rows: Row[], listing: Listing<Row>, format: Format): void {
  if (format === 'json') write(JSON.stringify(rows.map(listing.record), null, 2));
  else if (format === 'jsonl') for (const row of rows) write(JSON.stringify(listing.record(row)));
  else if (format === 'ids') printIds(rows.map(listing.id));
  else if (format === 'csv') printCsv(rows, listing.columns);
  else if (rows.length > 0) printTable(rows, listing.columns);
  else if (listing.nothing !== '') console.error(listing.nothing);
}

/**
 * For an answer that is one document and no table: written where a program asks for it.
 * @returns whether it was: otherwise it is for people
 */
export function writeDocument(
  document: { schema: SchemaName; [field: string]: unknown },
  format: Format,
): boolean {
  if (format !== 'json' && format !== 'jsonl') return false;
  write(JSON.stringify(document, null, format === 'json' ? 2 : undefined));
  return true;
}

/** Each once; what has none, such as a rejected link, is no line. */
function printIds(ids: string[]): void {
  for (const id of new Set(ids)) if (id !== '') write(id);
}

export function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printTable<Row>(rows: Row[], columns: Column<Row>[]): void {
  const cells = rows.map((row) =>
    columns.map((column) => shortened(forTerminal(String(column.value(row) ?? '')), column.width)),
  );
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...cells.map((line) => displayWidth(line[index] ?? ''))),
  );
  const line = (parts: string[]) =>
    parts
      .map((part, index) =>
        index === parts.length - 1
          ? part
          : part + ' '.repeat((widths[index] ?? 0) - displayWidth(part)),
      )
      .join('  ')
      .trimEnd();
  write(line(columns.map((column) => column.title)));
  for (const parts of cells) write(line(parts));
}

function printCsv<Row>(rows: Row[], columns: Column<Row>[]): void {
  write(columns.map(({ title, csvTitle }) => csvCell(csvTitle ?? title)).join(','));
  for (const row of rows) {
    write(columns.map((column) => csvCell(String(column.value(row) ?? ''))).join(','));
  }
}

function shortened(text: string, width: number | undefined): string {
  if (width === undefined || displayWidth(text) <= width) return text;
  const kept: string[] = [];
  let used = 1;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += displayWidth(segment);
    if (used > width) break;
    kept.push(segment);
  }
  return `${kept.join('')}…`;
}

/** Columns that a terminal needs: wide for East Asian and emoji, none for combining marks. */
function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const wide =
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Extended_Pictographic}/u;
    width += wide.test(segment) ? 2 : 1;
  }
  return width;
}

/** `2020-02-12 18:13Z`: a time for people, UTC, never without its zone. */
export function shortTime(time: Date | string | null | undefined): string {
  return time == null ? '' : `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

/** One word of a command that is told to be run, whatever the path holds. */
export function shellWord(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

export function shortSize(sizeBytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = sizeBytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}
