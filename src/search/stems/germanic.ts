/** German and Dutch: cases, plurals, verb forms, and the words that others are put together of. */
import { allOf, without, withoutEach } from './endings.ts';

export function german(word: string): string[] {
  // Umlauts are folded to their vowels, also where they are written with an e.
  const umlauts = word.replaceAll(/([aou])e/g, '$1');
  return umlauts === word ? inflected(word) : allOf(inflected(word), inflected(umlauts));
}

function inflected(word: string): string[] {
  const participle = /^ge(.{3,}?)(?:en|e?t)$/.exec(word)?.[1] ?? null;
  return allOf(
    word,
    withoutEach(word, ['ern', 'em', 'er', 'en', 'es', 'e', 's', 'n']),
    withoutEach(word, ['innen', 'in', 'nisse', 'nissen'], 4),
    withoutEach(word, ['eten', 'etet', 'ete', 'ten', 'te', 'et', 't', 'st', 'end', 'ende'], 4),
    participle,
  );
}

export function dutch(word: string): string[] {
  const stems = allOf(
    word,
    withoutEach(word, ['en', 'e', 's', 'n', 'eren']),
    withoutEach(word, ['ten', 'den', 'te', 'de', 't'], 4),
    /^ge(.{3,}?)(?:en|[dt])$/.exec(word)?.[1] ?? null,
  );
  return allOf(stems, stems.map(closed));
}

/** `straten` and `straat`, `huizen` and `huis` have one root. */
function closed(stem: string): string {
  return stem
    .replace(/([aeou])\1(?=[^aeiou]$)/, '$1')
    .replace(/([bdfgklmnprst])\1$/, '$1')
    .replace(/z$/, 's')
    .replace(/v$/, 'f');
}

const leastPart = 5;
const leastCompound = 10;
/** How a German or Dutch word can begin, and how it can end. */
const onset =
  /^(?:[bcdfghjklmnprstvwz]?[aeiouy]|[bfgkp][lr]|[dtw]r|kn|gn|pf|qu|s(?:ch|[cklmnpt])|zw|schw|ph|th|ch|wr)/;
const vowel = /[aeiouy]/;

/** Beginnings and ends of a long word that could be words: `fahrzeug` of `panzerfahrzeug`. */
export function compoundParts(word: string): string[] {
  if (word.length < leastCompound || !/^[a-z]+$/.test(word)) return [];
  const parts: string[] = [];
  for (let at = 3; at <= word.length - 3; at += 1) {
    const [head, tail] = [word.slice(0, at), word.slice(at)];
    if (!vowel.test(head) || !vowel.test(tail) || !onset.test(tail)) continue;
    if (head.length >= leastPart)
      parts.push(head, without(head, /(?:en|es|s|n)$/, leastPart) ?? head);
    if (tail.length >= leastPart) parts.push(tail);
  }
  return [...new Set(parts)];
}
