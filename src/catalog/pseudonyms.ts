/** Which name stands behind an id in the log. */
import type { Queryable } from './database.ts';

export interface PseudonymRow {
  id: string;
  kind: 'actor' | 'case';
  /** Empty: what belongs to no case that somebody named. */
  name: string;
  madeAt: Date;
}

export async function pseudonymOf(
  db: Queryable,
  kind: PseudonymRow['kind'],
  name: string,
): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>(
    `select id from pseudonyms where kind = $1 and md5(name) = md5($2) and name = $2
     order by made_at, id limit 1`,
    [kind, name],
  );
  return rows[0]?.id ?? null;
}

export async function insertPseudonym(db: Queryable, row: PseudonymRow): Promise<void> {
  await db.query(
    `insert into pseudonyms (id, kind, name, made_at) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [row.id, row.kind, row.name, row.madeAt],
  );
}
