/** What lies around a million captures: files, conclusions, events, plans, and sources that are visited again and again. */
import type { Database } from '../../src/catalog/database.ts';
import { revisits } from './find-seed-copies.ts';

const watched = 10_000;
/** Visits of each source that is captured again and again, beside its captures. */
const visits = 400;

/** Tables that grow with captures, and what fills them. */
const fillings = (size: number) => ({
  artifacts: `
    insert into artifacts (id, capture_id, step, role, name, media_type, size_bytes, sha256, stored_at)
    select uuidv7(), capture_id, step, role, name, type, 60000,
      encode(sha256((capture_id::text || name)::bytea), 'hex'), finished_at
    from capture_outcomes cross join (values
      ('page', 'screenshot.viewport', 'viewport.png', 'image/png'),
      ('record', 'record.raw', 'record.json', 'application/json'),
      ('media', 'media.original', 'media.jpg', 'image/jpeg')) file (step, role, name, type)`,
  fixity_schedule: `
    insert into fixity_schedule (sha256, size_bytes, checked_at)
    select sha256, size_bytes, stored_at from artifacts order by sha256`,
  observations: `
    insert into observations (id, source_key, capture_id, route, url, http_status, signal, observed_at)
    select uuidv7(), source_key, capture_id, 'syndication', 'https://cdn.example.org/', 200,
      'available', finished_at
    from capture_outcomes
    union all
    select uuidv7(), source_key, null, 'oembed', 'https://publish.example.org/', 200, 'available',
      now() - visit * interval '20 minutes'
    from captures, generate_series(1, ${visits}) visit
    where captures.id in (select of from (${revisits(size).sql}) copy)`,
  source_now: `
    insert into source_now (source_key, platform, party, availability, kind, since, first_seen,
      last_seen, last_visit, assessment)
    select source_key, platform, coalesce(author, host, source_key),
      case when turn % 200 = 0 then 'removed' when turn % 1000 = 1 then 'suspect' else 'available' end,
      case when turn % 200 = 0 or turn % 1000 = 1 then 'not-found' end,
      seen, seen, seen, now(), '{}'
    from (
      select distinct on (source_key) source_key, platform, author, host,
        date_trunc('milliseconds', opened_at) as seen, ('x' || md5(source_key))::bit(31)::integer as turn
      from searchable_captures order by source_key, opened_at desc) source`,
  events: `
    insert into events (id, kind, source_key, detail, at)
    select uuidv7(), 'removed', source_key,
      jsonb_build_object('kind', 'not-found', 'firstSeen', since, 'lastSeen', since, 'firstMissed', since),
      now() - (row_number() over (order by since desc)) * interval '2 hours'
    from source_now where availability = 'removed'
    union all
    select uuidv7(), 'changed', source_key,
      jsonb_build_object('aspect', 'text', 'capture', capture_id, 'captureBefore', capture_id), opened_at
    from searchable_captures where words @@ '''=changed yes'''`,
  event_stream: `
    insert into event_stream (event_id, capture_id)
    select event_id, capture_id from (
      select id as event_id, null::uuid as capture_id, at from events
      union all
      select null, capture_id, finished_at from capture_outcomes) told order by at`,
  watches: `
    insert into watches (source_key, link, adaptive, next_due_at, created_by, created_at, case_name)
    select source_key, 'https://example.org/', true, now() + random() * interval '1 day', 'bench', now(),
      case when random() < 0.3 then 'case-1' end
    from source_now order by last_seen desc limit ${watched}`,
});

export async function seedAround(
  database: Database,
  size: number,
  say: (line: string) => void,
): Promise<void> {
  for (const [table, filling] of Object.entries(fillings(size))) {
    await withoutKeys(database, table, () =>
      database.transaction(async (tx) => {
        await tx.query('set local session_replication_role = replica');
        await tx.query(filling);
      }),
    );
    say(`${table} filled`);
  }
}

/** Keys are built after the rows, as a restore would; those of constraints stay. */
export async function withoutKeys(
  database: Database,
  table: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const { rows: keys } = await database.query<{ name: string; made: string }>(
    `select indexname as name, indexdef as made from pg_indexes
     where schemaname = current_schema() and tablename = $1
       and not exists (select from pg_constraint
         where conname = indexname and connamespace = current_schema()::regnamespace)`,
    [table],
  );
  for (const { name } of keys) await database.query(`drop index ${name}`);
  await work();
  for (const { made } of keys) await database.query(made);
  await database.query(`vacuum (analyze) ${table}`);
}
