/** Captures that are under way, and what each of them waits for. */
import type { Queryable } from './database.ts';
import { type ProgressRow, progressOf } from './progress.ts';

export interface OpenCapture {
  captureId: string;
  link: string;
  sourceKey: string;
  caseName: string | null;
  openedAt: Date;
  /** How often it was handed to the queue, and when last; 0: it waits for its turn. */
  round: number;
  handedAt: Date | null;
  /** Names of the steps that have ended. */
  ended: string[];
  /** Of the last attempt that was not final: why it will be made again. */
  retryReason: string | null;
  progress: ProgressRow[];
}

/** Those in the queue first, then those that wait for their turn, the oldest first. */
export async function openCaptures(db: Queryable, limit: number): Promise<OpenCapture[]> {
  const { rows } = await db.query<Omit<OpenCapture, 'progress'>>(
    `select waiting.capture_id as "captureId", asked.link, captures.source_key as "sourceKey",
       nullif(waiting.case_name, '') as "caseName", waiting.opened_at as "openedAt",
       coalesce(slot.round, 0) as round, slot.handed_at as "handedAt",
       array(select step from step_attempts
         where capture_id = waiting.capture_id and final order by finished_at) as ended,
       (select reason from step_attempts attempt
         where capture_id = waiting.capture_id and not final and not exists (
           select from step_attempts later where later.capture_id = attempt.capture_id
             and later.step = attempt.step and later.attempt > attempt.attempt)
         order by finished_at desc limit 1) as "retryReason"
     from unfinished_captures waiting
     join captures on captures.id = waiting.capture_id
     join submissions asked on asked.id = captures.submission_id
     left join feeder_slots slot on slot.capture_id = waiting.capture_id
     order by slot.handed_at nulls last, waiting.opened_at, waiting.capture_id limit $1`,
    [limit],
  );
  const progress = Map.groupBy(
    await progressOf(
      db,
      rows.map(({ captureId }) => captureId),
    ),
    ({ captureId }) => captureId,
  );
  return rows.map((row) => ({ ...row, progress: progress.get(row.captureId) ?? [] }));
}
