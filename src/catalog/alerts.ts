/** Alerts: what is to be told, what was told, and who took note. */
import type { EventKind } from '../model/event-kinds.ts';
import type { Queryable } from './database.ts';

/** One event, as alerts see it. */
export interface ToldEvent {
  id: string;
  kind: EventKind;
  sourceKey: string | null;
  captureId: string | null;
  detail: Record<string, unknown>;
  at: Date;
  /** Cases of the source, or of the capture. */
  cases: string[];
}

export interface AlertRow {
  id: string;
  channel: string;
  eventIds: string[];
  gathers: boolean;
  telling: number;
  state: 'waiting' | 'delivered' | 'given-up' | 'needless';
  attempts: number;
  madeAt: Date;
  dueAt: Date;
}

const alertColumns = `id, channel, event_ids as "eventIds", gathers, telling, state, attempts,
  made_at as "madeAt", due_at as "dueAt"`;

const eventColumns = `events.id, events.kind, events.source_key as "sourceKey",
  events.capture_id as "captureId", events.detail, events.at,
  array(
    select member.case_name from (
      select resolved_source(events.source_key)
      union
      select source_key from captures_resolved where id = events.capture_id
    ) about (key) cross join lateral case_sources(null, about.key) member
    group by member.case_name order by member.case_name
  ) as cases`;

/** Takes events out of the inbox for good; whoever rolls back puts them in again. */
export async function takeInbox(tx: Queryable, limit: number): Promise<ToldEvent[]> {
  const { rows } = await tx.query<ToldEvent>(
    `with taken as (
       delete from alert_inbox where event_id in (
         select event_id from alert_inbox order by event_id limit $1 for update skip locked)
       returning event_id
     )
     select ${eventColumns} from taken join events on events.id = taken.event_id
     order by events.at, events.id`,
    [limit],
  );
  return rows;
}

/** After a rebuild: what was restored has been told, or is too old to be news. */
export async function emptyInbox(db: Queryable): Promise<void> {
  await db.query('delete from alert_inbox');
}

export async function eventsById(db: Queryable, ids: string[]): Promise<ToldEvent[]> {
  const { rows } = await db.query<ToldEvent>(
    `select ${eventColumns} from events where id = any($1) order by at, id`,
    [ids],
  );
  return rows;
}

export async function insertAlert(
  tx: Queryable,
  alert: Pick<AlertRow, 'id' | 'channel' | 'eventIds' | 'gathers' | 'telling' | 'madeAt' | 'dueAt'>,
): Promise<void> {
  await tx.query(
    `insert into alerts (id, channel, event_ids, gathers, telling, made_at, due_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      alert.id,
      alert.channel,
      alert.eventIds,
      alert.gathers,
      alert.telling,
      alert.madeAt,
      alert.dueAt,
    ],
  );
}

/** Whether a message of this channel was still open for them. */
export async function joinGathering(
  tx: Queryable,
  channel: string,
  eventIds: string[],
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update alerts set event_ids = event_ids || $2::uuid[]
     where id = (
       select id from alerts
       where channel = $1 and gathers and state = 'waiting' and attempts = 0
       order by due_at limit 1 for update)`,
    [channel, eventIds],
  );
  return rowCount === 1;
}

export async function alertsMadeSince(
  db: Queryable,
  channel: string,
  since: Date,
): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'select count(*)::integer as count from alerts where channel = $1 and made_at > $2',
    [channel, since],
  );
  return rows[0]?.count ?? 0;
}

/**
 * Takes the alert that has been due longest. It is due again after `leaseMs`, so that one
 * whose sender dies is sent again: possibly twice, never not at all.
 */
export async function claimDueAlert(
  db: Queryable,
  now: Date,
  leaseMs: number,
): Promise<AlertRow | null> {
  const { rows } = await db.query<AlertRow>(
    `update alerts set attempts = attempts + 1, due_at = $1::timestamptz + $2 * interval '1 millisecond'
     where id = (
       select id from alerts where state = 'waiting' and due_at <= $1
       order by due_at limit 1 for update skip locked)
     returning ${alertColumns}`,
    [now, leaseMs],
  );
  return rows[0] ?? null;
}

export interface AlertAttempt {
  alertId: string;
  attempt: number;
  delivered: boolean;
  httpStatus: number | null;
  reason: string | null;
  at: Date;
}

