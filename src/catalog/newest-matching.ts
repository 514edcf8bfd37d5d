/**
 * The newest captures that match, without looking at all that do: a word may stand in every
 * capture, or in three. The newest few thousand are searched, then spans of time as long as it
 * should take to find enough, judging by what was found. Spans are marks among the words, so each
 * is one look-up in the same index.
 */
import { both } from '../search/query/terms.ts';
import { beginOfUnit, spanMarkQuery, unitOf } from '../search/query/times.ts';
import type { Queryable } from './database.ts';
import type { Asked } from './find-condition.ts';

/** A place in the list of captures, the newest first. */
export interface Place {
  openedUs: number | string;
  id: string;
}

/** So many captures are searched first, where few are wanted: looking up more takes longer than to look again. */
const firstRows = { least: 1024, most: 4096, forEach: 20 };
/** A span is at most so many times as long as all that was searched before: words come in waves. */
const growth = 8;
/** Looking up how words begin costs the same for a short span as for a long one. */
const growthOfPrefixes = 16;
/** And so much longer than it should take. */
const margin = 1.3;
const hourMs = 3_600_000;

export interface Wanted {
  /** In SQL, of `searchable_captures`, beside time and id: what `shown` is made from. */
  columns: string[];
  /** In SQL, of these columns, `opened_at` and `capture_id`; worked out only for what is returned. */
  shown: string;
}

/** @returns at most `limit` */
export async function newestMatching<Row>(
  db: Queryable,
  asked: Asked,
  wanted: Wanted,
  { limit, after }: { limit: number; after: Place | null },
): Promise<Row[]> {
  if (asked.words === null)
    return search(db, asked, wanted, { limit, after, from: null, to: null });
  const found: Row[] = [];
  const bounds = await boundsOf(db, asked, { limit, after });
  let span = bounds === null ? null : firstSpan(bounds);
  while (bounds !== null && span !== null) {
    const left = limit - found.length;
    found.push(...(await search<Row>(db, asked, wanted, { limit: left, after, ...span })));
    if (found.length >= limit) break;
    span = await nextSpan(db, bounds, span, limit / found.length - 1);
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
  { columns, shown }: Wanted,
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
  const inOrder = 'order by opened_at desc, capture_id desc';
  const hit = `select ${['opened_at', 'capture_id', ...columns].join(', ')} ${matching}`;
  const chosen =
    words === null
      ? `${hit} ${inOrder} limit ${add(limit)}`
      : // Apart from its order: else all captures of a span would be read in turn, in hope of a hit.
        `with hit as materialized (${hit}) select * from hit ${inOrder} limit ${add(limit)}`;
  const { rows } = await db.query<Row>(`select ${shown} from (${chosen}) chosen ${inOrder}`, given);
  return rows;
}

interface Span {
  from: Date;
  to: Date;
  /** This one and all that were searched before, without times in which nothing was opened. */
  searchedMs: number;
}

function firstSpan({ newest, least, afterFirstRows }: Bounds): Span {
  const from = alignedStart(afterFirstRows ?? least, newest, least);
  const to = new Date(newest.getTime() + 1);
  return { from, to, searchedMs: newest.getTime() - from.getTime() };
}

/**
 * The one before it in time, `null` where there is none.
 * @param missing how many times as much has still to be found as was found: beyond all bounds
 *   where nothing was
 */
async function nextSpan(
  db: Queryable,
  { least, mostGrowth }: Bounds,
  span: Span,
  missing: number,
): Promise<Span | null> {
  const newest = await lastOpenedBefore(db, span.from);
  if (newest === null || newest < least) return null;
  const times = Math.min(mostGrowth, Math.max(1, missing * margin));
  const start = new Date(newest.getTime() - Math.max(hourMs, span.searchedMs) * times);
  const from = alignedStart(start, newest, least);
  const lengthMs = newest.getTime() - from.getTime();
  return { from, to: new Date(newest.getTime() + 1), searchedMs: span.searchedMs + lengthMs };
}

function alignedStart(start: Date, to: Date, least: Date): Date {
  const aligned = start <= least ? least : beginOfUnit(start, unitOf(start, to));
  return aligned <= least ? least : aligned;
}

interface Bounds {
  /** Of the captures that are asked about, and when one was first opened that may be. */
  newest: Date;
  least: Date;
  afterFirstRows: Date | null;
  mostGrowth: number;
}

async function boundsOf(
  db: Queryable,
  { words, from, to }: Asked,
  { limit, after }: { limit: number; after: Place | null },
): Promise<Bounds | null> {
  const hasPrefix = words?.includes(':*') ?? false;
  const { least, most, forEach } = firstRows;
  const first = hasPrefix ? most : Math.min(most, Math.max(least, limit * forEach));
  const { rows } = await db.query<Record<'newest' | 'oldest' | 'afterFirstRows', Date | null>>(
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
    [to, after?.openedUs ?? null, first],
  );
  const [{ newest = null, oldest = null, afterFirstRows = null } = {}] = rows;
  if (newest === null || oldest === null || (from !== null && from > newest)) return null;
  return {
    ...{ newest, afterFirstRows },
    least: from !== null && from > oldest ? from : oldest,
    mostGrowth: hasPrefix ? growthOfPrefixes : growth,
  };
}

async function lastOpenedBefore(db: Queryable, time: Date): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date }>(
    `select opened_at as at from searchable_captures where opened_at < $1
     order by opened_at desc limit 1`,
    [time],
  );
  return rows[0]?.at ?? null;
}
