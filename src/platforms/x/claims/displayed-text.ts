/** From the text of a record, escaped and with every short link, to the text that the post shows. */
import type { DisplayRange } from './claims.ts';

/** Cut while the text is still escaped, because that is what the range counts; unescaped after. */
export function displayedText(rawText: string, range: DisplayRange | null): string {
  return unescapeOnce(range === null ? rawText : cut(rawText, range)).trimEnd();
}

/**
 * What a text hides at its end is only ever a short link: to its media, or to the post it
 * quotes. A cut before anything else means that the route counted in the other unit. At its
 * start it hides the names that a reply begins with, and no words: those are shown.
 */
function cut(text: string, range: DisplayRange): string {
  const other: DisplayRange = { ...range, unit: range.unit === 'utf-16' ? 'code-point' : 'utf-16' };
  const cuts = [offsetsIn(text, range), offsetsIn(text, other)];
  const [start, end] = cuts.find(([, to]) => hidesOnlyLinks(text.slice(to))) ?? [
    cuts[0]?.[0],
    text.length,
  ];
  return text.slice(hidesOnlyNames(text.slice(0, start)) ? start : 0, end);
}

function hidesOnlyLinks(rest: string): boolean {
  return /^(?:\s*https?:\/\/t\.co\/\w+)*\s*$/.test(rest);
}

function hidesOnlyNames(start: string): boolean {
  return /^(?:@\w{1,20}\s+)*$/.test(start);
}

/** The range as offsets of a JavaScript string; the whole text where the range makes no sense. */
function offsetsIn(text: string, { from, to, unit }: DisplayRange): [start: number, end: number] {
  if (from > to || from > text.length) return [0, text.length];
  if (unit === 'utf-16') return [from, to];
  const points = [...text];
  const offset = (count: number) => points.slice(0, count).join('').length;
  return [offset(from), offset(to)];
}

const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/** X escapes these three and no others; one pass, so that `&amp;lt;` stays the `&lt;` somebody typed. */
export function unescapeOnce(text: string): string {
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => entities[entity] ?? entity);
}
