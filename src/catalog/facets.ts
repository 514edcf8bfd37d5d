/** How many of the captures that match have which value: all of them, or the newest of many. */
import type { FacetName, Facets, Question } from '../model/found-capture.ts';
import type { Queryable } from './database.ts';
import { askedBy } from './find-condition.ts';
import { newestMatching } from './newest-matching.ts';
import { type ResolveField, searchFor } from './search-for.ts';

/** Counting more takes longer than anybody waits. */
const mostCounted = 2_000;
const mostValues = 50;

interface Counted {
  platform: string;
  state: string;
  host: string | null;
  author: string | null;
  cases: string[];
  tags: string[];
  languages: string[];
  has: string[];
  now: string;
}

const wanted = {
  columns: ['source_key, platform, state, host, author, cases, tags, languages, has'],
  shown: `platform, state, host, author, cases, tags, languages, has,
  coalesce((select availability from source_now
    where md5(source_now.source_key) = md5(chosen.source_key)
      and source_now.source_key = chosen.source_key), 'unknown') as now`,
};

const valuesOf: Record<FacetName, (row: Counted) => (string | null)[]> = {
  platform: ({ platform }) => [platform],
  state: ({ state }) => [state],
  case: ({ cases }) => cases,
  tag: ({ tags }) => tags,
  author: ({ author }) => [author],
  host: ({ host }) => [host],
  lang: ({ languages }) => languages,
  has: ({ has }) => has,
  now: ({ now }) => [now],
};

/** @throws UsageError `bad-query`, `bad-state` */
export async function countFacets(
  db: Queryable,
  question: Question,
  resolve?: ResolveField,
): Promise<Facets> {
  const search = await searchFor(db, question, resolve);
  const asked = askedBy(search.query, search, search.text);
  const limit = mostCounted + 1;
  const rows = await newestMatching<Counted>(db, asked, wanted, { limit, after: null });
  const counted = rows.slice(0, mostCounted);
  const names = Object.keys(valuesOf) as FacetName[];
  const values = names.map((name) => [name, mostFrequent(counted.flatMap(valuesOf[name]))]);
  return {
    counted: counted.length,
    isAll: rows.length <= mostCounted,
    values: Object.fromEntries(values) as Facets['values'],
  };
}

function mostFrequent(values: (string | null)[]): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const value of values)
    if (value !== null && value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1))
    .slice(0, mostValues);
}
