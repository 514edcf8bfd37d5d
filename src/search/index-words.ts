/**
 * What a text is found by: its words with their places, and their stems by language, as a
 * `tsvector` is written. The same marks are made for a question in `query/`.
 */
import { detectLanguages, mainLanguage } from './detect-language.ts';
import { type Language, languagesOf, scriptOf } from './scripts.ts';
import { stemsInText } from './stems/stems.ts';
import { anyPair, pairMarksIn } from './word-pairs.ts';
import { type Word, wordsIn } from './words.ts';

/** `A` counts most when the best are to come first: what somebody wrote or named, not what stood around it. */
export type Weight = 'A' | 'B' | 'C' | 'D';

export interface WeightedText {
  text: string;
  weight: Weight;
}

export interface Indexed {
  /** Text of a `tsvector`. */
  vector: string;
  /** Main languages of its texts. */
  languages: string[];
}

/** A `tsvector` holds 1 MiB and places up to 16383; only the beginning of longer texts is searchable. */
const longestText = 100_000;
const lastPlace = 16_383;
const mostPlaces = 40;
const largestVector = 700_000;

/** @param marks what else it is found by: `filterMark` */
export function indexWords(texts: WeightedText[], marks: string[]): Indexed {
  const places = new Map<string, string[]>();
  const stems = new Set<string>();
  const pairs = new Set<string>();
  const languages = new Set<string>();
  let place = 1;
  for (const { text, weight } of texts) {
    const read = text.slice(0, longestText);
    const words = [...wordsIn(read)];
    const detected = detectLanguages(read, words.flatMap(spelledForms));
    const main = mainLanguage(read, detected);
    // A title of three words tells little.
    if (main !== null && (weight === 'A' || weight === 'C')) languages.add(main);
    for (const word of words) {
      for (const form of [...word.forms, ...word.parts, ...word.clinging])
        addPlace(places, form, place, weight);
      place += 1;
    }
    addStems(stems, words, detected);
    for (const mark of pairMarksIn(words)) pairs.add(mark);
    // So that no phrase runs from one text into the next.
    place += 10;
  }
  const spoken = [...languages].map((language) => filterMark('lang', language));
  return {
    vector: written(places, [...marks, ...spoken, ...stems], pairs),
    languages: [...languages],
  };
}

function spelledForms({ pair, forms }: Word): string[] {
  return pair === null ? forms.slice(0, 1) : [];
}

function addPlace(places: Map<string, string[]>, form: string, place: number, weight: Weight) {
  const held = places.get(form) ?? [];
  if (held.length === 0) places.set(form, held);
  if (held.length < mostPlaces) held.push(`${Math.min(place, lastPlace)}${weight}`);
}

function addStems(stems: Set<string>, words: Word[], detected: Language[]): void {
  const spelled = new Set(
    words.flatMap(({ pair, forms, parts }) => (pair === null ? [...forms, ...parts] : [])),
  );
  for (const form of spelled) {
    const script = scriptOf(form);
    if (script === null) continue;
    for (const language of detected.filter((one) => languagesOf[script].includes(one)))
      for (const stem of stemsInText(language, form)) stems.add(stemMark(language, stem));
  }
}

/** Their endings would make strangers of other languages meet. */
const apart = new Set<Language>(['tr', 'ar', 'fa', 'ur']);

/**
 * No word has such a character, so stems and filters never meet words. Neighbours share a mark
 * where they share a stem: a question in all languages of its script has few look-ups then.
 */
export function stemMark(language: Language, stem: string): string {
  return apart.has(language) ? `~${language} ${stem}` : `~${stem}`;
}

/** What a field holds, as one mark among the words: words and fields are then one look-up. */
export function filterMark(field: string, value: string): string {
  return `=${field} ${value.normalize('NFKC').toLowerCase().trim()}`.slice(0, 500);
}

/** Words first: where a text is too rich, stems are left out before them; and pairs are all there, or none. */
function written(
  places: Map<string, string[]>,
  unplaced: string[],
  pairs: ReadonlySet<string>,
): string {
  const parts: string[] = [];
  let size = 0;
  const add = (part: string) => {
    size += Buffer.byteLength(part) + 8;
    if (size < largestVector) parts.push(part);
  };
  for (const mark of unplaced.filter((one) => one.startsWith('='))) add(quoted(mark));
  for (const [form, held] of places) add(`${quoted(form)}:${held.join(',')}`);
  for (const mark of unplaced.filter((one) => !one.startsWith('='))) add(quoted(mark));
  const paired = [...pairs].map(quoted);
  const pairsSize = paired.reduce((sum, mark) => sum + mark.length + 8, 0);
  if (size + pairsSize < largestVector) parts.push(...paired);
  else parts.push(quoted(anyPair));
  return parts.join(' ');
}

/** As PostgreSQL reads a lexeme. */
export function quoted(lexeme: string): string {
  return `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
