/** The one way into this room for texts of any kind. */
import { csvLinks, delimiterOf } from './csv-links.ts';
import { eachOnce, type FoundLink } from './found-link.ts';
import { htmlLinks } from './html-links.ts';
import { jsonlLinks, parsedJson } from './jsonl-links.ts';
import { pageAddress } from './page-address.ts';
import { eachPlacedOnce, type PlacedLink } from './placed-link.ts';
import { isLinkField } from './row-fields.ts';
import { textLinks } from './text-links.ts';

export type { FoundLink, RowFields } from './found-link.ts';

export const textFormats = ['text', 'html', 'csv', 'jsonl'] as const;
export type TextFormat = (typeof textFormats)[number];

/**
 * Finds every link in order of appearance. Of a plain text every appearance is given: what
 * somebody pasted twice was pasted twice. Pages and tables give each link once. Pure, total,
 * and linear in the length of the text.
 * @param format what the text is; recognised from its content when left out
 */
export function readLinks(text: string, format: TextFormat = formatOf(text)): FoundLink[] {
  return readPlacedLinks(text, format).map(({ found }) => found);
}

/** The same with where each stands. Of anything but a page, somebody wrote all of it. */
export function readPlacedLinks(text: string, format: TextFormat = formatOf(text)): PlacedLink[] {
  const plain = text.startsWith('\ufeff') ? text.slice(1) : text;
  switch (format) {
    case 'html':
      return eachPlacedOnce(htmlLinks(plain));
    case 'csv':
      return asWritten(eachOnce(csvLinks(plain)));
    case 'jsonl':
      return asWritten(eachOnce(jsonlLinks(plain)));
    case 'text':
      return asWritten([...textLinks(plain)]);
  }
}

/** How many links of a page lead nowhere known, because it doesn't say its own address. */
export function unplaceableLinks(text: string, format: TextFormat = formatOf(text)): number {
  if (format !== 'html') return 0;
  const { base, relativeLinks } = pageAddress(text);
  return base === null ? relativeLinks : 0;
}

function asWritten(links: FoundLink[]): PlacedLink[] {
  return links.map((found) => ({ found, place: 'body' }));
}

/** A page, a table, JSON lines, or else prose. Looks at the beginning only. */
export function formatOf(text: string): TextFormat {
  const start = text.slice(0, 65_536).trimStart();
  const markup =
    /^<(?:!doctype\s+html|\?xml|html|head|body|div|p|section|article|blockquote|a|iframe|table|ul|ol|span|meta|link|figure|amp-[a-z]+|!--)[\s>/]/i;
  if (
    markup.test(start) ||
    /<(?:a\s[^<>]{0,200}href=|blockquote|iframe|html|body)[\s>]?|<\/(?:p|div|a|blockquote)>/i.test(
      start,
    )
  ) {
    return 'html';
  }
  const lines = start.split('\n', 20).map((line) => line.trim());
  const first = lines[0] ?? '';
  if (/^[{"]/.test(first) && isJsonLine(first)) return 'jsonl';
  return isTable(lines.filter((line) => line !== '')) ? 'csv' : 'text';
}

function isJsonLine(line: string): boolean {
  const value = parsedJson(line);
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

/**
 * A header line of at least two short names, one of them of a link column. Without a header
 * nothing tells a table from a list: commas are common in addresses.
 */
function isTable(lines: string[]): boolean {
  const header = (lines[0] ?? '').split(delimiterOf(lines[0] ?? '')).map(withoutQuotes);
  return lines.length > 1 && header.length > 1 && header.every(isName) && header.some(isLinkField);
}

function isName(cell: string): boolean {
  return /^[\p{L}\p{N} _.-]{0,40}$/u.test(cell);
}

function withoutQuotes(cell: string): string {
  return cell.trim().replace(/^"(.*)"$/, '$1');
}
