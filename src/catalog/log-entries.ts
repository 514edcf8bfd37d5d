/** The log: bytes of entries in order, and the hashes of whole subtrees over them. */
import type { Queryable } from './database.ts';

/** What is read out of an entry's bytes, for questions. */
export interface LogEntryColumns {
  id: string;
  type: string;
  at: Date;
  caseId: string | null;
  caseSeq: number;
  manifestSha256: string | null;
  targets: string[];
  detailSha256: string | null;
}

export interface LogEntryRow extends LogEntryColumns {
  idx: number;
  body: Buffer;
  leafHash: Buffer;
}

const columns = `
  idx, body, leaf_hash as "leafHash", id, type, at, case_id as "caseId", case_seq as "caseSeq",
  manifest_sha256 as "manifestSha256", targets, detail_sha256 as "detailSha256"`;

/** Held until the transaction ends: whoever adds to the log, or signs it, takes turns. */
export async function lockLog(tx: Queryable): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('holdfast log', 0))`);
}

/** How many entries there are. The primary key knows; a sequence would leave gaps. */
export async function logSize(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ size: number }>(
    'select coalesce(max(idx) + 1, 0) as size from log_entries',
  );
  return rows[0]?.size ?? 0;
}

export interface NewLogEntry extends LogEntryColumns {
  idx: number;
  body: Buffer;
}

/** @returns the leaf hashes, as the server computed them, in the order of the index */
export async function insertLogEntries(tx: Queryable, rows: NewLogEntry[]): Promise<Buffer[]> {
  const { rows: inserted } = await tx.query<{ idx: number; leafHash: Buffer }>(
    `insert into log_entries (idx, body, id, type, at, case_id, case_seq, manifest_sha256, targets,
       detail_sha256)
     select idx, decode(body, 'base64'), id, type, at, "caseId", "caseSeq", "manifestSha256",
       targets, "detailSha256"
     from jsonb_to_recordset($1) as row (idx bigint, body text, id uuid, type text, at timestamptz,
       "caseId" text, "caseSeq" bigint, "manifestSha256" text, targets text[], "detailSha256" text)
     returning idx, leaf_hash as "leafHash"`,
    [JSON.stringify(rows.map((row) => ({ ...row, body: row.body.toString('base64') })))],
  );
  return inserted.sort((a, b) => a.idx - b.idx).map(({ leafHash }) => leafHash);
}

export async function insertLogNodes(
  tx: Queryable,
  nodes: { level: number; idx: number; hash: Buffer }[],
): Promise<void> {
  await tx.query(
    `insert into log_nodes (level, idx, hash)
     select * from unnest($1::int[], $2::bigint[], $3::bytea[])`,
    [nodes.map(({ level }) => level), nodes.map(({ idx }) => idx), nodes.map(({ hash }) => hash)],
  );
}

/** In the order of the question. A missing one is left out, so callers compare lengths. */
export async function logNodes(
  db: Queryable,
  wanted: { level: number; idx: number }[],
): Promise<Buffer[]> {
  const { rows } = await db.query<{ hash: Buffer }>(
    `select log_nodes.hash
     from unnest($1::int[], $2::bigint[]) with ordinality as wanted (level, idx, position)
     join log_nodes using (level, idx) order by position`,
    [wanted.map(({ level }) => level), wanted.map(({ idx }) => idx)],
  );
  return rows.map(({ hash }) => hash);
}

/** The entry of a closed capture: the first that carries its manifest's digest. */
export async function entryOfManifest(
  db: Queryable,
  manifestSha256: string,
): Promise<LogEntryRow | null> {
  const { rows } = await db.query<LogEntryRow>(
    `select ${columns} from log_entries where manifest_sha256 = $1 and type = 'capture'
     order by idx limit 1`,
    [manifestSha256],
  );
  return rows[0] ?? null;
}

/** The newest entry of a case: the head that the next one is chained to. */
export async function headOfCase(
  db: Queryable,
  caseId: string | null,
): Promise<{ idx: number; caseSeq: number; leafHash: Buffer } | null> {
  const { rows } = await db.query<{ idx: number; caseSeq: number; leafHash: Buffer }>(
    `select idx, case_seq as "caseSeq", leaf_hash as "leafHash" from log_entries
     where coalesce(case_id, '') = coalesce($1, '')
     order by coalesce(case_id, '') desc, case_seq desc limit 1`,
    [caseId],
  );
  return rows[0] ?? null;
}

/** Every entry of a case, in order. */
export async function entriesOfCase(db: Queryable, caseId: string | null): Promise<LogEntryRow[]> {
  const { rows } = await db.query<LogEntryRow>(
    `select ${columns} from log_entries where coalesce(case_id, '') = coalesce($1, '')
     order by case_seq`,
    [caseId],
  );
  return rows;
}

/** A page of the log, from `from` on. */
export async function logEntriesFrom(
  db: Queryable,
  from: number,
  limit: number,
): Promise<LogEntryRow[]> {
  const { rows } = await db.query<LogEntryRow>(
    `select ${columns} from log_entries where idx >= $1 order by idx limit $2`,
    [from, limit],
  );
  return rows;
}

export async function entriesOfType(db: Queryable, type: string): Promise<LogEntryRow[]> {
  const { rows } = await db.query<LogEntryRow>(
    `select ${columns} from log_entries where type = $1 order by idx`,
    [type],
  );
  return rows;
}

export async function hasEntryOfType(db: Queryable, type: string): Promise<boolean> {
  const { rowCount } = await db.query('select from log_entries where type = $1 limit 1', [type]);
  return rowCount > 0;
}

/** A page of the entries of one type, from `from` on. */
export async function entriesOfTypeFrom(
  db: Queryable,
  type: string,
  from: number,
  limit: number,
): Promise<LogEntryRow[]> {
  const { rows } = await db.query<LogEntryRow>(
    `select ${columns} from log_entries where type = $1 and idx >= $2 order by idx limit $3`,
    [type, from, limit],
  );
  return rows;
}

/** What waits for a checkpoint: entries beyond `size`. */
export async function uncovered(
  db: Queryable,
  size: number,
): Promise<{ count: number; oldestAt: Date | null }> {
  const { rows } = await db.query<{ count: number; oldestAt: Date | null }>(
    `select count(*) as count, min(at) as "oldestAt" from log_entries
     where idx >= $1`,
    [size],
  );
  return rows[0] ?? { count: 0, oldestAt: null };
}

/** Closed captures that the log does not have, oldest first. */
export async function unloggedCaptures(db: Queryable, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    'select capture_id as id from unlogged_captures order by capture_id limit $1',
    [limit],
  );
  return rows.map(({ id }) => id);
}

/** Whether an entry of this type names the digest. */
export async function isRecorded(db: Queryable, type: string, sha256: string): Promise<boolean> {
  const { rows } = await db.query(
    'select 1 from log_entries where targets @> array[$2] and type = $1 limit 1',
    [type, sha256],
  );
  return rows.length > 0;
}

/** The first entry of a derive job that names each of these records, itself or in its details. */
export async function entriesNaming(
  db: Queryable,
  recordSha256s: string[],
): Promise<Map<string, number>> {
  const { rows } = await db.query<{ sha256: string; idx: number }>(
    `select record as sha256, min(log_index) as idx
     from derive_jobs cross join lateral unnest(records) as record
     where records && $1 and record = any($1) group by record`,
    [recordSha256s],
  );
  return new Map(rows.map(({ sha256, idx }) => [sha256, Number(idx)]));
}
