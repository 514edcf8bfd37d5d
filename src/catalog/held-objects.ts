/** Which objects of the vault rows name, and which nothing does. */
import type { Queryable } from './database.ts';

/** Of these those that no capture and no derivation names; `isAnswer`: an observation does. */
export async function unheldAmong(
  db: Queryable,
  sha256s: string[],
): Promise<{ sha256: string; isAnswer: boolean }[]> {
  const { rows } = await db.query<{ sha256: string; isAnswer: boolean }>(
    `with unheld as (
       select sha256 from unnest($1::text[]) as sha256
       where not exists (select from artifacts where artifacts.sha256 = sha256.sha256)
         and not exists (select from derived_files where derived_files.sha256 = sha256.sha256)
     ), answers as (
       select distinct body_sha256 from observations where body_sha256 in (select sha256 from unheld)
     )
     select sha256, exists (select from answers where body_sha256 = sha256) as "isAnswer"
     from unheld order by sha256`,
    [sha256s],
  );
  return rows;
}

/** What checks were answered, a page at a time in the order of the digests. */
export async function bodiesOfChecks(
  db: Queryable,
  after: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await db.query<{ sha256: string }>(
    `select distinct body_sha256 as sha256 from observations
     where check_id is not null and body_sha256 > $1 order by body_sha256 limit $2`,
    [after, limit],
  );
  return rows.map(({ sha256 }) => sha256);
}

/** By digest, the name under which each of these files was first kept. Records have none. */
export async function namesOf(db: Queryable, sha256s: string[]): Promise<Map<string, string>> {
  const { rows } = await db.query<{ sha256: string; name: string }>(
    `select distinct on (sha256) sha256, name from (
       select sha256, name, stored_at as at from artifacts where sha256 = any($1)
       union all
       select sha256, name, null from derived_files where sha256 = any($1)
     ) held order by sha256, at nulls last, name`,
    [sha256s],
  );
  return new Map(rows.map(({ sha256, name }) => [sha256, name]));
}
