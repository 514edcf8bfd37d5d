/** Which captures another archive was asked to keep too, and how far that is. */
import type { Queryable } from './database.ts';

export type SaveState = 'asking' | 'following' | 'saved' | 'refused' | 'given-up';

export interface SaveElsewhere {
  captureId: string;
  sourceKey: string;
  url: string;
  state: SaveState;
  jobId: string | null;
  tries: number;
}

/**
 * Puts down every live capture of these cases that holds something and was closed since
 * `since`. The address is that of the page that was seen, else the one that was asked for.
 */
export async function addWantedSaves(
  db: Queryable,
  cases: string[],
  since: Date,
  now: Date,
): Promise<number> {
  const { rowCount } = await db.query(
    `insert into saves_elsewhere (capture_id, url, state, due_at)
     select outcome.capture_id, coalesce(page.final_url, submissions.link), 'asking', $3
     from capture_outcomes outcome
     join captures on captures.id = outcome.capture_id
     join submissions on submissions.id = captures.submission_id
     left join lateral (
       select final_url from captured_pages
       where captured_pages.capture_id = outcome.capture_id and view <> 'wayback'
       order by (view in ('page', 'site')) desc, view limit 1
     ) page on true
     where outcome.source_key in (
         select member.source_key
         from unnest($1::text[]) as named (name)
         cross join lateral case_sources(named.name, null) member)
       and captures.environment = 'live'
       and outcome.state in ('complete', 'partial') and outcome.finished_at >= $2
       and coalesce(page.final_url, submissions.link) ~* '^https?://'
     on conflict (capture_id) do nothing`,
    [cases, since, now],
  );
  return rowCount ?? 0;
}

/** The one that has been due longest; due again after `leaseMs` should whoever took it die. */
export async function claimSave(
  db: Queryable,
  now: Date,
  leaseMs: number,
): Promise<SaveElsewhere | null> {
  const { rows } = await db.query<SaveElsewhere>(
    `update saves_elsewhere saving
     set due_at = $1::timestamptz + $2 * interval '1 millisecond'
     from capture_outcomes outcome
     where outcome.capture_id = saving.capture_id and saving.capture_id = (
       select capture_id from saves_elsewhere
       where state in ('asking', 'following') and due_at <= $1
       order by due_at limit 1 for update skip locked)
     returning saving.capture_id as "captureId", outcome.source_key as "sourceKey", saving.url,
       saving.state, saving.job_id as "jobId", saving.tries`,
    [now, leaseMs],
  );
  return rows[0] ?? null;
}

export interface NextSave {
  state: SaveState;
  jobId: string | null;
  tries: number;
  reason: string | null;
  dueAt: Date;
}

export async function moveSave(db: Queryable, captureId: string, next: NextSave): Promise<void> {
  await db.query(
    `update saves_elsewhere set state = $2, job_id = $3, tries = $4, reason = $5, due_at = $6
     where capture_id = $1`,
    [captureId, next.state, next.jobId, next.tries, next.reason, next.dueAt],
  );
}
