/** What was found removed in a period, and what came back. */
import type { Takedown, TakedownCount, TakedownGrouping } from '../model/takedown.ts';
import type { Queryable } from './database.ts';

/** Concluded at or after `from` and before `to`. */
export interface ConcludedIn {
  from: Date;
  to: Date;
  /** Only of the sources of this case; `null` for all. */
  caseName: string | null;
}

/** Of `events`; parameters 1 to 3 are those of `ConcludedIn`. */
const concludedIn = `kind = 'removed' and at >= $1 and at < $2
  and ($3::text is null or resolved_source(source_key) in (
    select source_key from case_sources($3, null)))`;

const sameSource = (table: string) =>
  `md5(${table}.source_key) = md5(removed.source_key) and ${table}.source_key = removed.source_key`;

const back = `select at from events restored
  where ${sameSource('restored')} and restored.kind = 'restored' and restored.at > removed.at`;

const held = `select from capture_outcomes
  where ${sameSource('capture_outcomes')} and state in ('complete', 'partial')
    and started_at < coalesce((removed.detail ->> 'firstMissed')::timestamptz, removed.at)`;

const lastAuthor = `select author_id, author_handle
  from capture_outcomes join captured_posts using (capture_id)
  where ${sameSource('capture_outcomes')}`;

/** @param most the newest so many; all where nothing is said. @returns in the order of conclusion */
export async function takedownsBetween(
  db: Queryable,
  { from, to, caseName }: ConcludedIn,
  most: number | null = null,
): Promise<Takedown[]> {
  const { rows } = await db.query<Takedown>(
    `select removed.id as "eventId", removed.source_key as "sourceKey",
       split_part(removed.source_key, ':', 1) as platform,
       author.author_id as "authorId", author.author_handle as "authorHandle",
       removed.detail ->> 'kind' as kind,
       (removed.detail ->> 'firstSeen')::timestamptz as "firstSeen",
       (removed.detail ->> 'lastSeen')::timestamptz as "lastSeen",
       (removed.detail ->> 'firstMissed')::timestamptz as "firstMissed",
       removed.at as "confirmedAt",
       (select min(at) from (${back}) back) as "restoredAt",
       (select count(*)::integer from (${held}) held) as captures
     from (
       select * from events where ${concludedIn} order by at desc, id desc limit $4
     ) removed
     left join lateral (${lastAuthor} order by finished_at desc limit 1) author on true
     order by removed.at, removed.id`,
    [from, to, caseName, most],
  );
  return rows;
}

/** How many there were, by kind and by what they are grouped by: counted where they lie, they may be very many. */
export async function countTakedowns(
  db: Queryable,
  { from, to, caseName }: ConcludedIn,
  by: TakedownGrouping,
): Promise<TakedownCount[]> {
  const { rows } = await db.query<TakedownCount>(
    `select split_part(removed.source_key, ':', 1) as platform,
       case when $4 = 'month' then to_char(at at time zone 'UTC', 'YYYY-MM') end as month,
       author.author_id as "authorId", author.author_handle as "authorHandle",
       removed.detail ->> 'kind' as kind,
       count(*)::integer as removed,
       count(*) filter (where exists (${back}))::integer as restored,
       count(*) filter (where exists (${held}))::integer as kept
     from (select * from events where ${concludedIn}) removed
     left join lateral (
       ${lastAuthor} and $4 = 'author' order by finished_at desc limit 1
     ) author on true
     group by 1, 2, 3, 4, 5
     order by 1, 2, 3, 4, 5`,
    [from, to, caseName, by],
  );
  return rows;
}
