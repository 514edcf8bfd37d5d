/** Acts of asking: the link as it was given, by whom, why, and what it led to. */

import type { IdentifiedLink } from '../links/found-link.ts';
import type { Origin } from '../model/submission.ts';
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

export interface SubmissionRow {
  id: string;
  batchId: string;
  /** Place in its batch, from 0. */
  position: number;
  link: string;
  /** `null` when it was rejected, for the reason in `rejected`. */
  sourceKey: string | null;
  rejected: string | null;
  captureId: string | null;
  caseName: string | null;
  tags: string[];
  note: string | null;
  submittedBy: string;
  reason: string | null;
  origin: Origin;
  priority: number;
  facts: IdentifiedLink['facts'];
  submittedAt: Date;
}

const columns = `
  id, batch_id as "batchId", position, link, source_key as "sourceKey", rejected,
  capture_id as "captureId", case_name as "caseName", tags, note,
  submitted_by as "submittedBy", reason, origin, priority, facts, submitted_at as "submittedAt"`;

/** Any number of rows in one statement. They may name captures that are opened later in the transaction. */
export async function insertSubmissions(tx: Queryable, rows: SubmissionRow[]): Promise<void> {
  await tx.query(
    `insert into submissions (id, batch_id, position, link, source_key, rejected, capture_id,
       case_name, tags, note, submitted_by, reason, origin, priority, facts, submitted_at)
     select id, "batchId", position, link, "sourceKey", rejected, "captureId",
       "caseName", tags, note, "submittedBy", reason, origin, priority, facts, "submittedAt"
     from jsonb_to_recordset($1) as row (id uuid, "batchId" uuid, position int, link text,
       "sourceKey" text, rejected text, "captureId" uuid, "caseName" text, tags text[], note text,
       "submittedBy" text, reason text, origin text, priority int, facts jsonb,
       "submittedAt" timestamptz)`,
    [storableJson(rows)],
  );
}

/** The link that a capture was opened for. */
export async function linkOf(db: Queryable, captureId: string): Promise<string | null> {
  const { rows } = await db.query<{ link: string }>(
    'select link from submissions where id = (select submission_id from captures where id = $1)',
    [captureId],
  );
  return rows[0]?.link ?? null;
}

export async function submissionById(db: Queryable, id: string): Promise<SubmissionRow | null> {
  const { rows } = await db.query<SubmissionRow>(
    `select ${columns} from submissions where id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** Every act of asking that led to this source, whichever capture it led to, in order. */
export async function submissionsOfSource(
  db: Queryable,
  sourceKey: string,
  limit: number,
): Promise<SubmissionRow[]> {
  const { rows } = await db.query<SubmissionRow>(
    `select ${columns} from submissions
     where capture_id in (select id from captures_of_source($1))
     order by submitted_at, id limit $2`,
    [sourceKey, limit],
  );
  return rows;
}
