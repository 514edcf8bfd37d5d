/** Up to where somebody has looked: at everything, or at one source. */
import type { Queryable } from './database.ts';

export interface LastLook {
  captureId: string | null;
  /** In the stream of events. */
  position: number | null;
  at: Date;
}

/** `about` of everything. */
export const everything = '';

export async function lastLook(
  db: Queryable,
  who: string,
  about: string,
): Promise<LastLook | null> {
  const { rows } = await db.query<LastLook>(
    `select capture_id as "captureId", position, at from last_looks
     where who = $1 and md5(about) = md5($2) and about = $2`,
    [who, about],
  );
  return rows[0] ?? null;
}

export async function noteLook(
  db: Queryable,
  who: string,
  about: string,
  { captureId, position }: Pick<LastLook, 'captureId' | 'position'>,
): Promise<void> {
  await db.query(
    `insert into last_looks (who, about, capture_id, position) values ($1, $2, $3, $4)
     on conflict (who, md5(about)) do update set
       capture_id = excluded.capture_id, position = excluded.position, at = clock_timestamp()`,
    [who, about, captureId, position],
  );
}
