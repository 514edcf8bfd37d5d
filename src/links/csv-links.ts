import { parse } from 'csv-parse/sync';
import type { FoundLink } from './found-link.ts';
import { isLinkField, isReadField, rowLinks } from './row-fields.ts';
import { textLinks } from './text-links.ts';

/**
 * Links of a CSV text (comma, semicolon or tab). With a header row that names a link column,
 * that column is read, and `case`, `tags` and `note` become fields of the submission; without
 * one, any cell may hold links. What can't be read as CSV is read as text.
 */
export function csvLinks(text: string): FoundLink[] {
  const [header, ...rows] = cells(text) ?? [];
  // One column: commas belong to the addresses.
  if (header === undefined || header.length === 1) return [...textLinks(text)];
  const names = header.map((name) => name.trim().toLowerCase());
  if (!names.some(isLinkField)) {
    return [header, ...rows].flatMap((row) => row.flatMap((cell) => [...textLinks(cell)]));
  }
  // Not every column for every row: a wide header over many short rows would take the square.
  const columns = [...new Map(names.map((name, column) => [name, column]))].filter(([name]) =>
    isReadField(name),
  );
  return rows.flatMap((row) =>
    rowLinks(new Map(columns.map(([name, column]) => [name, row[column] ?? ''])), row.join('\n')),
  );
}

function cells(text: string): string[][] | null {
  try {
    return parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
    });
  } catch {
    return null;
  }
}

/** The sign that the first line has most often. */
export function delimiterOf(text: string): string {
  const line = text.slice(0, 10_000).split('\n', 1)[0] ?? '';
  const counts = [',', '\t', ';'].map((sign) => ({ sign, count: line.split(sign).length }));
  return counts.reduce((most, next) => (next.count > most.count ? next : most)).sign;
}
