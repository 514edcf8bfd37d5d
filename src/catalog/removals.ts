/** Removals by order: what had to go, on whose word, and that it is gone. */
import type { Queryable } from './database.ts';

export interface RemovalRow {
  id: string;
  change: 'ordered' | 'done';
  /** SHA-256 of objects. */
  targets: string[];
  captureIds: string[];
  authority: string;
  reference: string;
  reason: string | null;
  byWhom: string;
  detail: Record<string, unknown>;
  at: Date;
}

const columns = `
  id, change, targets, capture_ids as "captureIds", authority, reference, reason,
  by_whom as "byWhom", detail, at`;

export async function insertRemoval(tx: Queryable, row: RemovalRow): Promise<void> {
  await tx.query(
    `insert into removals
       (id, change, targets, capture_ids, authority, reference, reason, by_whom, detail, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing`,
    [
      row.id,
      row.change,
      row.targets,
      row.captureIds,
      row.authority,
      row.reference,
      row.reason,
      row.byWhom,
      JSON.stringify(row.detail),
      row.at,
    ],
  );
}

/**
 * The order under which an object was removed; `null` where there is none.
 * @param storedAt only an order that was carried out after that, or has yet to be
 */
export async function removalOver(
  db: Queryable,
  sha256: string,
  storedAt = new Date(0),
): Promise<RemovalRow | null> {
  const { rows } = await db.query<RemovalRow>(
    `select ${columns} from removals where targets @> array[$1] and change = 'ordered'
       and not exists (select from removals as done
         where done.id = removals.id and done.change = 'done' and done.at < $2)
     order by at limit 1`,
    [sha256, storedAt],
  );
  return rows[0] ?? null;
}

/** The newest order over each of these objects that there is one over. */
export async function ordersOver(
  db: Queryable,
  sha256s: string[],
): Promise<Map<string, RemovalRow>> {
  const { rows } = await db.query<RemovalRow>(
    `select ${columns} from removals where targets && $1 and change = 'ordered' order by at`,
    [sha256s],
  );
  const asked = new Set(sha256s);
  return new Map(
    rows.flatMap((row) =>
      row.targets.filter((sha256) => asked.has(sha256)).map((sha256) => [sha256, row] as const),
    ),
  );
}

/** The newest order over each of these objects, but for those that have been stored again since. */
export async function takenByOrder(
  db: Queryable,
  sha256s: string[],
): Promise<Map<string, RemovalRow>> {
  const orders = await ordersOver(db, sha256s);
  if (orders.size === 0) return orders;
  const { rows } = await db.query<{ sha256: string; storedAt: Date }>(
    `select sha256, max(stored_at) as "storedAt" from artifacts
     where sha256 = any($1) group by sha256`,
    [[...orders.keys()]],
  );
  for (const { sha256, storedAt } of rows)
    if (storedAt > (orders.get(sha256)?.at ?? storedAt)) orders.delete(sha256);
  return orders;
}

/** The same, of every object: a query of digests, to be used inside another. */
export const takenDigests = `select target from removals, unnest(targets) target
  where change = 'ordered' and not exists (
    select from artifacts where artifacts.sha256 = target and stored_at > removals.at
  )`;

/** Orders that were written down and not carried out to the end. */
export async function unfinishedRemovals(db: Queryable): Promise<RemovalRow[]> {
  const { rows } = await db.query<RemovalRow>(
    `select ${columns} from removals where change = 'ordered' and not exists (
       select from removals as done where done.id = removals.id and done.change = 'done')
     order by at, id`,
  );
  return rows;
}

export async function removals(db: Queryable): Promise<RemovalRow[]> {
  const { rows } = await db.query<RemovalRow>(`select ${columns} from removals order by at, id`);
  return rows;
}

/** What these captures hold that no other capture does, and what others hold too. */
export async function objectsOnlyOf(
  db: Queryable,
  captureIds: string[],
): Promise<{ own: string[]; shared: string[] }> {
  const { rows } = await db.query<{ sha256: string; isShared: boolean }>(
    `select sha256, exists (
       select from artifacts as other
       where other.sha256 = artifacts.sha256 and other.capture_id <> all($1)
     ) as "isShared"
     from artifacts where capture_id = any($1) group by sha256 order by sha256`,
    [captureIds],
  );
  return {
    own: rows.filter(({ isShared }) => !isShared).map(({ sha256 }) => sha256),
    shared: rows.filter(({ isShared }) => isShared).map(({ sha256 }) => sha256),
  };
}

/** The words that stand in these files, out of what is searched; the tables allow it once the order is written down. */
export async function forgetWords(db: Queryable, sha256s: string[]): Promise<void> {
  await db.query(
    `update captured_pages set body = '' from artifacts
     where artifacts.sha256 = any($1) and artifacts.capture_id = captured_pages.capture_id
       and artifacts.name = captured_pages.view || '/text.txt' and captured_pages.body <> ''`,
    [sha256s],
  );
  await db.query(
    `delete from captured_texts using artifacts
     where artifacts.sha256 = any($1) and artifacts.capture_id = captured_texts.capture_id
       and artifacts.name = captured_texts.name`,
    [sha256s],
  );
}
