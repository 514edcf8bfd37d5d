/** Sources to come back to, and when. */
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

export interface WatchRow {
  sourceKey: string;
  link: string;
  /** Either this, or `cron` with `timeZone`. */
  everyMs: number | null;
  cron: string | null;
  timeZone: string | null;
  caseName: string | null;
  tags: string[];
  note: string | null;
  nextDueAt: Date;
  lastSweptAt: Date | null;
  createdBy: string;
  createdAt: Date;
}

const columns = `
  source_key as "sourceKey", link, every_ms as "everyMs", cron, time_zone as "timeZone",
  case_name as "caseName", tags, note, next_due_at as "nextDueAt",
  last_swept_at as "lastSweptAt", created_by as "createdBy", created_at as "createdAt"`;

/** A source has one watch: a new plan takes the place of the old. @returns whether there was none */
export async function upsertWatch(db: Queryable, watch: WatchRow): Promise<boolean> {
  const { rows } = await db.query<{ isNew: boolean }>(
    `insert into watches (source_key, link, every_ms, cron, time_zone, case_name, tags, note,
       next_due_at, last_swept_at, created_by, created_at)
     select "sourceKey", link, "everyMs", cron, "timeZone", "caseName", tags, note,
       "nextDueAt", "lastSweptAt", "createdBy", "createdAt"
     from jsonb_to_record($1) as row ("sourceKey" text, link text, "everyMs" bigint, cron text,
       "timeZone" text, "caseName" text, tags text[], note text, "nextDueAt" timestamptz,
       "lastSweptAt" timestamptz, "createdBy" text, "createdAt" timestamptz)
     on conflict (md5(source_key)) do update set
       link = excluded.link, every_ms = excluded.every_ms, cron = excluded.cron,
       time_zone = excluded.time_zone, case_name = excluded.case_name, tags = excluded.tags,
       note = excluded.note, next_due_at = excluded.next_due_at,
       created_by = excluded.created_by, created_at = excluded.created_at
     returning xmax = 0 as "isNew"`,
    [storableJson(watch)],
  );
  return rows[0]?.isNew === true;
}

/** @returns whether there was one */
export async function removeWatch(db: Queryable, sourceKey: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'delete from watches where md5(source_key) = md5($1) and source_key = $1',
    [sourceKey],
  );
  return rowCount > 0;
}

export async function listWatches(db: Queryable): Promise<WatchRow[]> {
  const { rows } = await db.query<WatchRow>(
    `select ${columns} from watches order by next_due_at, source_key`,
  );
  return rows;
}

/** Due watches, locked until the transaction ends; another sweep passes over them meanwhile. */
export async function takeDueWatches(tx: Queryable, now: Date, limit: number): Promise<WatchRow[]> {
  const { rows } = await tx.query<WatchRow>(
    `select ${columns} from watches where next_due_at <= $1
     order by next_due_at limit $2 for update skip locked`,
    [now, limit],
  );
  return rows;
}

export async function rescheduleWatch(
  tx: Queryable,
  sourceKey: string,
  nextDueAt: Date,
  sweptAt: Date,
): Promise<void> {
  await tx.query(
    `update watches set next_due_at = $2, last_swept_at = $3
     where md5(source_key) = md5($1) and source_key = $1`,
    [sourceKey, nextDueAt, sweptAt],
  );
}
