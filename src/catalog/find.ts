/** Finding captures again, newest or best first, page by page; never by looking at everything. */
import { UsageError } from '../base/errors.ts';
import type { FoundPage, Question } from '../model/found-capture.ts';
import { exactQuery, looseQuery } from '../search/query/positive.ts';
import type { Query } from '../search/query/query.ts';
import type { Database, Queryable } from './database.ts';
import { askedBy } from './find-condition.ts';
import { describeFound } from './found-rows.ts';
import { keepSearchable } from './keep-searchable.ts';
import { newestMatching, type Place } from './newest-matching.ts';
import { type ResolveField, type Search, searchFor } from './search-for.ts';
import { staleCount } from './searchable.ts';

/** So many marked captures are made searchable before a question is answered … */
const madeFirst = 200;
/** … and so many that are left are counted. */
const mostCounted = 1_000;
/** The best are chosen among so many, the newest that match. */
const mostRanked = 1_000;

interface Page {
  limit: number;
  after: string | undefined;
}

/**
 * @param resolve puts fields in place that name what the catalog does not know by that name
 * @throws UsageError `bad-cursor`, `bad-query`, `bad-state`
 */
export async function findCaptures(
  db: Database,
  question: Question,
  resolve?: ResolveField,
): Promise<FoundPage> {
  const { order = 'newest', limit = 100, after } = question;
  const search = await searchFor(db, question, resolve);
  await keepSearchable(db, { most: madeFirst });
  const ranks = order === 'best' && exactQuery(search.query) !== null;
  const inOrder = ranks ? bestFirst : newestFirst;
  const { ids, ...found } = await inOrder(db, search, { limit, after });
  return {
    ...found,
    rows: await describeFound(db, ids, search.query),
    notYetSearchable: await staleCount(db, mostCounted),
  };
}

type Found = Pick<FoundPage, 'next' | 'ranked'> & { ids: string[] };

const place = {
  columns: [],
  shown: `capture_id as id, (extract(epoch from opened_at) * 1000000)::bigint as "openedUs"`,
};

async function newestFirst(db: Queryable, search: Search, page: Page): Promise<Found> {
  const asked = askedBy(search.query, search, search.text);
  const after = page.after === undefined ? null : readPlace(page.after);
  const places = await newestMatching<Place>(db, asked, place, {
    limit: page.limit + 1,
    after,
  });
  const shown = places.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    ids: shown.map(({ id }) => id),
    next: places.length > shown.length && last !== undefined ? written(last) : null,
    ranked: 'all',
  };
}

/**
 * What holds the words as they were typed comes first, then what holds more of them in better
 * places, then the newest. The page after goes on among the same captures: those that were
 * opened no later than the newest of the first page's.
 */
async function bestFirst(db: Queryable, search: Search, page: Page): Promise<Found> {
  const asked = askedBy(search.query, search, search.text);
  const start = page.after === undefined ? null : readRank(page.after);
  const after = start === null ? null : { openedUs: start.newestUs, id: lastId };
  const limit = mostRanked + 1;
  const places = await newestMatching<Place>(db, asked, place, { limit, after });
  const ranked = places.slice(0, mostRanked);
  const from = start?.from ?? 0;
  const ids = await byRank(db, ranked, search.query, { from, limit: page.limit + 1 });
  const newestUs = ranked[0]?.openedUs ?? 0;
  return {
    ids: ids.slice(0, page.limit),
    next: ids.length > page.limit ? encoded(`best ${newestUs} ${from + page.limit}`) : null,
    ranked: places.length > ranked.length ? 'newest-1000' : 'all',
  };
}

const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

async function byRank(
  db: Queryable,
  places: Place[],
  query: Query | null,
  { from, limit }: { from: number; limit: number },
): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select capture_id as id from searchable_captures where capture_id = any($1::uuid[])
     order by words @@ $2::tsquery desc, ts_rank(words, $3::tsquery, 1) desc,
       opened_at desc, capture_id desc
     offset $4 limit $5`,
    [places.map(({ id }) => id), exactQuery(query), looseQuery(query), from, limit],
  );
  return rows.map(({ id }) => id);
}

function written({ openedUs, id }: Place): string {
  return encoded(`${openedUs} ${id}`);
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function readPlace(cursor: string): Place {
  const [, openedUs, id] =
    /^(-?\d{1,18}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(decoded(cursor)) ?? [];
  if (openedUs !== undefined && id !== undefined) return { openedUs, id };
  throw badCursor(cursor);
}

function readRank(cursor: string): { newestUs: string; from: number } {
  const [, newestUs, from] = /^best (-?\d{1,18}) (\d{1,4})$/.exec(decoded(cursor)) ?? [];
  if (newestUs !== undefined && from !== undefined) return { newestUs, from: Number(from) };
  throw badCursor(cursor);
}

function decoded(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('latin1');
}

function badCursor(cursor: string): UsageError {
  return new UsageError(
    'bad-cursor',
    `${cursor} is not a place in this list; use the one that was printed, with the same order`,
  );
}
