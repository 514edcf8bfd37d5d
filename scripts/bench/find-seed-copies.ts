/** Captures as copies of others: many times faster than making each anew. */
import type { Database } from '../../src/catalog/database.ts';

/** Three captures that follow each other have a word that no other has; so far lie such threes apart. */
export const rareEvery = 1_009;

/** So many sources are watched densely: each is captured so often again, in the last week. */
export const revisited = { sources: 200, times: 100 };
/** Among the first captures, which lie among those with words of their own. */
const revisitedEvery = 97;

export const copiedTables = [
  ...['submissions', 'captures', 'capture_outcomes', 'captured_posts', 'captured_pages'],
  'searchable_captures',
];

/** In SQL: the id of capture number `n`. */
const idOf = (n: string) => `('00000000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;

/** In SQL, a relation of what is copied: `id`, `of`, what its key has at its end, its number and time. */
interface Copies {
  sql: string;
}

/** Copies of the first `count` captures, from number `from` on: a minute between them, each a source of its own. */
export function numbered(from: number, count: number): Copies {
  return {
    sql: `select ${idOf(`n + ${from}`)} as id, ${idOf('n')} as of, (n + ${from})::text as suffix,
        n + ${from} as n, captures.opened_at + ${from} * interval '1 minute' as opened_at
      from generate_series(0, ${count - 1}) n join captures on captures.id = ${idOf('n')}`,
  };
}

/** The same sources again and again. Their ids come before all numbered ones. */
export function revisits(size: number): Copies {
  const sources = Math.min(revisited.sources, Math.floor(size / revisitedEvery));
  return {
    sql: `select
        ('00000000-0000-4000-8000-' || lpad(to_hex(turn * ${revisited.times} + time), 12, '0'))::uuid as id,
        ${idOf(`turn * ${revisitedEvery}`)} as of, '' as suffix, null::integer as n,
        date_trunc('milliseconds', now()) - time * interval '100 minutes'
          - turn * interval '7 seconds' as opened_at
      from generate_series(0, ${sources - 1}) turn, generate_series(0, ${revisited.times - 1}) time`,
  };
}

export async function copyRows(database: Database, { sql }: Copies): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    await tx.query(`create temporary table copy on commit drop as ${sql}`);
    await tx.query('analyze copy');
    for (const copying of copyings) await tx.query(copying);
  });
}

/** As `timeMarks` writes them. */
const shapes = `unnest(array['YYYY', 'YYYY-MM', 'YYYY-MM-DD', 'YYYY-MM-DD"t"HH24']) shape`;

const copyings = [
  `insert into submissions (id, batch_id, position, link, source_key, capture_id, case_name,
     submitted_by, origin, submitted_at)
   select copy.id, copy.id, 0, link || suffix, source_key || suffix, copy.id, case_name,
     submitted_by, origin, copy.opened_at
   from copy join submissions on submissions.id = copy.of`,
  `insert into captures
   select copy.id, copy.id, source_key || suffix, environment, copy.opened_at
   from copy join captures on captures.id = copy.of`,
  `insert into capture_outcomes
   select copy.id, source_key || suffix, state, encode(sha256(copy.id::text::bytea), 'hex'),
     copy.opened_at, copy.opened_at
   from copy join capture_outcomes on capture_id = copy.of`,
  `insert into captured_posts (capture_id, post_id, author_handle, body, post)
   select copy.id, post_id, author_handle, body, post
   from copy join captured_posts on capture_id = copy.of`,
  `insert into captured_pages (capture_id, view, final_url, title, body)
   select copy.id, view, final_url, title, body
   from copy join captured_pages on capture_id = copy.of`,
  `insert into searchable_captures (capture_id, opened_at, source_key, state, platform, host,
     author, cases, tags, languages, has, addresses, words)
   select copy.id, copy.opened_at, source_key || suffix, state, platform, host, author, cases,
     tags, languages, has, addresses || suffix,
     ts_delete(words, array(select '=opened ' || to_char(row.opened_at at time zone 'UTC', shape)
       from ${shapes}))
     || array_to_tsvector(array(
       select '=opened ' || to_char(copy.opened_at at time zone 'UTC', shape) from ${shapes}
       union all
       select 'rare' || (copy.n - copy.n % ${rareEvery}) where copy.n % ${rareEvery} < 3))
   from copy join searchable_captures row on row.capture_id = copy.of`,
];

/** Keys of the sources that are captured again and again. */
export async function revisitedSources(database: Database, size: number): Promise<string[]> {
  const { rows } = await database.query<{ key: string }>(
    `select distinct captures.source_key as key from (${revisits(size).sql}) copy
     join captures on captures.id = copy.id`,
  );
  return rows.map(({ key }) => key);
}
