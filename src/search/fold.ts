/** One spelling for the many that a word can have: what is folded away is what people leave out when they type. */

/** Letters that stand for others, or that differ by keyboard only. */
const letters: Record<string, string> = {
  ß: 'ss',
  ı: 'i',
  œ: 'oe',
  æ: 'ae',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ħ: 'h',
  ґ: 'г',
  ς: 'σ',
  // Arabic, Persian and Urdu keyboards write one letter in several ways.
  ة: 'ه',
  ۃ: 'ه',
  ہ: 'ه',
  ھ: 'ه',
  ە: 'ه',
  ى: 'ي',
  ی: 'ي',
  ې: 'ي',
  ے: 'ي',
  ک: 'ك',
  ڪ: 'ك',
  ں: 'ن',
  ٱ: 'ا',
  // Hebrew letters at the end of a word.
  ך: 'כ',
  ם: 'מ',
  ן: 'נ',
  ף: 'פ',
  ץ: 'צ',
  // Devanagari: one nasal sign for two.
  'ँ': 'ं',
};

const strange = new RegExp(`[${Object.keys(letters).join('')}]`, 'gu');
/** Accents, points and vowel signs that writers leave out; in Indic and Thai script marks are letters. */
const accents = /(?<=[\p{sc=Latin}\p{sc=Greek}][\p{M}]*)\p{M}/gu;
const points =
  /[\u0300\u0301\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u093c]|(?<=е)\u0308/gu;
/** Stretching, and signs that only join, part or turn letters. */
const unwritten = /[\u0640\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u061c]/gu;
const digits = /[\p{Nd}--[0-9]]/gv;

/** Word by word; apostrophes are left to whoever takes words apart. */
export function fold(word: string): string {
  // Most words of most texts.
  if (/^[a-z0-9]*$/.test(word)) return word;
  const plain = word
    .normalize('NFKC')
    .replaceAll('İ', 'i')
    .toLowerCase()
    .normalize('NFD')
    .replace(unwritten, '')
    .replace(accents, '')
    .replace(points, '')
    .normalize('NFC');
  return plain.replace(strange, (letter) => letters[letter] ?? letter).replace(digits, inAscii);
}

/** Every script's digits stand in rows of ten, zero first. */
function inAscii(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  for (let value = 0; value <= 9; value += 1)
    if (!/\p{Nd}/u.test(String.fromCodePoint(code - value - 1)) || value === 9)
      return String(value);
  return digit;
}

/** As Germans write it on a keyboard without umlauts; `null` where there is none. */
export function withoutUmlauts(word: string): string | null {
  const written = word.normalize('NFC').toLowerCase();
  if (!/[äöü]/.test(written)) return null;
  return fold(written.replaceAll('ä', 'ae').replaceAll('ö', 'oe').replaceAll('ü', 'ue'));
}
