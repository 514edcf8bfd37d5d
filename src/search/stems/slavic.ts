/** Russian and Ukrainian: cases and genders; verbs have stems of their own, so that they meet only verbs. */
import { allOf, without } from './endings.ts';

const russianEnding =
  /(?:иями|ями|ами|иях|иям|ием|ией|ыми|ими|ого|его|ому|ему|ях|ах|ям|ам|ов|ев|ей|ой|ый|ий|ая|яя|ое|ее|ие|ые|их|ых|ым|им|ом|ем|ую|юю|ою|ею|ия|ию|ии|ью|ья|ье|[аяоеиыуюьй])$/;
const russianVerb =
  /(?:л(?:ась|ось|ись|ся)|[еи]те|вши[йхм]|вшая|вшие|ться|тся|[еи]шь|[лт][аои]|ут|ют|ат|ят|ет|ит|[еи]м|ть|л)$/;
const ukrainianEnding =
  /(?:ями|ами|ові|еві|єві|ому|ього|ьому|ого|ими|іми|ів|їв|ей|ий|ій|ої|ьої|их|іх|ам|ям|ах|ях|ою|ею|єю|ом|ем|єм|им|ім|ію|ії|ія|[аяоеєиіїуюьй])$/;
const ukrainianVerb =
  /(?:вся|лася|лося|лися|тися|[еєи]ться|[лт][аои]|[еєи]мо|[еєи]те|[еєи]ш|уть|ють|ать|ять|ить|[еє]|в)$/;

export function russian(word: string): string[] {
  return declined(word, russianEnding, russianVerb);
}

export function ukrainian(word: string): string[] {
  const stems = declined(word, ukrainianEnding, ukrainianVerb);
  // A closed syllable has і where an open one has о or е: міст, мосту.
  const opened = /^(.+)і([^аеєиіїоуюя])$/.exec(word);
  return opened === null
    ? stems
    : allOf(stems, `${opened[1]}о${opened[2]}`, `${opened[1]}е${opened[2]}`);
}

function declined(word: string, ending: RegExp, verbEnding: RegExp): string[] {
  const bare = without(word, ending);
  const nearly = without(word, /[аяоеєиіїыуюьй]$/);
  const nouns = allOf(word, bare, nearly);
  const verb = without(word, verbEnding);
  return allOf(
    nouns,
    // Of a participle: замеченный, замечен.
    /.{3}нн(?:ый|ая|ое|ые|ого|ому|ыми|ым|ых|ой|ую|ом|ий|а|е|і|их|им|ої)$/.test(word)
      ? word.replace(/нн[^н]+$/, 'н')
      : null,
    fleeting(without(word, /ь$/) ?? word),
    verb === null ? null : `+${verb.replace(/(.{3})[аяиеєоіу]$/, '$1')}`,
  );
}

/** `деревень` is of `деревня`, `мешканець` of `мешканці`: the last vowel comes and goes. */
function fleeting(stem: string): string | null {
  const found = /^(.{2,}[^аеєёиіїоуыэюя])[оеє]([^аеєёиіїоуыэюяьй])$/.exec(stem);
  return found === null ? null : `${found[1]}${found[2]}`;
}
