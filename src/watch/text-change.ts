/**
 * How one text differs from another, in words. Pure. What steers the direction of writing or
 * is invisible is told apart from what a reader sees: a text can be made to read otherwise
 * with characters that nobody sees.
 */
import { diffArrays } from 'diff';
import { normalForm } from '../base/normal-form.ts';

export interface TextChange {
  /**
   * `edited`: some words. `replaced`: hardly a word is left, as where a notice stands in place
   * of a text. `invisible`: a reader sees the same, but direction marks or invisible
   * characters differ. `spacing`: only spaces and line breaks.
   */
  kind: 'edited' | 'replaced' | 'invisible' | 'spacing';
  wordsAdded: number;
  wordsRemoved: number;
  parts: TextPart[];
}

export interface TextPart {
  was: 'kept' | 'added' | 'removed';
  text: string;
}

/** Longer texts are compared up to here: a diff takes time with the square of what differs. */
const longestCompared = 200_000;
const mostEdits = 2_000;
/** Less than this share of the words in common, and it is another text. */
const leastInCommon = 0.2;

/** `null`: the same, after Unicode normalisation (NFC). */
export function textChange(before: string, after: string): TextChange | null {
  const [a, b] = [normalForm(before), normalForm(after)];
  if (a === b) return null;
  const [seenA, seenB] = [visible(a), visible(b)];
  if (seenA === seenB) return unseen('invisible', after);
  if (plain(seenA) === plain(seenB)) return unseen('spacing', after);
  const [from, to] = [seenA.slice(0, longestCompared), seenB.slice(0, longestCompared)];
  const parts = wordParts(from, to);
  const count = (was: TextPart['was']) =>
    parts.filter((part) => part.was === was).reduce((sum, part) => sum + words(part.text), 0);
  const [kept, wordsAdded, wordsRemoved] = [count('kept'), count('added'), count('removed')];
  const larger = Math.max(kept + wordsAdded, kept + wordsRemoved);
  // Where too much differs to be lined up, the words in common tell, in whatever order.
  const shared = kept > 0 ? kept : wordsInCommon(from, to);
  const kind = shared < leastInCommon * larger ? 'replaced' : 'edited';
  return { kind, wordsAdded, wordsRemoved, parts };
}

function unseen(kind: 'invisible' | 'spacing', text: string): TextChange {
  return { kind, wordsAdded: 0, wordsRemoved: 0, parts: [{ was: 'kept', text }] };
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** Words as Unicode has them (UAX 29), so that Arabic, Chinese and Thai are compared by words too. */
function wordParts(before: string, after: string): TextPart[] {
  const diff = diffArrays(tokens(before), tokens(after), { maxEditLength: mostEdits });
  if (diff === undefined) {
    return [
      { was: 'removed', text: before },
      { was: 'added', text: after },
    ];
  }
  return diff.map(({ value, added, removed }) => ({
    was: added ? 'added' : removed ? 'removed' : 'kept',
    text: value.join(''),
  }));
}

function tokens(text: string): string[] {
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

function words(text: string): number {
  let count = 0;
  for (const { isWordLike } of segmenter.segment(text)) if (isWordLike) count += 1;
  return count;
}

function wordsInCommon(before: string, after: string): number {
  const left = new Map<string, number>();
  for (const { segment, isWordLike } of segmenter.segment(before)) {
    if (isWordLike) left.set(segment, (left.get(segment) ?? 0) + 1);
  }
  let count = 0;
  for (const { segment } of segmenter.segment(after)) {
    const known = left.get(segment) ?? 0;
    if (known === 0) continue;
    left.set(segment, known - 1);
    count += 1;
  }
  return count;
}

/** Without marks of direction (UAX 9), joiners, variation selectors, soft hyphens, tags. */
function visible(text: string): string {
  return text.replace(
    /[\ufe00-\ufe0f]|[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu,
    '',
  );
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
