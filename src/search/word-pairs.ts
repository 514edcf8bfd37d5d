/**
 * Which words follow each other, as marks among the words. Most captures that hold all words of a
 * phrase do not hold it, and only their places tell, which take long to read: a phrase is looked up
 * by its pairs as well. A mark is shared by many pairs, so that marks are few; places decide.
 */
import type { Word } from './words.ts';

/** Stands where a text has more pairs than are marked. No word is it, or begins with it. */
export const anyPair = '+';

/** Pairs of words share so many marks. */
const marks = 2 ** 18;
/** Forms of two words that follow each other: more have those that were made to. */
const mostForms = 64;

/** Marks of all words that follow each other. */
export function* pairMarksIn(words: Word[]): Generator<string, void, undefined> {
  for (const [i, word] of words.entries()) {
    const next = words[i + 1];
    if (next !== undefined) yield* pairMarksOf(formsInText(word), formsInText(next)) ?? [anyPair];
  }
}

/** Any of these before any of those; `null` where there are too many. */
export function pairMarksOf(first: string[], second: string[]): string[] | null {
  if (first.length * second.length > mostForms) return null;
  return first.flatMap((one) => second.map((other) => pairMark(one, other)));
}

/** FNV-1a over both. */
function pairMark(first: string, second: string): string {
  let hash = 0x811c9dc5;
  for (const text of [first, ' ', second])
    for (let i = 0; i < text.length; i += 1)
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `${anyPair}${(((hash ^ (hash >>> 14)) >>> 0) % marks).toString(36)}`;
}

function formsInText({ forms, parts, clinging }: Word): string[] {
  return [...new Set([...forms, ...parts, ...clinging])];
}
