/** Which authorities still owe a token over which checkpoint, and when they are asked again. */
import type { Queryable } from './database.ts';

export interface DueTimestamp {
  size: number;
  authority: string;
  /** How often it was asked in vain. */
  tries: number;
  /** What went wrong the last time. */
  failure: string | null;
}

/** Nothing happens where there is a token or one is due already. */
export async function scheduleTimestamps(
  db: Queryable,
  size: number,
  authorities: string[],
  now: Date,
): Promise<void> {
  await db.query(
    `insert into timestamp_schedule (size, authority, next_at)
     select $1, asked.authority, $3 from unnest($2::text[]) as asked (authority)
     where not exists (
       select from checkpoint_timestamps as token
       where token.size = $1 and token.authority = asked.authority
     )
     on conflict do nothing`,
    [size, authorities, now],
  );
}

/** Newest checkpoints first: their tokens cover the older ones too. */
export async function dueTimestamps(
  db: Queryable,
  authorities: string[],
  now: Date,
  limit: number,
): Promise<DueTimestamp[]> {
  const { rows } = await db.query<DueTimestamp>(
    `select size, authority, tries, failure from timestamp_schedule
     where next_at <= $1 and authority = any($2) order by size desc, authority limit $3`,
    [now, authorities, limit],
  );
  return rows;
}

export async function unscheduleTimestamp(
  db: Queryable,
  size: number,
  authority: string,
): Promise<void> {
  await db.query('delete from timestamp_schedule where size = $1 and authority = $2', [
    size,
    authority,
  ]);
}

export async function postponeTimestamp(
  db: Queryable,
  due: { size: number; authority: string },
  failure: string,
  nextAt: Date,
): Promise<void> {
  await db.query(
    `update timestamp_schedule set tries = tries + 1, failure = $3, next_at = $4
     where size = $1 and authority = $2`,
    [due.size, due.authority, failure, nextAt],
  );
}

/** What each authority owes, for status. */
export async function pendingTimestamps(
  db: Queryable,
): Promise<{ authority: string; pending: number; failure: string | null }[]> {
  const { rows } = await db.query<{ authority: string; pending: number; failure: string | null }>(
    `select authority, count(*) as pending, max(failure) as failure
     from timestamp_schedule group by authority order by authority`,
  );
  return rows;
}

/** Size of the newest checkpoint that one of these still owes something over. */
export async function newestScheduled(
  db: Queryable,
  authorities: string[],
): Promise<number | null> {
  const { rows } = await db.query<{ size: number | null }>(
    'select max(size) as size from timestamp_schedule where authority = any($1)',
    [authorities],
  );
  return rows[0]?.size ?? null;
}
