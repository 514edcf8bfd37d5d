/** When each host may be asked next: one clock, the database's, for every worker on every machine. */
import type { Queryable } from './database.ts';

/** The two questions below, asked of one database. */
export function hostPaceStore(db: Queryable) {
  return {
    reserve: (host: string, intervalMs: number, maxWaitMs: number) =>
      reserveHost(db, host, intervalMs, maxWaitMs),
    pushBack: (host: string, ms: number) => pushBackHost(db, host, ms),
  };
}

/**
 * Reserves the next free moment at this host, atomically.
 * @param intervalMs at least this long between two reservations
 * @param maxWaitMs when the next free moment is farther away, nothing is reserved
 * @returns ms to wait for it, 0 for now; more than `maxWaitMs` means: not reserved, ask again then
 */
export async function reserveHost(
  db: Queryable,
  host: string,
  intervalMs: number,
  maxWaitMs = Number.MAX_SAFE_INTEGER,
): Promise<number> {
  const { rows } = await db.query<{ waitMs: number }>(
    `with reserved as (
       insert into host_pace (host, next_at)
       values ($1, clock_timestamp() + $2 * interval '1 millisecond')
       on conflict (host) do update set
         next_at = greatest(host_pace.next_at, clock_timestamp()) + $2 * interval '1 millisecond'
       where extract(epoch from host_pace.next_at - clock_timestamp()) * 1000 <= $3
       returning next_at - $2 * interval '1 millisecond' as at
     )
     select ceil(extract(epoch from at - clock_timestamp()) * 1000)::bigint as "waitMs"
     from (
       select at from reserved
       union all
       select next_at from host_pace where host = $1 and not exists (select from reserved)
     ) as moment`,
    [host, intervalMs, maxWaitMs],
  );
  return Math.max(0, rows[0]?.waitMs ?? 0);
}

/** Nobody asks this host for `ms` from now on. Never moves the next moment nearer. */
export async function pushBackHost(db: Queryable, host: string, ms: number): Promise<void> {
  await db.query(
    `insert into host_pace (host, next_at)
     values ($1, clock_timestamp() + $2 * interval '1 millisecond')
     on conflict (host) do update set next_at = greatest(host_pace.next_at, excluded.next_at)`,
    [host, ms],
  );
}
