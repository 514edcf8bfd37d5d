/** Pasted text carries dirt: invisible characters, escapes, brackets, a sentence's full stop. */

/** Joiners change the spelling between two letters of such scripts, so there they stay. */
const invisible =
  /(?<![\p{L}--[A-Za-z]])[\u200c\u200d]|[\u200c\u200d](?![\p{L}--[A-Za-z]])|[\p{Cf}--[\u200c\u200d]]/gv;

/** Signs that end a sentence or a quotation and not an address. */
const closing = new Set('.,;:!?\'"`”’»›…|\\([{<>。、，！？؟،؛'.split(''));
const opening = new Set('<([{\'"`“‘«‹„¿¡'.split(''));
const partnerOf: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

/**
 * The address as its writer meant it: without invisible characters and the escapes of HTML,
 * JSON and cautious colleagues (`hxxp`, `[.]`). Applying it twice changes nothing more.
 */
export function unescapeLink(text: string): string {
  return text
    .replace(invisible, '')
    .replace(/&(?:amp;|#38;|#x26;)+/gi, '&')
    .replace(/(?<!\\)\\+\//g, '/')
    .replace(/^hxxp/i, 'http')
    .replace(/^(?:https?:\/+)+(?=https?:\/)/i, '')
    .replace(/^[^/]*(?:\/\/)?[^/?#]*/, (start) => start.replace(/\[\.\]|\(\.\)/g, '.'));
}

/**
 * Where an address ends before the closing signs behind it. A closing bracket stays when it
 * has its partner inside the address, as in `/wiki/Qamishli_(city)`.
 */
export function addressEnd(text: string, from: number, to: number): number {
  const unmatched = unmatchedClosers(text, from, to);
  const quotes = countsOf(["'", '"'], text, from, to);
  let end = to;
  for (; end > from; end -= 1) {
    const sign = text.charAt(end - 1);
    // A quotation mark with its partner inside the address, as in `/say_'no'`.
    const marks = quotes.get(sign);
    if (marks !== undefined && marks % 2 === 0) break;
    if (marks !== undefined) quotes.set(sign, marks - 1);
    if (closing.has(sign) || /[\s\p{Cf}]/u.test(sign)) continue;
    const left = unmatched.get(sign) ?? 0;
    if (left === 0) break;
    unmatched.set(sign, left - 1);
  }
  return end;
}

function countsOf(signs: string[], text: string, from: number, to: number): Map<string, number> {
  const counts = new Map(signs.map((sign) => [sign, 0]));
  for (let at = from; at < to; at += 1) {
    const before = counts.get(text.charAt(at));
    if (before !== undefined) counts.set(text.charAt(at), before + 1);
  }
  return counts;
}

/** Without surrounding brackets, quotation marks and closing signs. */
export function unwrapped(text: string): string {
  let start = 0;
  while (
    start < text.length &&
    (opening.has(text.charAt(start)) || /[\s\p{Cf}]/u.test(text.charAt(start)))
  ) {
    start += 1;
  }
  return text.slice(start, addressEnd(text, start, text.length));
}

function unmatchedClosers(text: string, from: number, to: number): Map<string, number> {
  const open = new Map<string, number>();
  const unmatched = new Map<string, number>();
  for (let at = from; at < to; at += 1) {
    const sign = text.charAt(at);
    const partner = partnerOf[sign];
    if (sign === '(' || sign === '[' || sign === '{') open.set(sign, (open.get(sign) ?? 0) + 1);
    else if (partner !== undefined) {
      const left = open.get(partner) ?? 0;
      if (left > 0) open.set(partner, left - 1);
      else unmatched.set(sign, (unmatched.get(sign) ?? 0) + 1);
    }
  }
  return unmatched;
}

/** What a page puts right behind an address that it cut short for display; empty where it didn't. */
export function ellipsisBehind(text: string, end: number): string {
  return ['…', '...'].find((ellipsis) => text.startsWith(ellipsis, end)) ?? '';
}
