/**
 * Which unfinished captures the queue should have next. A slot says that a capture was
 * handed over, and how often; it is bookkeeping, not evidence.
 */
import type { Origin } from '../model/submission.ts';
import type { Queryable } from './database.ts';

export interface UnfedCapture {
  captureId: string;
  caseName: string | null;
  origin: Origin;
  priority: number;
}

export interface Slot {
  captureId: string;
  /** How many times it was handed to the queue; from 1. */
  round: number;
  handedAt: Date;
}

export interface SlotToday extends Slot {
  /** The capture is closed: the slot can be released. */
  finished: boolean;
}

const columns = 'capture_id as "captureId", round, handed_at as "handedAt"';

/**
 * Captures that nobody handed over yet, in the order in which that is fair: what people
 * asked for, then what other programs and then what watches did; there, one of each case in
 * turn; in a case, by priority and age.
 */
export async function unfedCaptures(db: Queryable, limit: number): Promise<UnfedCapture[]> {
  const { rows } = await db.query<UnfedCapture>(
    // Only the head of each line is read, so a long line costs no more than a short one.
    `with recursive line (origin, case_name) as (
       (select origin, case_name from unfinished_captures order by origin, case_name limit 1)
       union all
       select following.* from line cross join lateral (
         select origin, case_name from unfinished_captures waiting
         where (waiting.origin, waiting.case_name) > (line.origin, line.case_name)
         order by origin, case_name limit 1
       ) following
     )
     select capture_id as "captureId", nullif(case_name, '') as "caseName", origin, priority
     from line cross join lateral (
       select capture_id, priority, opened_at, row_number() over (order by priority desc, opened_at, capture_id) as turn
       from (
         select * from unfinished_captures waiting
         where waiting.origin = line.origin and waiting.case_name = line.case_name
           and not exists (select from feeder_slots where capture_id = waiting.capture_id)
         order by priority desc, opened_at, capture_id limit $1
       ) as head
     ) as waiting
     order by array_position(array['human', 'program', 'watch'], origin), turn, priority desc,
       opened_at, capture_id
     limit $1`,
    [limit],
  );
  return rows;
}

/** @returns the slots that this call took; other captures were handed over by somebody else */
export async function takeSlots(db: Queryable, captureIds: string[]): Promise<Slot[]> {
  const { rows } = await db.query<Slot>(
    `insert into feeder_slots (capture_id, round, handed_at)
     select id, 1, now() from unnest($1::uuid[]) as id order by id
     on conflict do nothing returning ${columns}`,
    [captureIds],
  );
  return rows;
}

/** For captures whose job was lost: the same slot, one round later. */
export async function handAgain(db: Queryable, lost: Slot[]): Promise<Slot[]> {
  const { rows } = await db.query<Slot>(
    `update feeder_slots set round = feeder_slots.round + 1, handed_at = now()
     from unnest($1::uuid[], $2::int[]) as lost (id, seen)
     where capture_id = lost.id and feeder_slots.round = lost.seen
     returning ${columns}`,
    [lost.map(({ captureId }) => captureId), lost.map(({ round }) => round)],
  );
  return rows;
}

export async function slots(db: Queryable): Promise<SlotToday[]> {
  const { rows } = await db.query<SlotToday>(
    `select ${columns}, not exists (
       select from unfinished_captures where capture_id = feeder_slots.capture_id) as finished
     from feeder_slots order by handed_at, capture_id`,
  );
  return rows;
}

export async function slotOf(db: Queryable, captureId: string): Promise<Slot | null> {
  const { rows } = await db.query<Slot>(
    `select ${columns} from feeder_slots where capture_id = $1`,
    [captureId],
  );
  return rows[0] ?? null;
}

export async function releaseSlots(db: Queryable, captureIds: string[]): Promise<void> {
  await db.query('delete from feeder_slots where capture_id = any($1)', [captureIds]);
}

export async function unfinishedCount(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>('select count(*) from unfinished_captures');
  return rows[0]?.count ?? 0;
}
