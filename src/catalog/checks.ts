/** Checks: several sources of one platform, observed in one window by the same routes. */
import type { Queryable } from './database.ts';

export interface CheckRow {
  id: string;
  platform: string;
  origin: 'watch' | 'check';
  /** Much of the platform seemed to vanish at once: what this check missed is not counted. */
  held: boolean;
  checkedAt: Date;
}

/** @returns whether it was new */
export async function insertCheck(db: Queryable, check: CheckRow): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into checks (id, platform, origin, held, checked_at) values ($1, $2, $3, $4, $5)
     on conflict (id) do nothing`,
    [check.id, check.platform, check.origin, check.held, check.checkedAt],
  );
  return rowCount === 1;
}
