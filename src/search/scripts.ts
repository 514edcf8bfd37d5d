/** Which scripts a word is written in, and which languages use them. */

/** Codes as ISO 639-1 has them. */
export type Language =
  | 'en'
  | 'fr'
  | 'de'
  | 'es'
  | 'it'
  | 'pt'
  | 'nl'
  | 'tr'
  | 'ru'
  | 'uk'
  | 'ar'
  | 'fa'
  | 'ur'
  | 'he'
  | 'hi'
  | 'el';

type Script = 'Latin' | 'Cyrillic' | 'Arabic' | 'Hebrew' | 'Devanagari' | 'Greek';

/** Languages whose inflections are known, by script. */
export const languagesOf: Record<Script, Language[]> = {
  Latin: ['en', 'fr', 'de', 'es', 'it', 'pt', 'nl', 'tr'],
  Cyrillic: ['ru', 'uk'],
  Arabic: ['ar', 'fa', 'ur'],
  Hebrew: ['he'],
  Devanagari: ['hi'],
  Greek: ['el'],
};

const scripts: [Script, RegExp][] = [
  ['Latin', /\p{sc=Latin}/u],
  ['Cyrillic', /\p{sc=Cyrillic}/u],
  ['Arabic', /\p{sc=Arabic}/u],
  ['Hebrew', /\p{sc=Hebrew}/u],
  ['Devanagari', /\p{sc=Devanagari}/u],
  ['Greek', /\p{sc=Greek}/u],
];

/** The script of its first letter that has one here; `null` for digits and for other scripts. */
export function scriptOf(word: string): Script | null {
  if (/^[a-z]/.test(word)) return 'Latin';
  return scripts.find(([, letters]) => letters.test(word))?.[0] ?? null;
}

/** Written without spaces, or with particles that stick to words: cut into overlapping pairs. */
export const pairedLetters =
  '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Hangul}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}\\u3005\\u30fc\\uff70\\uff9e\\uff9f';
