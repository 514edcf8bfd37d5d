/** The part of a query that is looked for, as against what must not be there: what is marked, and what ranks. */

import type { Query } from './query.ts';
import { both, phraseQuery, prefixQuery, wordQuery } from './terms.ts';

type Leaf = Extract<Query, { text: string }>;

/** Words, beginnings and phrases that are looked for. */
export function soughtIn(query: Query | null): Leaf[] {
  if (query === null || query.kind === 'not') return [];
  if (query.kind === 'field' || query.kind === 'captures') return [];
  if ('of' in query) return query.of.flatMap(soughtIn);
  return query.text.includes('://') ? [] : [query];
}

/** All of them as they were typed: what has these ranks first. `null` where no word is sought. */
export function exactQuery(query: Query | null): string | null {
  return both(soughtIn(query).map((leaf) => queryOf(leaf, true)));
}

/** In any of their forms. */
export function looseQuery(query: Query | null): string | null {
  return both(soughtIn(query).map((leaf) => queryOf(leaf, false)));
}

function queryOf({ kind, text }: Leaf, exact: boolean): string | null {
  if (kind === 'phrase') return phraseQuery(text);
  return kind === 'prefix' ? prefixQuery(text) : wordQuery(text, { exact });
}
