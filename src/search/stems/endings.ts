/** Taking endings off words. */

/** The word without the first of these endings that it has, as long as `least` letters stay. */
export function without(word: string, endings: RegExp, least = 3): string | null {
  const found = endings.exec(word);
  if (found === null || found[0] === '' || found.index < least) return null;
  return word.slice(0, found.index);
}

/** The word without each of these endings that it has. */
export function withoutEach(word: string, endings: string[], least = 3): string[] {
  return endings
    .filter((ending) => word.endsWith(ending) && word.length - ending.length >= least)
    .map((ending) => word.slice(0, word.length - ending.length));
}

/** Adds what was found, and leaves out what wasn't. */
export function allOf(...found: (string | null | string[])[]): string[] {
  return [...new Set(found.flat().filter((stem) => stem !== null && stem !== ''))] as string[];
}
