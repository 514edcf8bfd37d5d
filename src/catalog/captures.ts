/** Captures: opened by one insert, closed by another, never changed. */

import { NotFoundError, PermanentError } from '../base/errors.ts';
import type { CaptureState, Environment } from '../model/capture-record.ts';
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

export interface CaptureRow {
  id: string;
  submissionId: string;
  /** The source as it was asked for; `CaptureOutcome` has the one it turned out to be. */
  sourceKey: string;
  environment: Environment;
  openedAt: Date;
}

export interface CaptureOutcome {
  captureId: string;
  sourceKey: string;
  state: CaptureState;
  manifestSha256: string;
  startedAt: Date;
  finishedAt: Date;
}

export async function openCaptures(tx: Queryable, rows: CaptureRow[]): Promise<void> {
  await tx.query(
    `insert into captures (id, submission_id, source_key, environment, opened_at)
     select id, "submissionId", "sourceKey", environment, "openedAt"
     from jsonb_to_recordset($1) as row (id uuid, "submissionId" uuid, "sourceKey" text,
       environment text, "openedAt" timestamptz)`,
    [storableJson(rows)],
  );
}

export async function captureById(db: Queryable, id: string): Promise<CaptureRow | null> {
  const { rows } = await db.query<CaptureRow>(
    `select id, submission_id as "submissionId", source_key as "sourceKey", environment,
       opened_at as "openedAt"
     from captures where id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** What a capture is a capture of, as far as that is known. @throws NotFoundError `no-capture` */
export async function resolvedCapture(db: Queryable, id: string): Promise<{ sourceKey: string }> {
  const { rows } = await db.query<{ sourceKey: string }>(
    'select source_key as "sourceKey" from captures_resolved where id = $1',
    [id],
  );
  const [found] = rows;
  if (found !== undefined) return found;
  throw new NotFoundError('no-capture', `there is no capture ${id}`);
}

/** Held until the transaction ends: whoever writes to a capture, and whoever closes it, take turns. */
export async function lockCapture(tx: Queryable, captureId: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [captureId]);
}

/**
 * Nothing is added to a closed capture.
 * @throws PermanentError `capture-closed`
 */
export async function refuseIfClosed(tx: Queryable, captureId: string): Promise<void> {
  if ((await outcomeOf(tx, captureId)) === null) return;
  throw new PermanentError('capture-closed', `capture ${captureId} is closed`);
}

/** Closes a capture, once. @returns whether this call did; otherwise it was closed before */
export async function closeCapture(db: Queryable, outcome: CaptureOutcome): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into capture_outcomes
       (capture_id, source_key, state, manifest_sha256, started_at, finished_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing`,
    [
      outcome.captureId,
      outcome.sourceKey,
      outcome.state,
      outcome.manifestSha256,
      outcome.startedAt,
      outcome.finishedAt,
    ],
  );
  return rowCount === 1;
}

export async function outcomeOf(db: Queryable, captureId: string): Promise<CaptureOutcome | null> {
  const { rows } = await db.query<CaptureOutcome>(
    `select capture_id as "captureId", source_key as "sourceKey", state,
       manifest_sha256 as "manifestSha256", started_at as "startedAt", finished_at as "finishedAt"
     from capture_outcomes where capture_id = $1`,
    [captureId],
  );
  return rows[0] ?? null;
}

/** Every closed capture, the oldest first. */
export async function closedCaptures(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select captures.id from captures
     join capture_outcomes on capture_outcomes.capture_id = captures.id
     order by captures.opened_at, captures.id`,
  );
  return rows.map(({ id }) => id);
}

/** The cases that these captures were first asked for, each once; `null` for none. */
export async function casesAskedFor(
  db: Queryable,
  captureIds: string[],
): Promise<(string | null)[]> {
  const { rows } = await db.query<{ name: string | null }>(
    `select distinct submissions.case_name as name
     from captures join submissions on submissions.id = captures.submission_id
     where captures.id = any($1)`,
    [captureIds],
  );
  return rows.map(({ name }) => name);
}

/** SHA-256 of the manifests of those of these captures that are closed. */
export async function manifestsOf(db: Queryable, captureIds: string[]): Promise<string[]> {
  const { rows } = await db.query<{ sha256: string }>(
    'select manifest_sha256 as sha256 from capture_outcomes where capture_id = any($1)',
    [captureIds],
  );
  return rows.map(({ sha256 }) => sha256);
}

/** When these captures were asked for, by id. */
export async function openingTimes(
  db: Queryable,
  captureIds: string[],
): Promise<Map<string, Date>> {
  const { rows } = await db.query<{ id: string; at: Date }>(
    'select id, opened_at as at from captures where id = any($1)',
    [captureIds],
  );
  return new Map(rows.map(({ id, at }) => [id, at]));
}

/** Those of these captures that are not closed. */
export async function unfinishedAmong(db: Queryable, captureIds: string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    'select capture_id as id from unfinished_captures where capture_id = any($1)',
    [captureIds],
  );
  return rows.map((row) => row.id);
}

/**
 * For each source that has one: its newest capture that is under way or kept something
 * (complete, partial). Aliases are followed as they were last seen.
 * @returns capture ids by the source asked for
 */
export async function existingCaptures(
  db: Queryable,
  sourceKeys: string[],
): Promise<Map<string, string>> {
  const { rows } = await db.query<{ asked: string; id: string }>(
    `with recursive reached (asked, source_key) as (
       select key, key from unnest($1::text[]) as key
       union
       select reached.asked, alias.source_key
       from reached cross join lateral (
         select source_key from source_aliases
         where md5(alias_key) = md5(reached.source_key) and alias_key = reached.source_key
         order by seen_at desc limit 1
       ) alias
     )
     select distinct on (asked) asked, found.id
     from reached
     -- Key by key: with thousands of keys, a join would read the whole archive for each batch of them.
     cross join lateral (
       select id from captures where md5(source_key) = md5(reached.source_key)
       union
       select capture_id from source_aliases where md5(source_key) = md5(reached.source_key)
       union
       select capture_id from capture_outcomes where md5(source_key) = md5(reached.source_key)
       offset 0
     ) candidate
     cross join lateral (
       select id, source_key, state, opened_at from captures_resolved where id = candidate.id
       offset 0
     ) found
     where found.source_key = reached.source_key
       and (state is null or state in ('complete', 'partial'))
     order by asked, opened_at desc, found.id desc`,
    [sourceKeys],
  );
  return new Map(rows.map(({ asked, id }) => [asked, id]));
}

/** The last closed capture of a source before this one; `null` for the first. */
export async function earlierCapture(
  db: Queryable,
  { captureId, source, openedAt }: { captureId: string; source: string; openedAt: Date },
): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>(
    `select capture_outcomes.capture_id as id
     from capture_outcomes join captures on captures.id = capture_outcomes.capture_id
     where md5(capture_outcomes.source_key) = md5($1) and capture_outcomes.source_key = $1
       and capture_outcomes.capture_id <> $2 and captures.opened_at <= $3
     order by captures.opened_at desc, captures.id desc limit 1`,
    [source, captureId, openedAt],
  );
  return rows[0]?.id ?? null;
}
