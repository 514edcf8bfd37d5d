/** What people ask an archive of `size` captures: of every kind as often as they like, never the same twice. */
import type { Question } from '../../src/model/found-capture.ts';
import { authorOf, caseOf, commonWord, firstOpened, middlingWord, rareWord } from './find-seed.ts';

/** Of each kind so many. */
export const asks = 100;

export function questions(size: number): Record<string, (i: number) => Question> {
  const place = (i: number) => Math.floor(((i + 0.5) * size) / asks);
  return {
    'rare word': (i) => ({ text: rareWord(place(i)) }),
    'common word': (i) => ({ text: `${commonWord} -nothing${i}` }),
    'word between': (i) => ({ text: middlingWord(20 * (i + 1) ** 2) }),
    'two words': (i) => ({ text: `${middlingWord(5 + i)} ${middlingWord(300 + 7 * i)}` }),
    phrase: (i) => ({ text: `"army ${middlingWord(3 + i * 3)}"` }),
    prefix: (i) => ({ text: `${middlingWord(50 + 31 * i).slice(0, 5)}*` }),
    'two filters': (i) => ({ text: `author:${authorOf(i * 11)} has:video` }),
    'word and two filters': (i) => ({ text: `${middlingWord(9 + i)} state:partial platform:web` }),
    'word in a month': (i) => ({
      text: `${middlingWord(9 + i)} after:2025-0${1 + (i % 9)} before:2025-1${i % 3}`,
    }),
    case: (i) => ({ case: caseOf(i * 3) }),
    'best first': (i) => ({ text: middlingWord(40 + 9 * i), order: 'best' }),
    'part of a link': (i) => ({ text: `link:status/${place(i)}` }),
    'newest 50': (i) => ({ until: new Date(firstOpened + (place(i) + 100) * 60_000) }),
    'found by nothing': (i) => ({ text: `absent${i}word` }),
  };
}
