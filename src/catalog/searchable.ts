/** The rows that captures are searched by, and which of them have to be made again. */
import type { CaptureContent, SearchableRow } from '../search/capture-row.ts';
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

/** So much of each text is searchable. */
const longestText = 100_000;

/** Held until the transaction ends: one at a time makes rows of a catalog. @returns whether it is ours */
export async function lockSearchable(tx: Queryable, wait: boolean): Promise<boolean> {
  const key = `hashtextextended(current_schema() || ' searchable', 0)`;
  if (wait) {
    await tx.query(`select pg_advisory_xact_lock(${key})`);
    return true;
  }
  const { rows } = await tx.query<{ ours: boolean }>(
    `select pg_try_advisory_xact_lock(${key}) as ours`,
  );
  return rows[0]?.ours === true;
}

/** Takes away the newest marks. @returns the captures that they name; their rows are to be made now */
export async function takeStale(tx: Queryable, limit: number): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `with taken as (
       delete from searchable_stale where id in (
         select id from searchable_stale order by id desc limit $1)
       returning capture_id)
     select distinct capture_id as id from taken order by capture_id`,
    [limit],
  );
  return rows.map(({ id }) => id);
}

/** Up to `most` are counted. */
export async function staleCount(db: Queryable, most: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(distinct capture_id) as count from (
       select capture_id from searchable_stale order by id desc limit $1) as newest`,
    [most],
  );
  return rows[0]?.count ?? 0;
}

/**
 * Everything that these captures are found by.
 * How much of each text, and whether with cases and tags, which take looking up, can be said.
 */
export async function contentOf(
  db: Queryable,
  captureIds: string[],
  { textLength = longestText, withOrder = true } = {},
): Promise<CaptureContent[]> {
  const { rows } = await db.query<CaptureContent>(
    `select capture.id as "captureId", capture.opened_at as "openedAt",
       capture.source_key as "sourceKey", capture.asked_key as "askedKey", capture.state,
       exists (
         select from events where md5(events.source_key) = md5(capture.source_key)
           and kind = 'changed' and detail ->> 'capture' = capture.id::text) as "hasChanged",
       coalesce(asked.all, '[]') as submissions, case when $3 then array(
         select case_name from case_sources(null, capture.source_key) order by case_name
       ) else '{}' end as cases, case when $3 then array(
         select tag from capture_tags(capture.id, capture.source_key) order by tag
       ) else '{}' end as tags, array(
         select value from keys_of_source(capture.source_key) keys
         join filings on md5(filings.source_key) = md5(keys.source_key)
           and filings.source_key = keys.source_key
         where kind = 'note' and (filings.capture_id is null or filings.capture_id = capture.id)
         order by at limit 500
       ) as notes, post.post, coalesce(pages.all, '[]') as pages,
       coalesce(read.all, '[]') as texts, coalesce(media.types, '{}') as "mediaTypes"
     from captures_resolved capture
     left join captured_posts post on post.capture_id = capture.id
     cross join lateral (
       select jsonb_agg(jsonb_build_object('link', link, 'note', note) order by submitted_at) as all
       from (select * from submissions where capture_id = capture.id
         order by submitted_at limit 500) as first
     ) asked
     cross join lateral (
       select jsonb_agg(jsonb_build_object('title', title, 'finalUrl', final_url,
         'body', left(body, $2)) order by view) as all
       from captured_pages where capture_id = capture.id
     ) pages
     cross join lateral (
       select jsonb_agg(distinct jsonb_build_object('kind', kind, 'body', left(body, $2))) as all
       from (
         select kind, body from captured_texts where capture_id = capture.id
         union all
         select derived_texts.kind, derived_texts.body from artifacts
         join derivations on derivations.subject = artifacts.sha256
         join derived_texts on derived_texts.derivation_id = derivations.id
         where artifacts.capture_id = capture.id
       ) as texts
     ) read
     cross join lateral (
       select array_agg(distinct media_type) as types from artifacts
       where capture_id = capture.id and role in ('media.original', 'media.joined')
     ) media
     where capture.id = any($1)`,
    [captureIds, textLength, withOrder],
  );
  return rows;
}

/** Takes the place of the rows before; what is as it was is left alone. */
export async function saveSearchable(tx: Queryable, rows: SearchableRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into searchable_captures (capture_id, opened_at, source_key, state, platform, host,
       author, cases, tags, languages, has, addresses, words)
     select "captureId", "openedAt", "sourceKey", state, platform, host, author, cases, tags,
       languages, has, addresses, words::tsvector
     from jsonb_to_recordset($1) as row ("captureId" uuid, "openedAt" timestamptz,
       "sourceKey" text, state text, platform text, host text, author text, cases text[],
       tags text[], languages text[], has text[], addresses text, words text)
     on conflict (capture_id) do update set
       source_key = excluded.source_key, state = excluded.state, platform = excluded.platform,
       host = excluded.host, author = excluded.author, cases = excluded.cases,
       tags = excluded.tags, languages = excluded.languages, has = excluded.has,
       addresses = excluded.addresses, words = excluded.words
     where (searchable_captures.source_key, searchable_captures.state, searchable_captures.has,
         searchable_captures.cases, searchable_captures.tags, searchable_captures.addresses,
         searchable_captures.words)
       is distinct from (excluded.source_key, excluded.state, excluded.has, excluded.cases,
         excluded.tags, excluded.addresses, excluded.words)`,
    [storableJson(rows)],
  );
}

/**
 * Other captures of these sources whose cases are no longer what they were: a case is of the
 * source, and a change is noticed with one capture of it. Their rows are to be made again.
 */
export async function markSiblings(tx: Queryable, captureIds: string[]): Promise<void> {
  await tx.query(
    `insert into searchable_stale (capture_id)
     select distinct sibling.capture_id
     from searchable_captures made join searchable_captures sibling
       on md5(sibling.source_key) = md5(made.source_key)
       and sibling.source_key = made.source_key
     where made.capture_id = any($1) and sibling.capture_id <> all($1)
       and sibling.cases <> made.cases`,
    [captureIds],
  );
}

/** Whether parts of links are looked up in an index; makes it where the server has what it takes. */
export async function ensureAddressIndex(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>('select ensure_address_index() as there');
  return rows[0]?.there === true;
}

export async function hasAddressIndex(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>(
    `select to_regclass('searchable_captures_addresses') is not null as there`,
  );
  return rows[0]?.there === true;
}
