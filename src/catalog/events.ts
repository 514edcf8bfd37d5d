/** Things a reader must be told, and things that happened to a source. */

import { uuidv7 } from 'uuidv7';
import type { EventKind } from '../model/event-kinds.ts';
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

export interface NewEvent {
  /** Given only when a catalog is rebuilt. */
  id?: string;
  kind: EventKind;
  sourceKey: string | null;
  detail: Record<string, unknown>;
  at: Date;
}

export interface EventRow extends NewEvent {
  id: string;
  captureId: string | null;
}

export async function insertEvents(
  db: Queryable,
  captureId: string | null,
  events: NewEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map((event) => ({ id: uuidv7(), ...event }));
  await db.query(
    `insert into events (id, kind, source_key, capture_id, detail, at)
     select id, kind, "sourceKey", $2, detail, at
     from jsonb_to_recordset($1) as row
       (id uuid, kind text, "sourceKey" text, detail jsonb, at timestamptz)
     on conflict (id) do nothing`,
    [storableJson(rows), captureId],
  );
}

/** Those of these ids that there are. */
export async function knownEvents(db: Queryable, ids: string[]): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>('select id from events where id = any($1)', [
    ids,
  ]);
  return new Set(rows.map(({ id }) => id));
}

/** Those of no capture, a page at a time in the order of their ids. */
export async function eventsOfNoCapture(
  db: Queryable,
  after: string | null,
  limit: number,
): Promise<EventRow[]> {
  const { rows } = await db.query<EventRow>(
    `select id, kind, source_key as "sourceKey", capture_id as "captureId", detail, at
     from events where capture_id is null and ($1::uuid is null or id > $1) order by id limit $2`,
    [after, limit],
  );
  return rows;
}

/** In the order in which they happened. */
export async function eventsOf(db: Queryable, captureId: string): Promise<EventRow[]> {
  const { rows } = await db.query<EventRow>(
    `select id, kind, source_key as "sourceKey", capture_id as "captureId", detail, at
     from events where capture_id = $1 order by at, id`,
    [captureId],
  );
  return rows;
}

/** When an event of this kind happened last, to whatever source. */
export async function lastEventAt(db: Queryable, kind: EventKind): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date | null }>(
    'select max(at) as at from events where kind = $1',
    [kind],
  );
  return rows[0]?.at ?? null;
}

/** Whether an event of this kind, about no source, with this `code` was written since. */
export async function wasTold(
  db: Queryable,
  kind: EventKind,
  code: string,
  since: Date,
): Promise<boolean> {
  const { rows } = await db.query<{ told: boolean }>(
    `select exists (
       select from events
       where source_key is null and kind = $1 and detail ->> 'code' = $2 and at >= $3
     ) as told`,
    [kind, code, since],
  );
  return rows[0]?.told === true;
}
