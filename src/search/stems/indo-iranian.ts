/** Persian, Urdu and Hindi: plurals, cases, and the commonest verb forms. */
import { allOf, without, withoutEach } from './endings.ts';

export function persian(word: string): string[] {
  const many = without(word, /(?:هايشان|هايمان|هاي|هايي|هايش|هايم|ها|گان|يان|ان)$/);
  const verb = /^ن?مي(.{2,})$/.exec(word)?.[1] ?? null;
  const forms = allOf(word, many, verb);
  return allOf(
    forms,
    forms.flatMap((form) =>
      withoutEach(form, ['ترين', 'تر', 'ي', 'اي', 'اند', 'ند', 'يد', 'يم', 'م', 'د', 'ه']),
    ),
    // The infinitive: گذشتن, گذشت.
    /[تد]ن$/.test(word) ? without(word, /ن$/) : null,
  );
}

export function urdu(word: string): string[] {
  return allOf(
    word,
    withoutEach(word, ['يون', 'ياں', 'يان', 'ون', 'ين', 'ات', 'ا', 'ه', 'ي', 'و', 'نا', 'ني']),
  );
}

export function hindi(word: string): string[] {
  return allOf(
    word,
    withoutEach(
      word,
      [
        'ियों',
        'ियां',
        'ाओं',
        'ाएं',
        'ुओं',
        'ओं',
        'ों',
        'ें',
        'ीं',
        'एं',
        'ा',
        'े',
        'ी',
        'ि',
        'ो',
        'ु',
        'ू',
        'ना',
        'ने',
        'नी',
        'ता',
        'ते',
        'ती',
        'कर',
      ],
      2,
    ),
  );
}
