/** In which languages a text is likely to be written, by its letters and its commonest words. */
import { type Language, languagesOf, scriptOf } from './scripts.ts';

/** Folded, as the words that are counted. */
const commonWords: Partial<Record<Language, Set<string>>> = {
  en: words('the and of to in was were is are that with for on by from has have after not this at'),
  fr: words(
    'le la les des une un et est dans pour sur par du au aux ont que qui pres de il elle ne pas',
  ),
  de: words(
    'der die das und ist in den von zu mit des im auf ein eine nicht wurde sich dem hat bei nach',
  ),
  es: words('el los las una un de en que por con del se su y fue para la al lo como mas han'),
  it: words('il lo gli della di che per con una un del nel sono e le la alla dei delle si non'),
  pt: words('o os as um uma do da dos das em que por com nao para foi e no na ao mais'),
  nl: words('de het een en van in op met voor niet is dat zijn bij aan werd door te uit'),
  tr: words('ve bir bu da de icin ile oldu gore olarak daha cok sonra ise en kadar'),
};

/** With how many words they count for: no neighbour has ı and ş. */
const tellingLetters: [Language, RegExp, number][] = [
  ['tr', /[ışğİ]/u, 4],
  ['de', /[äöüß]/u, 2],
  ['fr', /[çèêœ]|[ldn]’/u, 2],
  ['es', /[ñ¿¡]/u, 2],
  ['pt', /[ãõ]/u, 2],
];

/** A word that stands in the text, with how it is written there. */
const enough = 2;
/** Texts without a sign of their language are stemmed in all of their script, as long as they are short. */
const shortText = 60;

/** Per script of the text; the likeliest first. */
export function detectLanguages(text: string, folded: Iterable<string>): Language[] {
  const latin: string[] = [];
  const scripts = new Set<string>();
  for (const word of folded) {
    const script = scriptOf(word);
    if (script === 'Latin') latin.push(word);
    else if (script !== null) scripts.add(script);
  }
  return [
    ...(scripts.has('Arabic') ? ofArabicLetters(text) : []),
    ...(scripts.has('Cyrillic') ? ofCyrillicLetters(text) : []),
    ...(scripts.has('Hebrew') ? languagesOf.Hebrew : []),
    ...(scripts.has('Devanagari') ? languagesOf.Devanagari : []),
    ...(scripts.has('Greek') ? languagesOf.Greek : []),
    ...(latin.length > 0 ? ofLatinWords(text, latin) : []),
  ];
}

function ofArabicLetters(text: string): Language[] {
  if (/[ٹڈڑںےہھ]/u.test(text)) return ['ur'];
  // ya and kaf tell the keyboard, and some type Persian on an Arabic one.
  if (/[پچژگ]/u.test(text)) return /[ةىأإ]/u.test(text) ? ['fa', 'ar'] : ['fa'];
  if (/[ةىأإ]|(?:^|\s)ال/u.test(text)) return ['ar'];
  return /[یک]/u.test(text) ? ['fa', 'ur', 'ar'] : languagesOf.Arabic;
}

function ofCyrillicLetters(text: string): Language[] {
  const [ukrainian, russian] = [/[іїєґ]/iu.test(text), /[ыэъё]/iu.test(text)];
  if (ukrainian === russian) return languagesOf.Cyrillic;
  return ukrainian ? ['uk'] : ['ru'];
}

function ofLatinWords(text: string, latin: string[]): Language[] {
  const scores = languagesOf.Latin.map((language) => {
    const common = latin.filter((word) => commonWords[language]?.has(word)).length;
    const letters = tellingLetters.find(([of, signs]) => of === language && signs.test(text));
    return { language, score: common + (letters?.[2] ?? 0) };
  }).sort((one, other) => other.score - one.score);
  const best = scores[0]?.score ?? 0;
  if (best < enough) return latin.length > shortText ? ['en'] : languagesOf.Latin;
  return scores.filter(({ score }) => score >= best * 0.6).map(({ language }) => language);
}

/** The one language that the text is said to be in; `null` where nothing tells. */
export function mainLanguage(text: string, detected: Language[]): string | null {
  const kana = count(text, /[\p{sc=Hiragana}\p{sc=Katakana}]/gu);
  const han = count(text, /\p{sc=Han}/gu);
  const others: [string, number][] = [
    ['ko', count(text, /\p{sc=Hangul}/gu)],
    ['th', count(text, /\p{sc=Thai}/gu)],
    ['km', count(text, /\p{sc=Khmer}/gu)],
    ['lo', count(text, /\p{sc=Lao}/gu)],
    ['my', count(text, /\p{sc=Myanmar}/gu)],
    [kana * 10 > han ? 'ja' : 'zh', kana + han],
  ];
  const [name, size] = others.sort((one, other) => other[1] - one[1])[0] ?? ['', 0];
  const spelled = count(text, /\p{L}/gu) - others.reduce((sum, [, units]) => sum + units, 0);
  // A sign stands for about half a word.
  if (size > 0 && size * 2 >= spelled) return name;
  return detected.length === 0 || detected.length > 2 ? null : (detected[0] ?? null);
}

function count(text: string, letters: RegExp): number {
  return text.match(letters)?.length ?? 0;
}

function words(list: string): Set<string> {
  return new Set(list.split(' '));
}
