/** What a person wants to know first: what came in, what vanished, what is wrong. */
import type { Queryable } from './database.ts';

export interface OverviewCounts {
  /** Captures opened in the last 24 hours and seven days that closed with something kept. */
  today: number;
  week: number;
  /** All of the week, by state; `unfinished` for those that are not closed. */
  states: Record<string, number>;
  /** Sources concluded to be removed, and restored. */
  removed7: number;
  removed30: number;
  restored30: number;
  /** Missing, and not yet concluded to be removed. */
  suspects: number;
  /** Watches that should have been visited more than an hour ago. */
  overdue: number;
}

export async function overviewCounts(db: Queryable): Promise<OverviewCounts> {
  const { rows } = await db.query<OverviewCounts>(
    // Of very many that went well only their number is looked up: the others are few.
    `with other as (
       select opened_at, state from capture_outcomes
       join captures on captures.id = capture_outcomes.capture_id
       where state <> 'complete' and finished_at >= now() - interval '7 days'
         and opened_at >= now() - interval '7 days'
       union all
       select opened_at, 'unfinished' from unfinished_captures
       where opened_at >= now() - interval '7 days'
     ), opened as (
       select count(*) as week, count(*) filter (where opened_at >= now() - interval '1 day') as today
       from captures where opened_at >= now() - interval '7 days'
     ), by_state as (
       select state, count(*) from other group by state
       union all
       select 'complete', week - (select count(*) from other) from opened
     )
     select
       today - (select count(*) from other
         where state not in ('complete', 'partial') and opened_at >= now() - interval '1 day') as today,
       week - (select count(*) from other where state not in ('complete', 'partial')) as week,
       (select coalesce(jsonb_object_agg(state, count) filter (where count > 0), '{}')
         from by_state) as states,
       (select count(*) from events
         where kind = 'removed' and at >= now() - interval '7 days') as "removed7",
       (select count(*) from events
         where kind = 'removed' and at >= now() - interval '30 days') as "removed30",
       (select count(*) from events
         where kind = 'restored' and at >= now() - interval '30 days') as "restored30",
       (select count(*) from source_now where availability = 'suspect') as suspects,
       (select count(*) from watches where state = 'active'
         and next_due_at < now() - interval '1 hour') as overdue
     from opened`,
  );
  const [counts] = rows;
  if (counts === undefined) throw new TypeError('a count is one row');
  return counts;
}

export interface Trouble {
  captureId: string;
  sourceKey: string;
  link: string;
  state: string;
  /** Of a required step. */
  reason: string | null;
  at: Date;
}

/** Captures of the last seven days that kept less than was asked for, the newest first. */
export async function recentTroubles(db: Queryable, limit: number): Promise<Trouble[]> {
  const { rows } = await db.query<Trouble>(
    `select captures.id as "captureId", closed.source_key as "sourceKey", asked.link,
       closed.state, step.reason, closed.finished_at as at
     from captures
     join capture_outcomes closed on closed.capture_id = captures.id
     join submissions asked on asked.id = captures.submission_id
     left join lateral (
       select reason from step_attempts
       where capture_id = captures.id and final and required and reason is not null
       order by finished_at limit 1
     ) step on true
     where opened_at >= now() - interval '7 days' and closed.state <> 'complete'
     order by captures.opened_at desc limit $1`,
    [limit],
  );
  return rows;
}

export interface Doubt {
  sourceKey: string;
  availability: string;
  kind: string | null;
  since: Date | null;
}

/** Sources that are missing or withheld now, the latest first. */
export async function sourcesInDoubt(db: Queryable, limit: number): Promise<Doubt[]> {
  const { rows } = await db.query<Doubt>(
    // Of each the latest, by its key.
    `select doubt.source_key as "sourceKey", doubt.availability, doubt.kind, doubt.since
     from unnest(array['suspect', 'removed', 'restricted']) one (availability)
     cross join lateral (
       (select * from source_now
         where source_now.availability = one.availability and since is not null
         order by since desc limit $1)
       union all
       (select * from source_now
         where source_now.availability = one.availability and since is null limit $1)
     ) doubt
     order by doubt.since desc nulls last limit $1`,
    [limit],
  );
  return rows;
}
