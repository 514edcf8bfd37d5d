/** What was found removed in a period. */
import type { Queryable } from '../../catalog/database.ts';
import { takedownsBetween } from '../../catalog/takedowns.ts';
import type { Takedown, TakedownPeriod } from '../../model/takedown.ts';
import { refuseEmptyPeriod } from '../period.ts';

export interface Takedowns extends Required<TakedownPeriod> {
  found: Takedown[];
}

/**
 * @param period everything up to now where nothing else is said
 * @throws UsageError `empty-period`
 */
export async function takedownsIn(
  db: Queryable,
  { from = new Date(0), to = new Date() }: TakedownPeriod = {},
): Promise<Takedowns> {
  refuseEmptyPeriod(['from', from], ['to', to]);
  return { from, to, found: await takedownsBetween(db, from, to) };
}
