/** Which checkpoints with timestamps lie around a place in the log: for exports. */
import type { Queryable } from './database.ts';

/** Size of the first stamped checkpoint over an entry; `null` while there is none. */
export async function firstStampedAfter(db: Queryable, idx: number): Promise<number | null> {
  const { rows } = await db.query<{ size: number }>(
    'select size from checkpoint_timestamps where size > $1 order by size limit 1',
    [idx],
  );
  return rows[0]?.size ?? null;
}

/** Size of the last checkpoint whose token was entered in the log before it had `size` entries. */
export async function lastStampRecordedBefore(db: Queryable, size: number): Promise<number | null> {
  const { rows } = await db.query<{ size: number }>(
    `select checkpoint_timestamps.size from checkpoint_timestamps
     join log_entries on log_entries.type = 'timestamped'
       and log_entries.targets @> array[checkpoint_timestamps.token_sha256]
     where checkpoint_timestamps.size < $1 and log_entries.idx < $1
     order by checkpoint_timestamps.size desc limit 1`,
    [size],
  );
  return rows[0]?.size ?? null;
}
