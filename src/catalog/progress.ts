/** How far running steps are: for whoever watches, and of no use afterwards. */
import type { Queryable } from './database.ts';

export interface Progress {
  doneBytes?: number | null;
  totalBytes?: number | null;
  bytesPerSecond?: number | null;
  note?: string | null;
}

export interface ProgressRow extends Required<Progress> {
  captureId: string;
  step: string;
  updatedAt: Date;
}

/** Never throws: work doesn't fail because nobody could be told how far it is. */
export async function noteProgress(
  db: Queryable,
  captureId: string,
  step: string,
  progress: Progress,
): Promise<void> {
  await db
    .query(
      `insert into step_progress
         (capture_id, step, done_bytes, total_bytes, bytes_per_second, note, updated_at)
       values ($1, $2, $3, $4, $5, $6, now())
       on conflict (capture_id, step) do update set
         done_bytes = excluded.done_bytes, total_bytes = excluded.total_bytes,
         bytes_per_second = excluded.bytes_per_second, note = excluded.note, updated_at = now()`,
      [
        captureId,
        step,
        progress.doneBytes ?? null,
        progress.totalBytes ?? null,
        progress.bytesPerSecond == null ? null : Math.round(progress.bytesPerSecond),
        progress.note ?? null,
      ],
    )
    .catch(() => undefined);
}

export async function clearProgress(db: Queryable, captureId: string, step: string): Promise<void> {
  await db.query('delete from step_progress where capture_id = $1 and step = $2', [
    captureId,
    step,
  ]);
}

export async function progressOf(db: Queryable, captureIds: string[]): Promise<ProgressRow[]> {
  const { rows } = await db.query<ProgressRow>(
    `select capture_id as "captureId", step, done_bytes as "doneBytes",
       total_bytes as "totalBytes", bytes_per_second as "bytesPerSecond", note,
       updated_at as "updatedAt"
     from step_progress where capture_id = any($1) order by updated_at desc`,
    [captureIds],
  );
  return rows;
}
