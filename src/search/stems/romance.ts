/** French, Spanish, Italian and Portuguese: number, gender, and the regular verb forms. */
import { allOf, without } from './endings.ts';

export function french(word: string): string[] {
  const one = without(word, /[sx]$/) ?? word;
  const masculine = one
    .replace(/(.{3})ive$/, '$1if')
    .replace(/(.{3})euse$/, '$1eur')
    .replace(/(.{2})(el|en|on)[ln]e$/, '$1$2');
  return allOf(
    word,
    one,
    masculine,
    /.{2}aux$/.test(word) ? `${word.slice(0, -3)}al` : null,
    without(word, /(?:ees|ee|es|e)$/),
    without(
      word,
      /(?:eraient|iraient|erait|erons|eront|erez|aient|issent|ions|ant|ait|ais|ent|ons|era|ira|ez|er|ir|it|is|a)$/,
      4,
    ),
  );
}

export function spanish(word: string): string[] {
  const one = /ces$/.test(word)
    ? `${word.slice(0, -3)}z`
    : (without(word, /(?<=[^aeiou])es$|s$/) ?? word);
  return allOf(
    word,
    one,
    without(word, /s$/),
    without(one, /[aeo]$/),
    without(
      word,
      /(?:iendo|ieron|arian|erian|irian|abais|aron|aban|aran|eran|iran|ando|ados|adas|idos|idas|aria|eria|iria|amos|emos|imos|aste|iste|ado|ada|ido|ida|aba|ara|era|ira|are|ere|ire|ian|ar|er|ir|an|en|io|ia)$/,
    ),
  );
}

export function italian(word: string): string[] {
  return allOf(
    word,
    without(word, /(?:h[ei]|i[eo]|[aeio])$/),
    without(
      word,
      /(?:avano|evano|ivano|arono|erono|irono|ando|endo|ato|ata|ati|ate|uto|uta|uti|ute|are|ere|ire|ano|ono|ava|eva|iva)$/,
    ),
  );
}

export function portuguese(word: string): string[] {
  const one = word
    .replace(/(.{2})(?:oes|aes)$/, '$1ao')
    .replace(/(.{2})ais$/, '$1al')
    .replace(/(.{2})eis$/, '$1el')
    .replace(/(.{2})ns$/, '$1m')
    .replace(/(.{2}[rzs])es$/, '$1')
    .replace(/(.{2})s$/, '$1');
  return allOf(
    word,
    one,
    without(one, /[aeo]$/),
    without(
      word,
      /(?:aram|eram|iram|avam|ando|endo|indo|ados|adas|idos|idas|ado|ada|ido|ida|ava|ara|era|ira|amos|emos|imos|ou|eu|iu|am|em|ar|er|ir)$/,
    ),
  );
}
