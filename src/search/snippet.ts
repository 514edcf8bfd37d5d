/** The place in a text where a query is found, with the words that it is found by. */
import { detectLanguages } from './detect-language.ts';
import { stemMark } from './index-words.ts';
import { soughtIn } from './query/positive.ts';
import type { Query } from './query/query.ts';
import { stemMarksOf } from './query/terms.ts';
import { type Language, languagesOf, scriptOf } from './scripts.ts';
import { stemsInText } from './stems/stems.ts';
import { type Word, wordsIn } from './words.ts';

export interface Snippet {
  /** One line; `…` where it was cut. */
  text: string;
  /** From and to of each word that was found, in UTF-16 units of `text`. */
  marks: [from: number, to: number][];
}

/** Tells words that a query looks for. */
export type Sought = (word: Word, languages: Language[]) => boolean;

const longestText = 20_000;
const before = 60;
const after = 140;

export function soughtBy(query: Query | null): Sought | null {
  const leaves = soughtIn(query);
  if (leaves.length === 0) return null;
  const marks = new Set<string>();
  const beginnings: string[] = [];
  for (const { kind, text } of leaves) {
    const words = [...wordsIn(text)].filter(({ pair }) => pair !== 'last');
    for (const { forms, parts, pair } of words) {
      for (const form of [...forms, ...parts]) marks.add(form);
      if (pair === 'alone') beginnings.push(...forms);
      if (pair === null && kind === 'word')
        for (const form of [...forms, ...parts])
          for (const mark of stemMarksOf(form)) marks.add(mark);
    }
    if (kind === 'prefix') beginnings.push(...(words.at(-1)?.forms ?? []));
  }
  const isSought = soughtForm(marks, beginnings);
  return ({ forms, parts, pair }, languages) =>
    [...forms, ...parts].some((form) => isSought(form, pair === null ? languages : []));
}

/** The same words stand in many texts: each is looked at once. */
function soughtForm(marks: Set<string>, beginnings: string[]) {
  const initials = new Set(
    [...marks].map((mark) => mark.replace(/^~(?:[a-z]{2} )?/, '').slice(0, 1)),
  );
  const known = new Map<string, boolean>();
  return (form: string, languages: Language[]): boolean => {
    if (marks.has(form) || beginnings.some((beginning) => form.startsWith(beginning))) return true;
    if (!mayHaveStem(form, languages, initials)) return false;
    const key = `${languages.join()} ${form}`;
    const told = known.get(key) ?? stemmed(form, languages).some((mark) => marks.has(mark));
    known.set(key, told);
    return told;
  };
}

/** A stem begins as its word does, unless something is written before it or it is a part of a compound. */
function mayHaveStem(form: string, languages: Language[], initials: Set<string>): boolean {
  if (initials.has(form.slice(0, 1)) || !/^[a-zа-яіїєґ]/.test(form)) return true;
  const isGermanic = languages.includes('de') || languages.includes('nl');
  return isGermanic && (form.length >= 10 || form.startsWith('ge'));
}

function stemmed(form: string, languages: Language[]): string[] {
  const script = scriptOf(form);
  if (script === null) return [];
  return languages
    .filter((language) => languagesOf[script].includes(language))
    .flatMap((language) => stemsInText(language, form).map((stem) => stemMark(language, stem)));
}

/** `null` where none of the words stands in the text. */
export function snippetOf(text: string, sought: Sought): Snippet | null {
  const read = text.slice(0, longestText);
  const words = [...wordsIn(read)];
  const languages = detectLanguages(
    read,
    words.flatMap(({ pair, forms }) => (pair === null ? forms.slice(0, 1) : [])),
  );
  const known = new Map<string, boolean>();
  const isSought = (word: Word) => {
    const key = read.slice(word.start, word.end);
    const told = known.get(key) ?? sought(word, languages);
    known.set(key, told);
    return told;
  };
  const first = words.findIndex(isSought);
  const at = words[first];
  if (at === undefined) return null;
  const from = Math.max(0, words.find(({ start }) => start >= at.start - before)?.start ?? 0);
  const hits = words
    .slice(first)
    .filter(({ end }) => end <= at.start + after)
    .filter(isSought);
  return cut(
    read,
    from,
    Math.min(read.length, Math.max(at.end, at.start + after)),
    hits.length > 0 ? hits : [at],
  );
}

function cut(text: string, from: number, to: number, hits: Word[]): Snippet {
  const head = from > 0 ? '…' : '';
  const tail = to < text.length ? '…' : '';
  // One for one, so that marks stay where they are.
  const line = text
    .slice(from, to)
    .replaceAll(/[\s\p{Cc}]/gu, ' ')
    .trimEnd();
  const marks: Snippet['marks'] = [];
  for (const { start, end } of hits) {
    const [begin, finish] = [start - from + head.length, end - from + head.length];
    const last = marks.at(-1);
    if (last !== undefined && begin <= last[1]) last[1] = Math.max(last[1], finish);
    else marks.push([begin, finish]);
  }
  return { text: `${head}${line}${tail}`, marks };
}
