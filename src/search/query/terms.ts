/** What somebody typed → what is looked up: each word in every form and stem that it can have. */
import { filterMark, quoted, stemMark } from '../index-words.ts';
import { languagesOf, scriptOf } from '../scripts.ts';
import { stemsOf } from '../stems/stems.ts';
import { anyPair, pairMarksOf } from '../word-pairs.ts';
import { type Word, wordsIn } from '../words.ts';

/** All words of it, wherever they stand. Text of a `tsquery`; `null` where it holds no word. */
export function wordQuery(text: string, { exact = false } = {}): string | null {
  const whole = both([...wordsIn(text)].map((word) => oneWord(word, exact)));
  const bare = exact ? text : text.replace(koreanParticle, '$1');
  return bare === text ? whole : either([whole ?? '', wordQuery(bare, { exact: true }) ?? '']);
}

/** What Korean hangs on to a noun: a question may have it where the text has another. */
const koreanParticle =
  /(\p{sc=Hangul}{2})(?:들은|들이|들을|들의|들|에서는|에서|에게|으로|까지|부터|은|는|이|가|을|를|에|의|도|로|와|과)$/u;

/** Its words as they stand, one right after the other. */
export function phraseQuery(text: string): string | null {
  const steps = stepsOf(text).map(({ forms, begin }) =>
    either(forms.map((form) => `${quoted(form)}${begin}`)),
  );
  if (steps.length < 2) return steps[0] ?? null;
  return `(${steps.join(' <-> ')})`;
}

/** The same, looked up by the pairs of its words, too. */
export function phraseLookUp(text: string): string | null {
  const steps = stepsOf(text);
  const pairs = steps.flatMap(({ forms, begin }, i) => {
    const next = steps[i + 1];
    // Of a word that only begins like this, no pair is known.
    if (next === undefined || begin !== '' || next.begin !== '') return [];
    const marks = pairMarksOf(forms, next.forms);
    return marks === null ? [] : either([...marks, anyPair].map(quoted));
  });
  return both([phraseQuery(text), ...pairs]);
}

/** What stands in each place of a phrase: one of these, or what begins like it. */
function stepsOf(text: string): { forms: string[]; begin: '' | ':*' }[] {
  return [...wordsIn(text)].flatMap(({ forms, parts, pair }) => {
    if (pair === 'last') return [];
    return { forms: [...forms, ...parts], begin: pair === 'alone' ? ':*' : '' };
  });
}

/** Words that begin like this; of several, the last. */
export function prefixQuery(text: string): string | null {
  const words = [...wordsIn(text)];
  const last = words.at(-1);
  if (last === undefined || last.pair !== null) return wordQuery(text);
  const begun = either(last.forms.map((form) => `${quoted(form)}:*`));
  return both([...words.slice(0, -1).map((word) => oneWord(word, false)), begun]);
}

export function filterQuery(field: string, values: string[]): string {
  return either(values.map((value) => quoted(filterMark(field, value))));
}

function oneWord({ forms, parts, pair }: Word, exact: boolean): string | null {
  // The pair before holds the last sign.
  if (pair === 'last') return null;
  if (pair !== null) return `${quoted(forms[0] ?? '')}${pair === 'alone' ? ':*' : ''}`;
  const whole = either(forms.flatMap((form) => alternatives(form, exact)));
  const inner = both(parts.map((part) => either(alternatives(part, exact))));
  return inner === null ? whole : either([whole, inner]);
}

function alternatives(form: string, exact: boolean): string[] {
  return [form, ...(exact ? [] : stemMarksOf(form))].map(quoted);
}

/** A question is never detected: its words have stems in every language of their script. */
export function stemMarksOf(form: string): string[] {
  const script = scriptOf(form);
  const languages = script === null ? [] : languagesOf[script];
  return languages.flatMap((language) =>
    stemsOf(language, form).map((stem) => stemMark(language, stem)),
  );
}

export function either(queries: string[]): string {
  const once = [...new Set(queries)];
  return once.length === 1 ? (once[0] ?? '') : `(${once.join(' | ')})`;
}

export function both(queries: (string | null)[]): string | null {
  const once = [...new Set(queries.filter((one) => one !== null))];
  return once.length < 2 ? (once[0] ?? null) : `(${once.join(' & ')})`;
}
