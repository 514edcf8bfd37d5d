/** What one route said about a source at one moment. Raw, never rewritten. */
import { uuidv7 } from 'uuidv7';
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

export interface NewObservation {
  /** Given only when a catalog is rebuilt. */
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
}

export interface ObservationRow extends NewObservation {
  id: string;
  /** `null`: made by a check, not by a capture. */
  captureId: string | null;
}

export async function insertObservations(
  db: Queryable,
  captureId: string | null,
  observations: NewObservation[],
): Promise<void> {
  if (observations.length === 0) return;
  const rows = observations.map((observation) => ({ id: uuidv7(), ...observation }));
  await db.query(
    `insert into observations (id, source_key, capture_id, route, url, http_status, failure,
       signal, statement, headers, body_sha256, exit_label, observed_at)
     select id, "sourceKey", $2, route, url, "httpStatus", failure,
       signal, statement, headers, "bodySha256", "exitLabel", "observedAt"
     from jsonb_to_recordset($1) as row (id uuid, "sourceKey" text, route text, url text,
       "httpStatus" int, failure text, signal text, statement text, headers jsonb,
       "bodySha256" text, "exitLabel" text, "observedAt" timestamptz)
     on conflict (id) do nothing`,
    [storableJson(rows), captureId],
  );
}

/** In the order in which they were made. */
export async function observationsOf(db: Queryable, captureId: string): Promise<ObservationRow[]> {
  const { rows } = await db.query<ObservationRow>(
    `select id, source_key as "sourceKey", capture_id as "captureId", route, url,
       http_status as "httpStatus", failure, signal, statement, headers,
       body_sha256 as "bodySha256", exit_label as "exitLabel", observed_at as "observedAt"
     from observations where capture_id = $1 order by observed_at, id`,
    [captureId],
  );
  return rows;
}
