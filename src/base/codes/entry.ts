/** What every code must say of itself; the pages in `docs/reference` are made from it. */

export interface CodeEntry {
  /** What it says, in one sentence. */
  meaning: string;
  /** When it arises. */
  when: string;
  /** What to do about it. */
  todo: string;
}

/** Keeps the names of a table as a type, so that a code that is not in it does not compile. */
export function codeTable<Name extends string>(
  table: Record<Name, CodeEntry>,
): Readonly<Record<Name, CodeEntry>> {
  return table;
}
