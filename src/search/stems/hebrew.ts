/** Hebrew: what is written before a word as one with it, and plural and gender endings. Final letters are folded. */
import { allOf, without } from './endings.ts';

/** And, the, in, to, from, that, as: also several in a row. */
const prefixes = /^(?:ו?(?:כש|מש|ש)?[הבלכמ]?|ו)(?=.{3})/;

export function hebrew(word: string): string[] {
  const stems = [word, ...withoutPrefixes(word)];
  return allOf(
    stems,
    stems.flatMap(withoutEndings),
    stems.flatMap((stem) => irregular.get(stem) ?? []),
  );
}

/** Plurals that no ending explains: houses, people, women, cities, sons, daughters. */
const irregular = new Map([
  ['בתי', 'בית'],
  ['בתימ', 'בית'],
  ['אנשימ', 'איש'],
  ['אנשי', 'איש'],
  ['נשימ', 'אישה'],
  ['ערימ', 'עיר'],
  ['ערי', 'עיר'],
  ['בנימ', 'בנ'],
  ['בנות', 'בת'],
]);

function withoutPrefixes(word: string): string[] {
  const whole = prefixes.exec(word)?.[0] ?? '';
  const stems: string[] = [];
  for (let length = 1; length <= whole.length; length += 1)
    if (word.length - length >= 3) stems.push(word.slice(length));
  return stems;
}

function withoutEndings(stem: string): string[] {
  const one = without(stem, /(?:יות|ות|ימ|ינ|יה|ית|תי|נו|ה|ת|י|ו)$/);
  // Adjectives keep their yod: צבאיות is of צבאי.
  return allOf(one, without(stem, /(?:ות|ימ|ת|ה)$/));
}
