/** Sources to come back to, and when. */
import type { WatchRow } from '../model/watch.ts';
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

const columns = `
  source_key as "sourceKey", link, every_ms as "everyMs", cron, time_zone as "timeZone",
  adaptive, captures, state, ended_reason as "endedReason", quiet, ends_at as "endsAt",
  until_gone as "untilGone", scope, born_at as "bornAt", hot_until as "hotUntil",
  case_name as "caseName", tags, note, next_due_at as "nextDueAt",
  last_swept_at as "lastSweptAt", created_by as "createdBy", created_at as "createdAt"`;

const insertWatches = `
  insert into watches (source_key, link, every_ms, cron, time_zone, adaptive, captures, state,
    ended_reason, quiet, ends_at, until_gone, scope, born_at, hot_until, case_name, tags, note,
    next_due_at, last_swept_at, created_by, created_at)
  select "sourceKey", link, "everyMs", cron, "timeZone", adaptive, captures, state,
    "endedReason", nullif(quiet, 'null'), "endsAt", "untilGone", scope, "bornAt", "hotUntil",
    "caseName", tags, note, "nextDueAt", "lastSweptAt", "createdBy", "createdAt"
  from jsonb_to_recordset($1) as row ("sourceKey" text, link text, "everyMs" bigint, cron text,
    "timeZone" text, adaptive boolean, captures text, state text, "endedReason" text, quiet jsonb,
    "endsAt" timestamptz, "untilGone" boolean, scope text, "bornAt" timestamptz,
    "hotUntil" timestamptz, "caseName" text, tags text[], note text, "nextDueAt" timestamptz,
    "lastSweptAt" timestamptz, "createdBy" text, "createdAt" timestamptz)`;

/** A source has one watch: a new plan takes the place of the old. @returns whether there was none */
export async function upsertWatch(db: Queryable, watch: WatchRow): Promise<boolean> {
  const { rows } = await db.query<{ isNew: boolean }>(
    `${insertWatches}
     on conflict (md5(source_key)) do update set
       link = excluded.link, every_ms = excluded.every_ms, cron = excluded.cron,
       time_zone = excluded.time_zone, adaptive = excluded.adaptive,
       captures = excluded.captures, state = excluded.state,
       ended_reason = excluded.ended_reason, quiet = excluded.quiet,
       ends_at = excluded.ends_at, until_gone = excluded.until_gone, scope = excluded.scope,
       case_name = excluded.case_name, tags = excluded.tags,
       note = excluded.note, next_due_at = excluded.next_due_at,
       created_by = excluded.created_by, created_at = excluded.created_at
     returning xmax = 0 as "isNew"`,
    [storableJson([watch])],
  );
  return rows[0]?.isNew === true;
}

/** Those whose source has no watch yet; one that has keeps it. @returns how many were new */
export async function addWatches(db: Queryable, watches: WatchRow[]): Promise<number> {
  if (watches.length === 0) return 0;
  const { rowCount } = await db.query(`${insertWatches} on conflict (md5(source_key)) do nothing`, [
    storableJson(watches),
  ]);
  return rowCount;
}

/** @returns whether there was one */
export async function removeWatch(db: Queryable, sourceKey: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'delete from watches where md5(source_key) = md5($1) and source_key = $1',
    [sourceKey],
  );
  return rowCount > 0;
}

/** Those that came from the watch of a case or an author. */
export async function removeScope(db: Queryable, scope: string): Promise<number> {
  const { rowCount } = await db.query(
    'delete from watches where md5(scope) = md5($1) and scope = $1',
    [scope],
  );
  return rowCount;
}

export async function watchOf(db: Queryable, sourceKey: string): Promise<WatchRow | null> {
  const { rows } = await db.query<WatchRow>(
    `select ${columns} from watches where md5(source_key) = md5($1) and source_key = $1`,
    [sourceKey],
  );
  return rows[0] ?? null;
}

export interface WatchPage {
  offset: number;
  limit: number | null;
}

const all: WatchPage = { offset: 0, limit: null };

export async function listWatches(db: Queryable, page = all): Promise<WatchRow[]> {
  const { rows } = await db.query<WatchRow>(
    `select ${columns} from watches order by next_due_at, source_key offset $1 limit $2`,
    [page.offset, page.limit],
  );
  return rows;
}

/** The watches of a case's sources, whoever asked for them, and of the case itself. */
export async function watchesOfCase(
  db: Queryable,
  caseName: string,
  page = all,
): Promise<WatchRow[]> {
  const { rows } = await db.query<WatchRow>(
    `select ${columns} from watches
     where source_key = 'case:' || $1
       or resolved_source(source_key) in (select source_key from case_sources($1, null))
     order by next_due_at, source_key offset $2 limit $3`,
    [caseName, page.offset, page.limit],
  );
  return rows;
}