/** Writes down how an attempt went, and what follows from it. */
export async function recordAttempt(
  tx: Queryable,
  attempt: AlertAttempt,
  next: { state: AlertRow['state']; dueAt: Date },
): Promise<void> {
  await tx.query(
    `insert into alert_attempts (alert_id, attempt, delivered, http_status, reason, at)
     values ($1, $2, $3, $4, $5, $6)`,
    [
      attempt.alertId,
      attempt.attempt,
      attempt.delivered,
      attempt.httpStatus,
      attempt.reason,
      attempt.at,
    ],
  );
  await tx.query('update alerts set state = $2, due_at = $3 where id = $1', [
    attempt.alertId,
    next.state,
    next.dueAt,
  ]);
}

/** Ends an alert without sending it. */
export async function endAlert(
  db: Queryable,
  id: string,
  state: 'needless' | 'given-up',
): Promise<void> {
  await db.query('update alerts set state = $2 where id = $1', [id, state]);
}

/** Sends it once more, whatever became of it before. */
export async function redeliver(db: Queryable, id: string, now: Date): Promise<boolean> {
  const { rowCount } = await db.query(
    `update alerts set state = 'waiting', due_at = $2 where id = $1`,
    [id, now],
  );
  return rowCount === 1;
}

export async function switchChannelOff(
  db: Queryable,
  channel: string,
  reason: string,
  since: Date,
): Promise<void> {
  await db.query(
    `insert into alert_channels_off (channel, reason, since) values ($1, $2, $3)
     on conflict (channel) do nothing`,
    [channel, reason, since],
  );
}

export async function switchChannelOn(db: Queryable, channel: string): Promise<void> {
  await db.query('delete from alert_channels_off where channel = $1', [channel]);
}

export async function channelsOff(db: Queryable): Promise<Map<string, string>> {
  const { rows } = await db.query<{ channel: string; reason: string }>(
    'select channel, reason from alert_channels_off',
  );
  return new Map(rows.map(({ channel, reason }) => [channel, reason]));
}

/** The first to take note is kept. Returns the events that nobody had acknowledged before. */
export async function acknowledge(
  db: Queryable,
  eventIds: string[],
  by: string,
  note: string | null,
  at: Date,
): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `insert into alert_acknowledgements (event_id, acknowledged_by, note, at)
     select id, $2, $3, $4 from events where id = any($1)
     on conflict (event_id) do nothing returning event_id as id`,
    [eventIds, by, note, at],
  );
  return rows.map(({ id }) => id);
}

export async function unacknowledged(db: Queryable, eventIds: string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from unnest($1::uuid[]) as id
     where not exists (select from alert_acknowledgements where event_id = id)`,
    [eventIds],
  );
  return rows.map(({ id }) => id);
}

export async function alertById(db: Queryable, id: string): Promise<AlertRow | null> {
  const { rows } = await db.query<AlertRow>(`select ${alertColumns} from alerts where id = $1`, [
    id,
  ]);
  return rows[0] ?? null;
}

/** Newest first. */
export async function recentAlerts(db: Queryable, limit: number): Promise<AlertRow[]> {
  const { rows } = await db.query<AlertRow>(
    `select ${alertColumns} from alerts order by made_at desc, id desc limit $1`,
    [limit],
  );
  return rows;
}

export async function attemptsOfAlert(db: Queryable, id: string): Promise<AlertAttempt[]> {
  const { rows } = await db.query<AlertAttempt>(
    `select alert_id as "alertId", attempt, delivered, http_status as "httpStatus", reason, at
     from alert_attempts where alert_id = $1 order by attempt`,
    [id],
  );
  return rows;
}

/** What happened to the sources of a case, newest first. */
export async function eventsOfCase(
  db: Queryable,
  caseName: string,
  kinds: string[],
  limit: number,
): Promise<ToldEvent[]> {
  const { rows } = await db.query<ToldEvent>(
    `select ${eventColumns} from events
     where kind = any($2) and events.id in (
       select about.id from case_sources($1, null) member
       cross join lateral keys_of_source(member.source_key) keys
       join events about on md5(about.source_key) = md5(keys.source_key)
         and about.source_key = keys.source_key
       union
       select about.id from case_sources($1, null) member
       cross join lateral captures_of_source(member.source_key) own
       join events about on about.capture_id = own.id)
     order by at desc, id desc limit $3`,
    [caseName, kinds, limit],
  );
  return rows;
}
