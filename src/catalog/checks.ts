/** Checks: several sources of one platform, observed in one window by the same routes. */
import type { AvailabilityRule } from '../model/watch-rules.ts';
import type { Queryable } from './database.ts';

export interface CheckRow {
  id: string;
  platform: string;
  origin: 'watch' | 'check';
  /** Much of the platform seemed to vanish at once: what this check missed is not counted. */
  held: boolean;
  checkedAt: Date;
  /** By which conclusions were drawn from it; absent in what was written before that was kept. */
  rule?: AvailabilityRule | undefined;
}

/** @returns whether it was new */
export async function insertCheck(db: Queryable, check: CheckRow): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into checks (id, platform, origin, held, checked_at, rule)
     values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing`,
    [
      check.id,
      check.platform,
      check.origin,
      check.held,
      check.checkedAt,
      check.rule === undefined ? null : JSON.stringify(check.rule),
    ],
  );
  return rowCount === 1;
}
