/** Text → words with their places, each in the forms under which it is found. */
import { fold, withoutUmlauts } from './fold.ts';
import { pairedLetters } from './scripts.ts';
import { simplified } from './simplified.ts';

export interface Word {
  /** Place in the text, in UTF-16 units. */
  start: number;
  end: number;
  /** As it stands, folded, and in other spellings. */
  forms: string[];
  /** Words within it, without what only clings to them: `hopital` of `l’hôpital`. */
  parts: string[];
  /** What clings to them: a text is found by it too, a question is not asked for it. */
  clinging: string[];
  /**
   * Of a script without spaces: one sign with the one after it, the last sign of several, or
   * one that stands alone; `null` where words are spelled.
   */
  pair: 'pair' | 'last' | 'alone' | null;
}

/** Longer ones are no words; PostgreSQL takes up to 2 kB. */
const longestWord = 64;

const letter = '[\\p{L}\\p{M}\\p{N}]';
const invisible = '[\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff\\u061c]';
const apostrophe = "['’ʼ‘`´ʹ′＇\\u05f3\\u05f4]";
const gershayim = '(?<=\\p{sc=Hebrew})"(?=\\p{sc=Hebrew})';
const middleDot = '(?<=[\\p{sc=Katakana}ー])[・･](?=\\p{sc=Katakana})';
/** Bounded, so that a hostile run of invisible characters is read once. */
const joiner = `(?:${invisible}{0,4}(?:${apostrophe}|${gershayim}|${middleDot})?${invisible}{0,4}(?=${letter}))`;
const wordPattern = new RegExp(`${letter}+(?:${joiner}${letter}+)*`, 'gu');
/** Most words of most texts: nothing in them is folded, parted or paired. */
const plain = /^[A-Za-z0-9]+$/;
const apostrophes = new RegExp(apostrophe, 'gu');
const runs = new RegExp(
  `[${pairedLetters}][${pairedLetters}\\p{M}・･${invisible.slice(1, -1)}]*`,
  'gu',
);

/** In their order; scripts without spaces give one word a sign. */
export function* wordsIn(text: string): Generator<Word, void, undefined> {
  for (const match of text.matchAll(wordPattern)) {
    const [raw] = match;
    if (plain.test(raw)) {
      yield plainWord(raw, match.index);
      continue;
    }
    let from = 0;
    for (const run of raw.matchAll(runs)) {
      yield* spelled(raw.slice(from, run.index), match.index + from);
      yield* pairs(run[0], match.index + run.index);
      from = run.index + run[0].length;
    }
    yield* spelled(raw.slice(from), match.index + from);
  }
}

function plainWord(raw: string, start: number): Word {
  const forms = [raw.toLowerCase().slice(0, longestWord)];
  return { start, end: start + raw.length, forms, parts: [], clinging: [], pair: null };
}

function* spelled(raw: string, start: number): Generator<Word, void, undefined> {
  if (!/[\p{L}\p{N}]/u.test(raw)) return;
  const whole = fold(raw.replace(apostrophes, '').replaceAll('"', '')).slice(0, longestWord);
  if (whole === '') return;
  const umlauts = withoutUmlauts(raw.replace(apostrophes, ''))?.slice(0, longestWord);
  const forms = umlauts === undefined || umlauts === whole ? [whole] : [whole, umlauts];
  yield { start, end: start + raw.length, forms, ...partsOf(raw), pair: null };
}

/** One pair a sign, and the last sign by itself: so that every sign is found as the beginning of a pair. */
function* pairs(raw: string, start: number): Generator<Word, void, undefined> {
  const units = [...raw.matchAll(/[\p{L}\p{N}][\p{M}ﾞﾟ]*/gu)];
  for (const [i, unit] of units.entries()) {
    const next = units[i + 1];
    const pair = simplified(fold(unit[0] + (next?.[0] ?? ''))).slice(0, longestWord);
    const end = next === undefined ? unit.index + unit[0].length : next.index + next[0].length;
    const kind = next !== undefined ? 'pair' : i > 0 ? 'last' : 'alone';
    yield {
      start: start + unit.index,
      end: start + end,
      forms: [pair],
      parts: [],
      clinging: [],
      pair: kind,
    };
  }
}

/** French and Italian words that lose their vowel before another. */
const elided =
  /^(?:[a-z]|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu|un|dell|all|nell|sull|dall|gl|quest|quell)$/;
/** What Turkish hangs on to a name. */
const turkishEnding =
  /^(?:[dt][ae](?:n|ki)?|n?[iu]n|[yn]?[aeiu]|n?d[ae]n?|y?l[ae]|l[ae]r\p{L}*|s[iu]\p{L}*)$/u;
/** English: children’s, they’re. */
const englishEnding = /^(?:s|t|re|ve|ll|d|m)$/;
/** What Persian parts from its word with a zero-width non-joiner. */
const persianAffix =
  /^(?:نمي|مي|ها|هاي|هايي|هايم|هايش|هايشان|اي|ام|ات|اش|اند|ايم|ايد|تر|ترين|مان|تان|شان)$/;

function partsOf(raw: string): Pick<Word, 'parts' | 'clinging'> {
  if (raw.includes('\u200c') && /\p{sc=Arabic}/u.test(raw))
    return parted(raw.split(/\u200c+/).map(fold), (piece) => persianAffix.test(piece));
  if (!/\p{sc=Latin}/u.test(raw)) return { parts: [], clinging: [] };
  const [first = '', ...rest] = raw.split(apostrophes).map(fold);
  if (rest.length === 0) return { parts: [], clinging: [] };
  const clings = (piece: string) =>
    piece === first
      ? elided.test(first)
      : !elided.test(first) && (englishEnding.test(piece) || turkishEnding.test(piece));
  return parted([first, ...rest], clings);
}

function parted(
  pieces: string[],
  clings: (piece: string) => boolean,
): Pick<Word, 'parts' | 'clinging'> {
  const long = pieces
    .filter((piece) => piece.length > 1)
    .map((piece) => piece.slice(0, longestWord));
  return { parts: long.filter((piece) => !clings(piece)), clinging: long.filter(clings) };
}