/** Watches that came from a case, of sources that are no longer in it. */
export async function removeStrayMembers(tx: Queryable, caseName: string): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from watches
     where md5(scope) = md5('case:' || $1) and scope = 'case:' || $1 and state <> 'ended'
       and source_key not in (select source_key from case_sources($1, null))`,
    [caseName],
  );
  return rowCount;
}

/** Due watches, locked until the transaction ends; another sweep passes over them meanwhile. */
export async function takeDueWatches(tx: Queryable, now: Date, limit: number): Promise<WatchRow[]> {
  const { rows } = await tx.query<WatchRow>(
    `select ${columns} from watches where state = 'active' and next_due_at <= $1
     order by next_due_at limit $2 for update skip locked`,
    [now, limit],
  );
  return rows;
}

/**
 * Puts watches off while they are visited: a sweep that dies is followed by another that
 * finds them due again at `until`.
 */
export async function leaseWatches(tx: Queryable, keys: string[], until: Date): Promise<void> {
  await tx.query(
    `update watches set next_due_at = $2
     from unnest($1::text[]) as taken (key)
     where md5(source_key) = md5(key) and source_key = key`,
    [keys, until],
  );
}

export interface Rescheduled {
  sourceKey: string;
  /** Of the plan that it was visited by. */
  createdAt: Date;
  nextDueAt: Date;
  lastSweptAt: Date;
  state: WatchRow['state'];
  endedReason: string | null;
  bornAt: Date | null;
  hotUntil: Date | null;
}

/**
 * A watch that was paused or ended meanwhile stays so; one with another plan has its own times.
 * @returns keys of those that have ended by it
 */
export async function rescheduleWatches(tx: Queryable, watches: Rescheduled[]): Promise<string[]> {
  if (watches.length === 0) return [];
  const { rows } = await tx.query<{ key: string; ends: boolean }>(
    `update watches set next_due_at = row."nextDueAt", last_swept_at = row."lastSweptAt",
       state = case when watches.state = 'active' then row.state else watches.state end,
       ended_reason = coalesce(watches.ended_reason, row."endedReason"),
       born_at = coalesce(watches.born_at, row."bornAt"),
       hot_until = greatest(watches.hot_until, row."hotUntil")
     from jsonb_to_recordset($1) as row ("sourceKey" text, "createdAt" timestamptz,
       "nextDueAt" timestamptz, "lastSweptAt" timestamptz, state text, "endedReason" text,
       "bornAt" timestamptz, "hotUntil" timestamptz)
     where md5(watches.source_key) = md5(row."sourceKey") and watches.source_key = row."sourceKey"
       -- Dates here have milliseconds, and rows may have been written with more.
       and date_trunc('milliseconds', watches.created_at) = row."createdAt"
     returning watches.source_key as key, watches.state = 'ended' and row.state = 'ended' as ends`,
    [storableJson(watches)],
  );
  return rows.flatMap(({ key, ends }) => (ends ? [key] : []));
}

/**
 * The account (or host) lost a post: its other adaptive watches become dense and due.
 * @returns how many
 */
export async function heatParty(
  tx: Queryable,
  party: string,
  until: Date,
  dueAt: Date,
): Promise<number> {
  const { rowCount } = await tx.query(
    `update watches set hot_until = greatest(hot_until, $2), 
       -- Spread out, for an account may have thousands.
       next_due_at = least(next_due_at, $3::timestamptz + random() * interval '1 hour')
     from source_now
     where md5(party) = md5($1) and party = $1 and availability <> 'removed'
       and md5(watches.source_key) = md5(source_now.source_key)
       and watches.source_key = source_now.source_key and watches.adaptive
       and watches.state = 'active'`,
    [party, until, dueAt],
  );
  return rowCount;
}

/** A source that belongs to a scope, with the link that led to it. */
export interface Member {
  sourceKey: string;
  link: string;
}

/** Sources of a case that have a closed capture and no watch. */
export async function unwatchedOfCase(
  db: Queryable,
  caseName: string,
  limit: number,
): Promise<Member[]> {
  const { rows } = await db.query<Member>(
    `select distinct on (member.source_key) member.source_key as "sourceKey", submissions.link
     from case_sources($1, null) member
     join capture_outcomes on md5(capture_outcomes.source_key) = md5(member.source_key)
       and capture_outcomes.source_key = member.source_key
     join captures on captures.id = capture_outcomes.capture_id
     join submissions on submissions.id = captures.submission_id
     where not exists (
       select from watches where md5(watches.source_key) = md5(member.source_key))
     order by member.source_key, captures.opened_at limit $2`,
    [caseName, limit],
  );
  return rows;
}

/** Posts of an author, by account id or handle, that have a closed capture and no watch. */
export async function unwatchedOfAuthor(
  db: Queryable,
  platform: string,
  author: string,
  limit: number,
): Promise<Member[]> {
  const { rows } = await db.query<Member>(
    `select distinct on (capture_outcomes.source_key) capture_outcomes.source_key as "sourceKey",
       submissions.link
     from captured_posts
     join capture_outcomes using (capture_id)
     join captures on captures.id = capture_id
     join submissions on submissions.id = captures.submission_id
     where starts_with(capture_outcomes.source_key, $1 || ':')
       and (captured_posts.author_id = $2
         or md5(lower(captured_posts.author_handle)) = md5(lower($2)))
       and not exists (
         select from watches where md5(watches.source_key) = md5(capture_outcomes.source_key))
     order by capture_outcomes.source_key limit $3`,
    [platform, author, limit],
  );
  return rows;
}
