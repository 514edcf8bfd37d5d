/** Closed captures that wait to be compared with the one before: rows, so that none is lost. */
import type { Queryable } from './database.ts';

export interface Uncompared {
  captureId: string;
  /** Only its media are left: they wait for the fingerprints of both captures. */
  textCompared: boolean;
}

/** Locked until the transaction ends; another worker passes over it meanwhile. */
export async function takeUncompared(tx: Queryable): Promise<Uncompared | null> {
  const { rows } = await tx.query<Uncompared>(
    `select capture_id as "captureId", text_compared as "textCompared"
     from uncompared_captures waiting
     where due_at <= now() and not (text_compared and exists (
       select from waiting_derivations where capture_id = waiting.capture_id))
     order by due_at limit 1 for update skip locked`,
  );
  return rows[0] ?? null;
}

export async function markTextCompared(tx: Queryable, captureId: string): Promise<void> {
  await tx.query('update uncompared_captures set text_compared = true where capture_id = $1', [
    captureId,
  ]);
}

/** The capture before is still being looked into. */
export async function waitForFingerprints(tx: Queryable, captureId: string): Promise<void> {
  await tx.query(
    `update uncompared_captures set due_at = now() + interval '5 seconds' where capture_id = $1`,
    [captureId],
  );
}

export async function markCompared(tx: Queryable, captureId: string): Promise<void> {
  await tx.query('delete from uncompared_captures where capture_id = $1', [captureId]);
}

/** It could not be done now: later, each time later. */
export async function putOffComparing(db: Queryable, captureId: string): Promise<void> {
  await db.query(
    `update uncompared_captures set tries = tries + 1,
       due_at = now() + interval '1 minute' * power(2, least(tries, 10))
     where capture_id = $1`,
    [captureId],
  );
}

/** The newest capture of the source that kept something, closed before this one was. */
export async function captureBefore(
  db: Queryable,
  sourceKey: string,
  captureId: string,
): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>(
    `select before.capture_id as id
     from capture_outcomes before, capture_outcomes this
     where this.capture_id = $2 and md5(before.source_key) = md5($1)
       and before.source_key = $1 and before.capture_id <> $2
       and before.state in ('complete', 'partial') and before.finished_at <= this.finished_at
     order by before.finished_at desc limit 1`,
    [sourceKey, captureId],
  );
  return rows[0]?.id ?? null;
}
