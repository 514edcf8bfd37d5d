/** Rows of tables (CSV, JSON lines): which fields hold the link, and what else they say. */
import { handleIn } from '../platforms/x/identity.ts';
import type { FoundLink, RowFields } from './found-link.ts';
import { identifyLink } from './identify-link.ts';
import { textLinks } from './text-links.ts';

/** A row with its field names in lower case, in their order. */
export type Row = Map<string, unknown>;

const linkFields = ['link', 'url', 'href', 'address', 'tweet', 'post', 'source url', 'source_url'];

/** What is read of a row; a table may have any number of other columns. */
const readFields = new Set([...linkFields, 'case', 'note', 'notes', 'tags', 'tag', 'facts']);

/** Whether anything is read of a column. */
export function isReadField(name: string): boolean {
  return readFields.has(name);
}

/** Whether a header names a column of links. */
export function isLinkField(name: string): boolean {
  return linkFields.includes(name.trim().toLowerCase());
}

/**
 * The links of one row: those of its link field, or all in `whole` where it has none. A link
 * field without a usable link is a rejection, so that no row gets lost silently.
 */
export function rowLinks(row: Row, whole: string): FoundLink[] {
  const named = linkFields.map((name) => row.get(name)).find((value) => value !== undefined);
  const found = named === undefined ? [...textLinks(whole, false)] : linksOf(asText(named));
  const submission = rowFields(row);
  const author = authorOf(row.get('facts'));
  for (const link of found) {
    if ('key' in link && author !== null) link.facts.attributedTo = author;
    if (Object.keys(submission).length > 0) link.submission = submission;
  }
  return found;
}

function linksOf(cell: string): FoundLink[] {
  const found = [...textLinks(cell)];
  return found.length > 0 ? found : [identifyLink(cell)];
}

function rowFields(row: Row): RowFields {
  const fields: RowFields = {};
  const name = asText(row.get('case')).trim();
  const note = asText(row.get('note') ?? row.get('notes')).trim();
  const tags = row.get('tags') ?? row.get('tag');
  const listed = (Array.isArray(tags) ? tags.map(asText) : asText(tags).split(/[,;|]/))
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  if (name !== '') fields.case = name;
  if (listed.length > 0) fields.tags = [...new Set(listed)];
  if (note !== '') fields.note = note;
  return fields;
}

/** Our own listing names the author that the text around a link named: keep it through a pipe. */
function authorOf(facts: unknown): string | null {
  if (typeof facts !== 'object' || facts === null || !('attributedTo' in facts)) return null;
  return typeof facts.attributedTo === 'string' ? handleIn(facts.attributedTo) : null;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
