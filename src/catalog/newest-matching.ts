/**
 * The newest captures that match, without looking at all that do: a word may stand in every
 * capture, or in three. The newest few thousand are searched, then spans of time that grow, until
 * there are enough. Spans are marks among the words, so each is one look-up in the same index.
 */
import { both } from '../search/query/terms.ts';
import { spanMarkQuery } from '../search/query/times.ts';
import type { Queryable } from './database.ts';
import type { Asked } from './find-condition.ts';

/** A place in the list of captures, the newest first. */
export interface Place {
  openedUs: number | string;
  id: string;
}

/** So many captures are searched first. */
const firstRows = 4096;
/** Each span is so many times as long as the one after it. */
const growth = 3;
/** Looking up how words begin costs the same for a short span as for a long one. */
const growthOfPrefixes = 16;
const dayMs = 86_400_000;

/** @param columns in SQL, of `searchable_captures` @returns at most `limit` */
export async function newestMatching<Row>(
  db: Queryable,
  asked: Asked,
  columns: string,
  { limit, after }: { limit: number; after: Place | null },
): Promise<Row[]> {
  if (asked.words === null)
    return search(db, asked, columns, { limit, after, from: null, to: null });
  const found: Row[] = [];
  for await (const { from, to } of spansOf(db, asked, after)) {
    const left = limit - found.length;
    found.push(...(await search<Row>(db, asked, columns, { limit: left, after, from, to })));
    if (found.length >= limit) break;
  }
  return found;
}

interface Searched {
  limit: number;
  after: Place | null;
  from: Date | null;
  to: Date | null;
}

async function search<Row>(
  db: Queryable,
  { words, from, to, conditions, params }: Asked,
  columns: string,
  { limit, after, from: spanFrom, to: spanTo }: Searched,
): Promise<Row[]> {
  const given = [...params];
  const add = (value: unknown) => `$${given.push(value)}`;
  const all = [...conditions];
  if (words !== null) {
    const marks = spanFrom === null || spanTo === null ? null : spanMarkQuery(spanFrom, spanTo);
    all.push(`words @@ ${add(both([words, marks]))}::tsquery`);
  }
  // Marks have found the hours already: an index of times would only be read once more.
  const opened = words === null ? 'opened_at' : `opened_at + interval '0'`;
  for (const least of [from, spanFrom]) if (least !== null) all.push(`${opened} >= ${add(least)}`);
  for (const most of [to, spanTo]) if (most !== null) all.push(`${opened} < ${add(most)}`);
  if (after !== null)
    all.push(`(${opened}, capture_id) < (
      'epoch'::timestamptz + ${add(after.openedUs)}::bigint * interval '1 microsecond',
      ${add(after.id)}::uuid)`);
  const matching = `from searchable_captures where ${['true', ...all].join('\n       and ')}`;
  const { rows } = await db.query<Row>(
    words === null
      ? `select ${columns} ${matching}
         order by opened_at desc, capture_id desc limit ${add(limit)}`
      : // Apart from its order: else all captures of a span would be read in turn, in hope of a hit.
        `with hit as materialized (select opened_at as "at", capture_id as "by" ${matching}),
         chosen as (select * from hit order by "at" desc, "by" desc limit ${add(limit)})
         select ${columns} from chosen join searchable_captures on capture_id = "by"
         order by "at" desc, "by" desc`,
    given,
  );
  return rows;
}

/** From now, or where the page before ended, back to the first capture. */
async function* spansOf(
  db: Queryable,
  { words, from, to }: Asked,
  after: Place | null,
): AsyncGenerator<{ from: Date | null; to: Date }, void, undefined> {
  const bounds = await boundsOf(db, to, after);
  if (bounds === null) return;
  const oldest = new Date(Date.UTC(bounds.oldest.getUTCFullYear(), 0));
  const least = from !== null && from > oldest ? aligned(from, bounds.newest) : oldest;
  // Whole years have one mark each, and nothing is newer than the newest.
  let end =
    to === null && after === null ? nextYear(bounds.newest) : new Date(bounds.newest.getTime() + 1);
  let start = aligned(bounds.afterFirstRows ?? least, bounds.newest);
  let reached = bounds.newest;
  const factor = words?.includes(':*') ? growthOfPrefixes : growth;
  while (least < end) {
    if (start <= least) {
      yield { from: least, to: end };
      return;
    }
    yield { from: start, to: end };
    const length = Math.max(dayMs / 24, reached.getTime() - start.getTime());
    end = start;
    reached = start;
    start = aligned(new Date(start.getTime() - length * factor), end);
  }
}

/** The beginning of its day, or of its month: a long span has few marks then. */
function aligned(start: Date, end: Date): Date {
  const days = (end.getTime() - start.getTime()) / dayMs;
  const floor = new Date(start);
  if (days >= 1) floor.setUTCHours(0, 0, 0, 0);
  if (days >= 60) floor.setUTCDate(1);
  return floor;
}

function nextYear(time: Date): Date {
  return new Date(Date.UTC(time.getUTCFullYear() + 1, 0));
}

interface Bounds {
  newest: Date;
  oldest: Date;
  afterFirstRows: Date | null;
}

async function boundsOf(
  db: Queryable,
  to: Date | null,
  after: Place | null,
): Promise<Bounds | null> {
  const { rows } = await db.query<{ [Name in keyof Bounds]: Date | null }>(
    `with least (at) as (
       select least($1::timestamptz,
         'epoch'::timestamptz + $2::bigint * interval '1 microsecond', 'infinity'))
     select
       (select opened_at from searchable_captures where opened_at <= least.at
         order by opened_at desc limit 1) as newest,
       (select opened_at from searchable_captures order by opened_at limit 1) as oldest,
       (select opened_at from searchable_captures where opened_at <= least.at
         order by opened_at desc offset $3 limit 1) as "afterFirstRows"
     from least`,
    [to, after?.openedUs ?? null, firstRows],
  );
  const [{ newest = null, oldest = null, afterFirstRows = null } = {}] = rows;
  return newest === null || oldest === null ? null : { newest, oldest, afterFirstRows };
}
