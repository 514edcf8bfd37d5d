/**
 * Links in prose. One pass to find where links may start, one walk over each link to find
 * where it ends: the time grows with the length of the text, whatever somebody puts into it.
 */
import { signatureBehind } from './attribution.ts';
import { addressEnd, ellipsisBehind, unescapeLink, unwrapped } from './clean-link.ts';
import type { FoundLink } from './found-link.ts';
import { identifyAddress } from './identify-address.ts';
import { pastedAddress } from './pasted-address.ts';

/** A link's place in a text. */
interface Span {
  start: number;
  end: number;
}

/** Without a scheme, prose is searched only for hosts that end in one of these. */
const commonEndings =
  /^(?:[a-z]{2}|com|org|net|int|gov|edu|mil|info|news|online|site|press|media|live|today|watch|link|tech|blog|world|africa|asia|onion)$/i;

/** In this order: web, picture of X (also glued to a word), any other scheme, bare host. */
const starts =
  /(?:https?|hxxps?):\\*\/\\*\/|pic\.(?:twitter|x)\.com\/|(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,24}:\/\/|(?<![\w@./:%+-])(?:[a-z0-9][a-z0-9-]{0,62}(?:\.|\[\.\])){1,8}[a-z]{2,24}(?::[0-9]{1,5})?\//gi;

/** What stands before an entry of a list. */
const listMark = /^\s*(?:(?:[-*•·–]|[0-9]{1,4}[.)])\s+)?/;

/** An empty fragment behind a lone address: the full stop before it ends no sentence. Servers never see it. */
const meantAsItStands = /^https?:\/\/\S+#$/;

