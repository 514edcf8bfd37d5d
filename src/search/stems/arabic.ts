/**
 * Arabic: the article, what is written together with a word, endings, and the singulars that a
 * broken plural can have. Letters are folded: ة is ه, ى is ي, every alif is ا.
 */
import { allOf, without } from './endings.ts';

export function arabic(word: string): string[] {
  const bare = withoutClitics(word);
  const endless = bare.flatMap((stem) => [stem, ...withoutEndings(stem)]);
  // What ends in ة is not a broken plural: شهادة is not of شاهد.
  const plurals = bare.flatMap((stem) => [stem, without(stem, /(?:هم|هن|كم|نا|ها)$/) ?? stem]);
  return allOf(word, endless, plurals.flatMap(singularsOf), imperfect(word));
}

function withoutClitics(word: string): string[] {
  const stems = [word];
  const definite = /^[وف]?(?:[بك]?ال|لل)(.{3,})$/.exec(word)?.[1];
  if (definite !== undefined) return [word, definite];
  const joined = /^[وف](.{3,})$/.exec(word)?.[1];
  if (joined !== undefined) stems.push(joined);
  const held = /^[وف]?[بلك](.{4,})$/.exec(word)?.[1];
  if (held !== undefined) stems.push(held);
  return stems;
}

const owners = /(?:هما|كما|هم|هن|كم|كن|نا|ها|ه)$/;

function withoutEndings(stem: string): string[] {
  const one = without(stem, /(?:تين|تان|ات|ون|ين|ان|وا|ت)$/);
  const owned = without(stem, owners);
  return allOf(one, owned, owned === null ? null : without(owned, /(?:ات|ون|ين|ت)$/));
}

/** Shapes of broken plurals, with the singulars that each can belong to. */
const shapes: [RegExp, string[]][] = [
  [/^(.)وا(.)(.)$/, ['$1ا$2$3']], // قوافل: قافلة
  [/^(.)وا(.)ي(.)$/, ['$1ا$2و$3', '$1ا$2ي$3']], // صواريخ: صاروخ
  [/^(.)(.)ا(.)ي(.)$/, ['$1$2$3ي$4', '$1$2$3و$4', '$1$2$3ا$4']], // تقارير: تقرير
  [/^(.)(.)اي(.)$/, ['$1$2ي$3', '$1$2ا$3']], // رسائل: رسالة
  [/^(.)(.)ا(.)(.)$/, ['$1$2$3$4']], // مدارس: مدرسة
  [/^ا(.)(.)ا(.)$/, ['$1$2$3', '$1ا$2$3']], // أطفال: طفل
  [/^(.)(.)و(.)$/, ['$1$2$3', '$1ا$2$3', '$1$2$3ي']], // جسور: جسر
  [/^(.)(.)ا(.)$/, ['$1$2$3', '$1ا$2$3', '$1$2ي$3']], // جبال: جبل, طلاب: طالب
  [/^(.)(.)(.)اء?$/, ['$1$2ي$3', '$1ا$2$3']], // شهداء: شهيد
  [/^ا(.)(.)(.)ه?$/, ['$1$2ا$3']], // أسلحة: سلاح
  [/^(.)(.)(.)$/, ['$1$2ا$3', '$1$2ي$3']], // كتب: كتاب, مدن: مدينة
];

function singularsOf(stem: string): string[] {
  return shapes.flatMap(([shape, singulars]) =>
    shape.test(stem) ? singulars.map((singular) => stem.replace(shape, singular)) : [],
  );
}

/** `تعبر`, `يعبر` and `عبر` are one verb. */
function imperfect(word: string): string | null {
  return /^[يت](.{3})$/.exec(word)?.[1] ?? null;
}
