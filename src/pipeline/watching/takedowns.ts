/** What was found removed in a period. */
import type { Queryable } from '../../catalog/database.ts';
import { takedownsBetween } from '../../catalog/takedowns.ts';
import type { Takedown, TakedownPeriod } from '../../model/takedown.ts';
import { knownCase } from '../known-case.ts';
import { refuseEmptyPeriod } from '../period.ts';

export interface Takedowns extends Required<Omit<TakedownPeriod, 'case'>> {
  found: Takedown[];
}

/**
 * @param period everything up to now where nothing else is said
 * @throws UsageError `empty-period`, NotFoundError `no-case`
 */
export async function takedownsIn(
  db: Queryable,
  { from = new Date(0), to = new Date(), case: named }: TakedownPeriod = {},
): Promise<Takedowns> {
  refuseEmptyPeriod(['from', from], ['to', to]);
  const caseName = named === undefined ? null : await knownCase(db, named);
  const found = await takedownsBetween(db, { from, to, caseName });
  return { from, to, found };
}
