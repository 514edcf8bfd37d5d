/** stdout is data: a table for people, or the same records as JSON, JSON lines, CSV or bare ids. */

import { csvCell } from '../../base/csv-cell.ts';
import { screenColumns } from '../../config/screen.ts';
import type { SchemaName } from '../../model/records.ts';
import { wrapped } from './display-width.ts';
import { printTable } from './table.ts';

export type Format = 'table' | 'json' | 'jsonl' | 'csv' | 'ids';

export interface Column<Row> {
  title: string;
  /** Its name in CSV, where a column without a title is of no use. */
  csvTitle?: string;
  value(row: Row): string | number | null | undefined;
  /** At most this wide on a screen: what is longer is cut. */
  width?: number | undefined;
  /** Sentences, which go on below where the screen is too narrow. */
  wraps?: boolean;
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
  if (format === 'json') writeArray(rows, listing.record);
  else if (format === 'jsonl') for (const row of rows) write(JSON.stringify(listing.record(row)));
  else if (format === 'ids') printIds(rows.map(listing.id));
  else if (format === 'csv') printCsv(rows, listing.columns);
  else if (rows.length > 0) printTable(rows, listing.columns, screenColumns(process.stdout), write);
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

/** As `JSON.stringify` of all of them would, without a text of all of them. */
function writeArray<Row>(rows: Row[], recordOf: Listing<Row>['record']): void {
  write(rows.length === 0 ? '[]' : '[');
  for (const [index, row] of rows.entries()) {
    const text = JSON.stringify(recordOf(row), null, 2).replaceAll('\n', '\n  ');
    write(`  ${text}${index === rows.length - 1 ? '' : ','}`);
  }
  if (rows.length > 0) write(']');
}

export function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printCsv<Row>(rows: Row[], columns: Column<Row>[]): void {
  write(columns.map(({ title, csvTitle }) => csvCell(csvTitle ?? title)).join(','));
  for (const row of rows) {
    write(columns.map((column) => csvCell(String(column.value(row) ?? ''))).join(','));
  }
}

/** Words with a name or nothing in front: what is too long for the screen goes on below, in line. */
export function writeWrapped(lead: string, text: string): void {
  const room = Math.max(screenColumns(process.stdout) - lead.length, 24);
  const [first = '', ...rest] = wrapped(text, room);
  write(lead + first);
  for (const part of rest) write(' '.repeat(lead.length) + part);
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
