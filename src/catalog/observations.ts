/** What one route said about a source at one moment. Raw, never rewritten. */
import { uuidv7 } from 'uuidv7';
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

export interface NewObservation {
  /** Given only when a catalog is rebuilt, and by checks, whose record names them. */
  id?: string;
  sourceKey: string;
  route: string;
  url: string;
  httpStatus: number | null;
  failure: string | null;
  signal: string;
  statement: string | null;
  headers: [name: string, value: string][];
  bodySha256: string | null;
  exitLabel: string | null;
  observedAt: Date;
  /** Whether the same route gave what is known to be there; absent or null: not asked. */
  canary?: 'passed' | 'failed' | null;
  /** Of what matters in the source as this route showed it. */
  contentSha256?: string | null;
  counters?: Record<string, number> | null;
}

export interface ObservationRow extends NewObservation {
  id: string;
  /** `null`: made by a check, not by a capture. */
  captureId: string | null;
}

/** By a capture or by a check: the other one is `null`. */
export async function insertObservations(
  db: Queryable,
  captureId: string | null,
  observations: NewObservation[],
  checkId: string | null = null,
): Promise<void> {
  if (observations.length === 0) return;
  const rows = observations.map((observation) => ({ id: uuidv7(), ...observation }));
  await db.query(
    `insert into observations (id, source_key, capture_id, check_id, route, url, http_status,
       failure, signal, statement, headers, body_sha256, exit_label, observed_at, canary,
       content_sha256, counters)
     select id, "sourceKey", $2, $3, route, url, "httpStatus", failure,
       signal, statement, headers, "bodySha256", "exitLabel", "observedAt", canary,
       "contentSha256", nullif(counters, 'null')
     from jsonb_to_recordset($1) as row (id uuid, "sourceKey" text, route text, url text,
       "httpStatus" int, failure text, signal text, statement text, headers jsonb,
       "bodySha256" text, "exitLabel" text, "observedAt" timestamptz, canary text,
       "contentSha256" text, counters jsonb)
     on conflict (id) do nothing`,
    [storableJson(rows), captureId, checkId],
  );
}

/** In the order in which they were made. */
export async function observationsOf(db: Queryable, captureId: string): Promise<ObservationRow[]> {
  const { rows } = await db.query<ObservationRow>(
    `select id, source_key as "sourceKey", capture_id as "captureId", route, url,
       http_status as "httpStatus", failure, signal, statement, headers,
       body_sha256 as "bodySha256", exit_label as "exitLabel", observed_at as "observedAt",
       content_sha256 as "contentSha256", counters
     from observations where capture_id = $1 order by observed_at, id`,
    [captureId],
  );
  return rows;
}

/** One observation as far as conclusions are drawn from it. */
export interface HeardRow {
  sourceKey: string;
  /** The capture or check that it belongs to; its own id where it belongs to none. */
  visit: string;
  route: string;
  signal: string;
  canary: 'passed' | 'failed' | null;
  held: boolean;
  observedAt: Date;
}

/** Everything that was ever heard about these sources, in the order in which it was. */
export async function heardAbout(db: Queryable, sourceKeys: string[]): Promise<HeardRow[]> {
  const { rows } = await db.query<HeardRow>(
    `select made.source_key as "sourceKey",
       coalesce(made.capture_id, made.check_id, made.id) as visit, made.route, made.signal,
       made.canary, coalesce(checks.held, false) as held, made.observed_at as "observedAt"
     from unnest($1::text[]) as asked (key)
     join observations made on md5(made.source_key) = md5(key) and made.source_key = key
     left join checks on checks.id = made.check_id
     order by made.observed_at, made.id`,
    [[...new Set(sourceKeys)]],
  );
  return rows;
}

/**
 * By which rule each source was concluded about last, as the capture or check wrote it down
 * that observed it last. One for which nobody did is not among the answers.
 */
export async function rulesOfLastVisits(
  db: Queryable,
  sourceKeys: string[],
): Promise<Map<string, unknown>> {
  const { rows } = await db.query<{ key: string; rule: unknown }>(
    `select distinct on (key) key, coalesce(checks.rule, step.detail -> 'rule') as rule
     from unnest($1::text[]) as asked (key)
     join observations made on md5(made.source_key) = md5(key) and made.source_key = key
     left join checks on checks.id = made.check_id
     left join step_attempts step
       on step.capture_id = made.capture_id and step.step = 'record' and step.final
     order by key, made.observed_at desc, made.id desc`,
    [[...new Set(sourceKeys)]],
  );
  return new Map(rows.flatMap(({ key, rule }) => (rule === null ? [] : [[key, rule] as const])));
}

export interface CounterRow {
  at: Date;
  route: string;
  counters: Record<string, number>;
}

/** Likes, replies and the like over time. No change of them is ever an event. */
export async function countersOf(db: Queryable, sourceKey: string): Promise<CounterRow[]> {
  const { rows } = await db.query<CounterRow>(
    `select observed_at as at, route, counters from observations
     where md5(source_key) = md5($1) and source_key = $1 and counters <> '{}'
     order by observed_at, id`,
    [sourceKey],
  );
  return rows;
}

/**
 * Sources that a capture heard of or that were asked about, a page at a time in the order of
 * their digest. Canaries, which were only asked beside them, are none.
 */
export async function observedSources(
  db: Queryable,
  asked: string[],
  after: string | null,
  limit: number,
): Promise<string[]> {
  const { rows } = await db.query<{ key: string }>(
    `select distinct on (md5(source_key), source_key) source_key as key from observations
     where (capture_id is not null or source_key = any($3))
       and ($1::text is null or (md5(source_key), source_key) > (md5($1), $1))
     order by md5(source_key), source_key limit $2`,
    [after, limit, asked],
  );
  return rows.map(({ key }) => key);
}
