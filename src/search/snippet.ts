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

/** Tells words that a query looks for; the languages of the text are asked for only where a stem decides. */
export type Sought = (word: Word, languages: () => Language[]) => boolean;

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
    [...forms, ...parts].some((form) => isSought(form, pair === null ? languages : null));
}

/** The same words stand in many texts: each is looked at once. */
function soughtForm(marks: Set<string>, beginnings: string[]) {
  const stems = [...marks].map((mark) => mark.replace(/^~(?:[a-z]{2} )?/, ''));
  const initials = new Set(stems.map((stem) => stem.slice(0, 1)));
  const begins = new Set(stems.map((stem) => bare(stem).slice(0, Math.min(3, stem.length - 1))));
  const known = new Map<string, Language[]>();
  const sharesStemIn = (form: string): Language[] => {
    const told =
      known.get(form) ??
      mayShareStemIn(form, initials, begins).filter((language) =>
        stemsInText(language, form).some((stem) => marks.has(stemMark(language, stem))),
      );
    known.set(form, told);
    return told;
  };
  return (form: string, languages: (() => Language[]) | null): boolean => {
    if (marks.has(form) || beginnings.some((beginning) => form.startsWith(beginning))) return true;
    const shares = languages === null ? [] : sharesStemIn(form);
    return shares.length > 0 && languages?.().some((one) => shares.includes(one)) === true;
  };
}

/** A stem begins as its word does, unless something is written before it or it is a part of a compound. */
function mayShareStemIn(form: string, initials: Set<string>, begins: Set<string>): Language[] {
  const script = scriptOf(form);
  if (script === null) return [];
  const languages = languagesOf[script];
  if (initials.has(form.slice(0, 1)) || !/^[a-zа-яіїєґ]/.test(form)) return languages;
  const hasParts = form.length >= 10 || form.startsWith('ge');
  if (!hasParts || ![...begins].some((begin) => bare(form).includes(begin, 2))) return [];
  return languages.filter((one) => one === 'de' || one === 'nl');
}

/** However German and Dutch write a vowel long or bent, and a consonant double. */
function bare(word: string): string {
  return word.replaceAll(/([aou])e/g, '$1').replaceAll(/([a-z])\1/g, '$1');
}

/** `null` where none of the words stands in the text, which is read no further than the snippet goes. */
export function snippetOf(text: string, sought: Sought): Snippet | null {
  const read = text.slice(0, longestText);
  const isSought = eachOnce(read, sought);
  const lead: Word[] = [];
  const hits: Word[] = [];
  for (const word of wordsIn(read)) {
    const [first] = hits;
    if (first !== undefined && word.end > first.start + after) break;
    if (first === undefined) {
      lead.push(word);
      while ((lead[0] ?? word).start < word.start - before) lead.shift();
    }
    if (isSought(word)) hits.push(word);
  }
  const [first] = hits;
  if (first === undefined) return null;
  const to = Math.min(read.length, Math.max(first.end, first.start + after));
  return cut(read, lead[0]?.start ?? 0, to, hits);
}

function eachOnce(text: string, sought: Sought): (word: Word) => boolean {
  const known = new Map<string, boolean>();
  let languages: Language[] | undefined;
  const detected = () => (languages ??= languagesIn(text));
  return (word) => {
    const key = text.slice(word.start, word.end);
    const told = known.get(key) ?? sought(word, detected);
    known.set(key, told);
    return told;
  };
}

/** As its words were indexed. */
function languagesIn(text: string): Language[] {
  const spelled = [...wordsIn(text)].filter(({ pair }) => pair === null);
  return detectLanguages(
    text,
    spelled.flatMap(({ forms }) => forms.slice(0, 1)),
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
