/** What was found removed in a period, and what came back. */
import type { Takedown } from '../model/takedown.ts';
import type { Queryable } from './database.ts';

/**
 * Removals concluded at or after `from` and before `to`, in the order of conclusion.
 * @param caseName only of the sources of this case; `null` for all
 */
export async function takedownsBetween(
  db: Queryable,
  { from, to, caseName }: { from: Date; to: Date; caseName: string | null },
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
       (select min(restored.at) from events restored
         where md5(restored.source_key) = md5(removed.source_key)
           and restored.source_key = removed.source_key
           and restored.kind = 'restored' and restored.at > removed.at) as "restoredAt",
       (select count(*)::integer from capture_outcomes
         where md5(capture_outcomes.source_key) = md5(removed.source_key)
           and capture_outcomes.source_key = removed.source_key
           and state in ('complete', 'partial')
           and started_at < coalesce((removed.detail ->> 'firstMissed')::timestamptz, removed.at)
       ) as captures
     from events removed
     left join lateral (
       select author_id, author_handle from capture_outcomes join captured_posts using (capture_id)
       where md5(capture_outcomes.source_key) = md5(removed.source_key)
         and capture_outcomes.source_key = removed.source_key
       order by finished_at desc limit 1
     ) author on true
     where removed.kind = 'removed' and removed.at >= $1 and removed.at < $2
       and ($3::text is null or resolved_source(removed.source_key) in (
         select source_key from case_sources($3, null)))
     order by removed.at, removed.id`,
    [from, to, caseName],
  );
  return rows;
}