/** What a link is written with; quotation marks, spaces and most foreign punctuation end it. */
const run = /[!#-;=?-_a-~\p{L}\p{M}\p{N}\p{Cf}[\p{S}--[<>`｜＜＞｀]]‐‑–’ʼ·‧・׳״་]*/vy;
const pieceLength = 65_536;
/** Where a line holds nothing else, a quotation mark is the link's too. */
const runAlone = /[!-;=?-_a-~\p{L}\p{M}\p{N}\p{Cf}[\p{S}--[<>`｜＜＞｀]]‐‑–’ʼ·‧・׳״་]*/vy;

/** Signs of titles that stand inside a word, as in `L’Équipe` and `Gaza–Israel`; elsewhere they are the text's. */
const insideWords = /[‐‑–’ʼ·‧・׳״་]/;
const wordSign = /[\p{L}\p{M}\p{N}]/u;
/** Emoji and other signs right behind a word decorate the sentence; behind a slash they are the address. */
const decoration =
  /(?<=[\p{L}\p{M}\p{N}])[[\p{So}\p{Sk}\p{Sm}\p{Extended_Pictographic}]--[\p{ASCII}]][\p{M}\p{Cf}\p{So}\p{Sk}\p{Sm}]*$/v;

/** Scripts that are written right behind an address, with no space between. */
const gluedScripts =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

const onX =
  /^(?:(?:https?|hxxps?):[\\/]+)?(?:[a-z0-9-]+\.)*(?:twitter\.com|x\.com|t\.co|twimg\.com)[\\/?#:]/i;
const shortLink =
  /^(?:(?:https?|hxxps?):[\\/]+)?(?:pic\.(?:twitter|x)\.com|t\.co)[\\/]+(?=[A-Za-z0-9])/i;
const codeSigns = /[A-Za-z0-9]+/y;
const hostPart = /^(?:[a-z]+:[\\/]+)?[^\\/?#]*/i;
const invisible = /\p{Cf}/u;
const escapedEnd = /&(?:quot|gt|lt|nbsp|apos|#0?3[49]|#x2[27]|#160);/iy;

/**
 * Every link of a text in order of appearance, repetitions included. `lists`: a line that is
 * one piece without spaces is somebody's list entry, so a bare number or host counts too.
 */
export function* textLinks(text: string, lists = true): Generator<FoundLink> {
  for (let start = 0; start <= text.length; ) {
    const next = text.indexOf('\n', start);
    const end = next === -1 ? text.length : next;
    yield* lineLinks(text, start, end, lists);
    start = end + 1;
  }
}

function* lineLinks(text: string, from: number, to: number, lists: boolean): Generator<FoundLink> {
  const line = text.slice(from, to);
  const alone = line.replace(listMark, '').trimEnd();
  const isAlone = lists && alone !== '' && !/\s/.test(alone);
  if (isAlone && meantAsItStands.test(alone) && URL.canParse(alone.slice(0, -1))) {
    yield { link: alone, ...identifyAddress(new URL(alone.slice(0, -1))) };
    return;
  }
  let found = 0;
  for (const { start, end } of spans(line, isAlone)) {
    found += 1;
    yield foundAt(text, from + start, from + end);
  }
  if (found === 0 && isAlone) {
    const bare = bareLink(alone);
    if (bare !== null) yield bare;
  }
}

function foundAt(text: string, start: number, end: number): FoundLink {
  const link = text.slice(start, end);
  const ellipsis = ellipsisBehind(text, end);
  // Its reason stays with it: without the sign it would read like a link that is whole.
  if (ellipsis !== '') return { link: link + ellipsis, rejected: 'truncated-display-url' };
  const address = pastedAddress(unescapeLink(link));
  if (address === null) return { link, rejected: 'not-a-link' };
  const identity = address instanceof URL ? identifyAddress(address) : address;
  if ('rejected' in identity) return { link, rejected: identity.rejected };
  const author = identity.key.startsWith('x:') ? signatureBehind(text, end) : null;
  if (author !== null) identity.facts.attributedTo = author;
  return { link, ...identity };
}

/** A piece that stands alone may be a number, a host without path, or something unusable. */
export function bareLink(piece: string): FoundLink | null {
  const link = unwrapped(piece);
  const address = pastedAddress(unescapeLink(link));
  if (address === null) return null;
  const identity = address instanceof URL ? identifyAddress(address) : address;
  return { link, ...identity };
}

/** `isAlone`: the line is one piece; if it begins with the link, letters in it belong to it. */
function* spans(line: string, isAlone: boolean): Generator<Span> {
  const candidates = [...line.matchAll(starts)].flatMap((match) => candidate(match));
  let end = 0;
  let runEnd = 0;
  for (const [index, start] of candidates.entries()) {
    if (start < end) continue;
    const isFirst = isAlone && index === 0;
    const isBare = isFirst && line.slice(0, start).replace(listMark, '') === '';
    const whole = isBare || (isFirst && unwrapped(line.slice(0, start)) === '');
    if (start >= runEnd) runEnd = endOf(isBare ? runAlone : run, line, start);
    const stop = stopOf(line, start, runEnd, candidates, index, whole);
    end = trimmed(line, start, stop);
    yield { start, end };
  }
}

/** In pieces: the engine can't hold a run of millions of signs at once. */
function endOf(signs: RegExp, line: string, start: number): number {
  for (let end = start; ; ) {
    signs.lastIndex = 0;
    signs.exec(line.slice(end, end + pieceLength));
    if (signs.lastIndex === 0) return end;
    end += signs.lastIndex;
  }
}

/** Where a match really starts: `texthttps://` is a link behind a word, `e.g.it/` is none. */
function candidate(match: RegExpExecArray): number[] {
  const text = match[0];
  const picture = /pic\.(?:twitter|x)\.com\/$/i.exec(text);
  if (picture) return [match.index + picture.index];
  const scheme = /^(.*?)((?:https?|hxxps?|twitter|intent|[a-z][a-z0-9+.-]*):[\\/]+)$/i.exec(text);
  if (scheme) {
    const glued = /(?:https?|hxxps?|twitter):[\\/]+$/i.exec(text);
    return [match.index + (glued?.index ?? 0)];
  }
  const host = text.replace(/(?::[0-9]+)?\/$/, '');
  const ending = host.slice(host.lastIndexOf('.') + 1).replace(/^\]/, '');
  return commonEndings.test(ending) ? [match.index] : [];
}

/** The first place behind `start` where the link can't go on. */
function stopOf(
  line: string,
  start: number,
  limit: number,
  candidates: number[],
  index: number,
  whole: boolean,
): number {
  const head = line.slice(start, start + 80);
  const ofX = onX.test(head);
  const path = start + (hostPart.exec(head)?.[0].length ?? 0);
  const codeEnd = shortCodeEnd(line, start, head);
  const open = { '(': 0, '[': 0, '{': 0 };
  let next = index + 1;
  let before = '';
  for (let at = start; at < (codeEnd ?? limit); at += 1) {
    while ((candidates[next] ?? limit) < at) next += 1;
    if (candidates[next] === at && at > path && splitsAt(line, at)) return at;
    const sign = line.charAt(at);
    if (sign === '(' || sign === '[' || sign === '{') open[sign] += 1;
    else if (sign === ')' || sign === ']' || sign === '}') {
      const partner = sign === ')' ? '(' : sign === ']' ? '[' : '{';
      if (open[partner] === 0) return at;
      open[partner] -= 1;
    } else if (endsEscaped(line, at, sign)) return at;
    if (invisible.test(sign)) continue;
    if (!whole && insideWords.test(sign) && !standsInWord(line, at)) return at;
    const glued = sign > '\x7f' && /[A-Za-z0-9]/.test(before);
    if (glued && ofX) return at;
    if (glued && !whole && gluedScripts.test(sign) && !hostGoesOn(line, at, path)) return at;
    before = sign;
  }
  return codeEnd ?? limit;
}

function standsInWord(line: string, at: number): boolean {
  return wordSign.test(line.charAt(at - 1)) && wordSign.test(line.charAt(at + 1));
}

/** Inside a host in two scripts, as in `exampleこれは.com`: cut there, it would be another host. */
function hostGoesOn(line: string, at: number, hostEnd: number): boolean {
  return at < hostEnd && /^[\p{L}\p{M}\p{N}-]+\.[\p{L}\p{M}]{2}/u.test(line.slice(at, hostEnd));
}

/** A short link is its code: letters, brackets or commas right behind it are the text's. */
function shortCodeEnd(line: string, start: number, head: string): number | null {
  const prefix = shortLink.exec(head)?.[0];
  if (prefix === undefined) return null;
  codeSigns.lastIndex = start + prefix.length;
  codeSigns.exec(line);
  return /[?#/%]/.test(line.charAt(codeSigns.lastIndex)) ? null : codeSigns.lastIndex;
}

/** A backslash or a quotation mark in HTML's spelling, as in text copied out of code. */
function endsEscaped(line: string, at: number, sign: string): boolean {
  if (sign === '\\') return !/[\\/]/.test(line.charAt(at + 1));
  if (sign !== '&') return false;
  escapedEnd.lastIndex = at;
  return escapedEnd.test(line);
}

/** A second link begins inside the first, unless the first carries it in its path or query. */
function splitsAt(line: string, at: number): boolean {
  if (/[/=?&#:+@_!*]/.test(line.charAt(at - 1))) return false;
  return !/%[0-9a-f]{2}$/i.test(line.slice(Math.max(0, at - 3), at));
}

/** Without the sentence's closing signs, a possessive, or the emphasis marks around it. */
function trimmed(line: string, start: number, stop: number): number {
  let end = addressEnd(line, start, stop);
  end -= decoration.exec(line.slice(start, end))?.[0].length ?? 0;
  if (/['’]s$/.test(line.slice(Math.max(start, end - 2), end))) end -= 2;
  const mark = line.charAt(start - 1);
  if (mark === '_' || mark === '*' || mark === '~') {
    while (end > start && line.charAt(end - 1) === mark) end -= 1;
  }
  return end;
}
