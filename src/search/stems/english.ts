/** English: plurals, verb forms, and the irregular ones that reports are full of. */
import { allOf } from './endings.ts';

const irregular = new Map(
  `child children|man men|woman women|person people|foot feet|tooth teeth|mouse mice|goose geese
  |wife wives|knife knives|life lives|half halves|leaf leaves|thief thieves|wolf wolves|shelf shelves
  |crisis crises|basis bases|be is are was were been am|have has had|do does did done|go goes went gone
  |say said|see saw seen|find found|run ran|shoot shot|kill killed|die died dying dies|dig dug|hit hits
  |flee fled|fight fought|fly flew flown flies|fall fell fallen|burn burnt burned|bring brought|buy bought
  |build built|catch caught|come came|cut cuts|draw drew drawn|drive drove driven|eat ate eaten
  |feel felt|forbid forbade forbidden|forget forgot forgotten|get got gotten|give gave given|grow grew grown
  |hang hung|hear heard|hide hid hidden|hold held|hurt hurts|keep kept|know knew known|lay laid|lead led
  |leave left|lie lay lain lying|lose lost|make made|mean meant|meet met|pay paid|put puts|read reads
  |ride rode ridden|rise rose risen|sell sold|send sent|set sets|shake shook shaken|show shown|shut shuts
  |sing sang sung|sink sank sunk|sit sat|sleep slept|speak spoke spoken|spend spent|stand stood|steal stole stolen
  |strike struck stricken|swear swore sworn|take took taken|teach taught|tell told|think thought
  |throw threw thrown|wake woke woken|wear wore worn|win won|write wrote written|break broke broken
  |begin began begun|blow blew blown|bleed bled|become became|choose chose chosen|freeze froze frozen
  |overthrow overthrew overthrown|withdraw withdrew withdrawn|withhold withheld|seek sought`
    .split('|')
    .flatMap((line) => {
      const [base = '', ...forms] = line.trim().split(/\s+/);
      return forms.map((form) => [form, base] as const);
    }),
);

export function english(word: string): string[] {
  const base = irregular.get(word);
  return allOf(word, base ?? null, plural(word), past(word), going(word));
}

function plural(word: string): string[] {
  if (word.length < 4 || !word.endsWith('s') || /(?:ss|us|is)$/.test(word)) return [];
  const one = word.slice(0, -1);
  if (/ies$/.test(word)) return [`${word.slice(0, -3)}y`, one];
  if (/(?:s|x|z|ch|sh|o)es$/.test(word)) return [word.slice(0, -2), one];
  return [one];
}

function past(word: string): string[] {
  if (!word.endsWith('ed') || word.length < 5) return [];
  if (word.endsWith('ied')) return [`${word.slice(0, -3)}y`];
  return [...rootsOf(word.slice(0, -2)), word.slice(0, -1)];
}

function going(word: string): string[] {
  if (!word.endsWith('ing') || word.length < 6) return [];
  const root = word.slice(0, -3);
  return [...rootsOf(root), `${root}e`];
}

/** `stopp` → `stop`; a root without a vowel is none. */
function rootsOf(root: string): string[] {
  if (!/[aeiouy]/.test(root)) return [];
  return /([bdgklmnprt])\1$/.test(root) ? [root, root.slice(0, -1)] : [root];
}
