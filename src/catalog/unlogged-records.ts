/** Records of the vault that wait for their batch in the log. */
import type { RecordKind } from '../vault/vault.ts';
import type { Queryable } from './database.ts';

export interface UnloggedRecord {
  kind: RecordKind;
  name: string;
  sha256: string;
}

/** In the transaction that writes the rows of these records. */
export async function noteUnlogged(tx: Queryable, records: UnloggedRecord[]): Promise<void> {
  if (records.length === 0) return;
  await tx.query(
    `insert into unlogged_records (kind, name, sha256)
     select * from unnest($1::text[], $2::text[], $3::text[]) on conflict do nothing`,
    [
      records.map(({ kind }) => kind),
      records.map(({ name }) => name),
      records.map(({ sha256 }) => sha256),
    ],
  );
}

export async function isUnlogged(db: Queryable, kind: RecordKind, name: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'select from unlogged_records where kind = $1 and name = $2',
    [kind, name],
  );
  return rowCount > 0;
}

/** How many wait, and for how long the first of them has, by the clock of the database. */
export async function unloggedState(db: Queryable): Promise<{ count: number; waitedMs: number }> {
  const { rows } = await db.query<{ count: number; waitedMs: number }>(
    `select count(*) as count,
       coalesce(extract(epoch from now() - min(noted_at)) * 1000, 0)::bigint as "waitedMs"
     from unlogged_records`,
  );
  return rows[0] ?? { count: 0, waitedMs: 0 };
}

/** Those that have waited longest, but for the first `offset` of them. */
export async function unloggedRecords(
  db: Queryable,
  limit: number,
  offset = 0,
): Promise<UnloggedRecord[]> {
  const { rows } = await db.query<UnloggedRecord>(
    `select kind, name, sha256 from unlogged_records
     order by noted_at, kind, name limit $1 offset $2`,
    [limit, offset],
  );
  return rows;
}

/** Once the log has them. */
export async function forgetUnlogged(
  tx: Queryable,
  records: Pick<UnloggedRecord, 'kind' | 'name'>[],
): Promise<void> {
  await tx.query(
    `delete from unlogged_records using unnest($1::text[], $2::text[]) as logged (kind, name)
     where unlogged_records.kind = logged.kind and unlogged_records.name = logged.name`,
    [records.map(({ kind }) => kind), records.map(({ name }) => name)],
  );
}

/** Whether there is any from before this catalog knew what waits. */
export async function hasSubmissionsBeforeBatches(db: Queryable): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from submissions
     where submitted_at < (select run_on from migration where name = '0016_unlogged_records')
     limit 1`,
  );
  return rowCount > 0;
}

/** Of these names of one kind those whose rows the catalog has: a process may have been killed in between. */
export async function withRows(db: Queryable, kind: string, names: string[]): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select name from unnest($2::text[]) as name
     where case $1
       when 'submissions' then exists (
         select from submissions where batch_id::text = split_part(name, '.', 1))
       when 'observations' then exists (select from checks where id::text = split_part(name, '.', 1))
       else true end`,
    [kind, names],
  );
  return rows.map(({ name }) => name);
}
