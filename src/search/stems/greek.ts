/** Greek: the endings of nouns, adjectives and regular verbs. Accents and final sigma are folded. */
import { allOf, without } from './endings.ts';

export function greek(word: string): string[] {
  return allOf(
    word,
    without(word, /[αειηουω]σ?$/),
    without(
      word,
      /(?:ματων|ματοσ|ματα|μα|εισ|εων|εωσ|ουσ|οσ|ου|οι|ων|ησ|ησε|εσ|ασ|ισ|ιου|ια|ηκε|ηκαν|ονται|εται|ουν|αν|ει|[αειηουω])$/,
    ),
  );
}
