/** Hashing stored objects again: what was found, and what is due. */
import type { Queryable } from './database.ts';

export type FixityResult = 'ok' | 'missing' | 'differs' | 'unreadable';

export interface FixityRow {
  id: string;
  /** One sweep. */
  runId: string;
  sha256: string;
  result: FixityResult;
  foundSha256: string | null;
  /** Whether the right bytes are there again, from the second store. */
  mended: boolean;
  detail: string | null;
  checkedAt: Date;
}

/** Writes a result down, and puts the object at the end of the line. */
export async function insertFixity(tx: Queryable, row: FixityRow): Promise<void> {
  await tx.query(
    `insert into fixity_checks
       (id, run_id, sha256, result, found_sha256, mended, detail, checked_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      row.id,
      row.runId,
      row.sha256,
      row.result,
      row.foundSha256,
      row.mended,
      row.detail,
      row.checkedAt,
    ],
  );
  await tx.query('update fixity_schedule set checked_at = $2 where sha256 = $1', [
    row.sha256,
    row.checkedAt,
  ]);
}

/**
 * Objects last seen well before `before`, oldest first; what was removed by order is not missed,
 * unless a later capture brought it again.
 */
export async function dueForFixity(
  db: Queryable,
  before: Date,
  limit: number,
): Promise<{ sha256: string; sizeBytes: number }[]> {
  const { rows } = await db.query<{ sha256: string; sizeBytes: number }>(
    `select sha256, size_bytes as "sizeBytes" from fixity_schedule
     where checked_at < $1
       and not exists (
         select from removals where targets @> array[fixity_schedule.sha256] and at >= coalesce((
           select max(events.at) from artifacts join events using (capture_id)
           where artifacts.sha256 = fixity_schedule.sha256 and events.kind = 'back-after-removal'
             and events.detail ->> 'sha256' = fixity_schedule.sha256), '-infinity'))
     order by checked_at limit $2`,
    [before, limit],
  );
  return rows;
}

export interface FixityState {
  objects: number;
  /** Whether `objects` is about right: millions take longer to count than anybody waits. */
  isEstimate: boolean;
  oldestAt: Date | null;
  faults: number;
}

/** So many are counted; of more PostgreSQL knows how many there were when it last looked. */
const mostCounted = 50_000;

/** How the whole vault stands: for status and metrics. */
export async function fixityState(db: Queryable): Promise<FixityState> {
  const { rows } = await db.query<FixityState>(
    `select case when known.many then known.about
         else (select count(*) from fixity_schedule) end as objects,
       known.many as "isEstimate",
       (select min(checked_at) from fixity_schedule) as "oldestAt",
       (select count(*) from fixity_checks where result <> 'ok' and not mended) as faults
     from (
       select reltuples::bigint as about, reltuples > $1 as many from pg_class
       where oid = 'fixity_schedule'::regclass
     ) known`,
    [mostCounted],
  );
  const [state] = rows;
  if (state === undefined) throw new TypeError('a count is one row');
  return state;
}

/** Captures that hold what a derived file was made of, or whose manifest a rendering was made of. */
function holdingDerived(sha256: string): string {
  return `coalesce(artifacts.capture_id, capture_outcomes.capture_id)
     from derived_files join derivations on derivations.id = derivation_id
     left join artifacts on artifacts.sha256 = derivations.subject
     left join capture_outcomes on capture_outcomes.manifest_sha256 = derivations.subject
     where derived_files.sha256 = ${sha256}
       and coalesce(artifacts.capture_id, capture_outcomes.capture_id) is not null`;
}

/** Captures that hold an object, as evidence or as what was made of it. */
export async function holdersOf(db: Queryable, sha256: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select capture_id as id from artifacts where sha256 = $1
     union
     select ${holdingDerived('$1')} order by id`,
    [sha256],
  );
  return rows.map(({ id }) => id);
}
