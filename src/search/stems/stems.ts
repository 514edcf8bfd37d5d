/** The stems that a word can have in a language. Two words meet where they have one in common. */
import type { Language } from '../scripts.ts';
import { arabic } from './arabic.ts';
import { english } from './english.ts';
import { compoundParts, dutch, german } from './germanic.ts';
import { greek } from './greek.ts';
import { hebrew } from './hebrew.ts';
import { hindi, persian, urdu } from './indo-iranian.ts';
import { french, italian, portuguese, spanish } from './romance.ts';
import { russian, ukrainian } from './slavic.ts';
import { turkish } from './turkish.ts';

const stemmers: Record<Language, (word: string) => string[]> = {
  en: english,
  fr: french,
  de: german,
  es: spanish,
  it: italian,
  pt: portuguese,
  nl: dutch,
  tr: turkish,
  ru: russian,
  uk: ukrainian,
  ar: arabic,
  fa: persian,
  ur: urdu,
  he: hebrew,
  hi: hindi,
  el: greek,
};

/** Of a folded word, the word itself among them. */
export function stemsOf(language: Language, word: string): string[] {
  return stemmers[language](word);
}

/** What a text holds is also found by the parts of its compounds; a question is taken as it is. */
export function stemsInText(language: Language, word: string): string[] {
  const stems = stemsOf(language, word);
  if (language !== 'de' && language !== 'nl') return stems;
  return [
    ...new Set([...stems, ...compoundParts(word).flatMap((part) => stemsOf(language, part))]),
  ];
}
