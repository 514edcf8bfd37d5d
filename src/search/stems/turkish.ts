/** Turkish hangs one ending on to the other: each way of taking some off is a stem. */
import { allOf, without } from './endings.ts';

/** Folded, so ı and i, u and ü, ş and s are one. */
const endings =
  /(?:larindan|lerinden|larinda|lerinde|larini|lerini|larina|lerine|larin|lerin|lari|leri|lar|ler|sindan|sinden|sinda|sinde|sunda|sunde|indan|inden|undan|unden|inda|inde|unda|unde|daki|deki|taki|teki|dan|den|tan|ten|da|de|ta|te|nin|nun|in|un|yla|yle|la|le|yi|yu|ya|ye|si|su|imiz|umuz|iniz|unuz|im|um|iyor|uyor|miyor|muyor|acak|ecek|mis|mus|di|du|ti|tu|dir|dur|tir|tur|li|lu|siz|suz|mak|mek|[aeiu])$/;

export function turkish(word: string): string[] {
  const stems = [word];
  for (let rest: string | null = word; rest !== null && stems.length < 4; ) {
    rest = without(rest, endings);
    if (rest !== null) stems.push(rest);
  }
  return allOf(stems, stems.slice(1).map(hardened));
}

/** `kitab-ı` is of `kitap`, `ışığ-ı` of `ışık`. */
function hardened(stem: string): string {
  return stem.replace(/b$/, 'p').replace(/d$/, 't').replace(/g$/, 'k');
}
