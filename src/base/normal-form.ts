/**
 * Unicode normalisation of text from outside. Putting a row of combining marks in order takes
 * time with the square of its length, so marks beyond the thirtieth in a row, more than any
 * script has (UAX 15, stream-safe text), are normalised in a piece of their own.
 */
export function normalForm(text: string, form: 'NFC' | 'NFKC' = 'NFC'): string {
  const pieces = text.split(/(?<=\p{M}{30})/u);
  return pieces.map((piece) => piece.normalize(form)).join('');
}
