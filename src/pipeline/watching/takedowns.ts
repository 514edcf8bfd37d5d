/** What was found removed in a period. */
import type { Queryable } from '../../catalog/database.ts';
import { takedownsBetween } from '../../catalog/takedowns.ts';
import type { Takedown, TakedownPeriod } from '../../model/takedown.ts';
import { refuseUnknownCase } from '../known-case.ts';
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
  { from = new Date(0), to = new Date(), case: caseName }: TakedownPeriod = {},
): Promise<Takedowns> {
  refuseEmptyPeriod(['from', from], ['to', to]);
  if (caseName !== undefined) await refuseUnknownCase(db, caseName);
  const found = await takedownsBetween(db, { from, to, caseName: caseName ?? null });
  return { from, to, found };
}
