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
    `with recent as (
       select opened_at, coalesce(state, 'unfinished') as state from captures
       left join capture_outcomes on capture_id = captures.id
       where opened_at >= now() - interval '7 days'
     ),
     kept as (select opened_at from recent where state in ('complete', 'partial'))
     select (select count(*) from kept where opened_at >= now() - interval '1 day') as today,
       (select count(*) from kept) as week,
       (select coalesce(jsonb_object_agg(state, count), '{}') from (
         select state, count(*) from recent group by state) as by_state) as states,
       (select count(*) from events
         where kind = 'removed' and at >= now() - interval '7 days') as "removed7",
       (select count(*) from events
         where kind = 'removed' and at >= now() - interval '30 days') as "removed30",
       (select count(*) from events
         where kind = 'restored' and at >= now() - interval '30 days') as "restored30",
       (select count(*) from source_now where availability = 'suspect') as suspects,
       (select count(*) from watches where state = 'active'
         and next_due_at < now() - interval '1 hour') as overdue`,
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
    `select source_key as "sourceKey", availability, kind, since from source_now
     where availability in ('suspect', 'removed', 'restricted')
     order by since desc nulls last limit $1`,
    [limit],
  );
  return rows;
}
