/**
 * Cases, which are named sets of sources. The set is defined once, by the function
 * `case_sources` in the migrations; every verb and page asks it here.
 */
import type { Case } from '../model/filing.ts';
import type { Queryable } from './database.ts';

/** Canonical keys of the sources of a case, in order. */
export async function sourcesOfCase(db: Queryable, name: string): Promise<string[]> {
  const { rows } = await db.query<{ key: string }>(
    'select source_key as key from case_sources($1, null) order by key',
    [name],
  );
  return rows.map(({ key }) => key);
}

/** Names of the cases that a source is in. */
export async function casesOfSource(db: Queryable, sourceKey: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    'select case_name as name from case_sources(null, $1) order by name',
    [sourceKey],
  );
  return rows.map(({ name }) => name);
}

/** The closed captures of its sources, whoever asked for them, the oldest first. */
export async function closedCapturesOfCase(db: Queryable, name: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select captures.id
     from case_sources($1, null) member
     join capture_outcomes on md5(capture_outcomes.source_key) = md5(member.source_key)
       and capture_outcomes.source_key = member.source_key
     join captures on captures.id = capture_outcomes.capture_id
     order by captures.opened_at, captures.id`,
    [name],
  );
  return rows.map(({ id }) => id);
}

/** Whether anything was ever submitted to a case of this name, or put into it. */
export async function caseIsKnown(db: Queryable, name: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `(select from submissions where case_name = $1 limit 1)
     union all
     (select from filings where kind = 'case' and md5(value) = md5($1) and value = $1 limit 1)`,
    [name],
  );
  return rowCount > 0;
}

/** The one in which something was done last comes first. */
export async function listCases(db: Queryable, limit: number): Promise<Case[]> {
  const { rows } = await db.query<Case>(
    `with act (name, at, submissions) as (
       select case_name, submitted_at, 1 from submissions where case_name is not null
       union all
       select value, at, 0 from filings where kind = 'case'
     ), named as (
       select name, sum(submissions)::integer as submissions, min(at) as first_at,
         max(at) as last_at
       from act group by name order by max(at) desc, name limit $1
     )
     select named.name, named.submissions, held.sources, held.captures,
       named.first_at as "firstAt", named.last_at as "lastAt"
     from named cross join lateral (
       select count(distinct member.source_key)::integer as sources,
         count(capture_outcomes.capture_id)::integer as captures
       from case_sources(named.name, null) member
       left join capture_outcomes on md5(capture_outcomes.source_key) = md5(member.source_key)
         and capture_outcomes.source_key = member.source_key
     ) held
     order by named.last_at desc, named.name`,
    [limit],
  );
  return rows;
}
