/** What was found removed in a period. */
import type { Queryable } from '../../catalog/database.ts';
import { type ConcludedIn, countTakedowns, takedownsBetween } from '../../catalog/takedowns.ts';
import type { Environment } from '../../model/capture-record.ts';
import type { Takedown, TakedownGrouping, TakedownPeriod } from '../../model/takedown.ts';
import { type TakedownReport, takedownReport } from '../../watch/takedown-report.ts';
import { knownCase } from '../known-case.ts';
import { refuseEmptyPeriod } from '../period.ts';

/**
 * @param period everything up to now where nothing else is said
 * @param most only the newest so many
 * @returns in the order of conclusion
 * @throws UsageError `empty-period`, NotFoundError `no-case`
 */
export async function takedownsIn(
  db: Queryable,
  period: TakedownPeriod = {},
  most: number | null = null,
): Promise<Takedown[]> {
  return takedownsBetween(db, await boundsOf(db, period), most);
}

/** @throws as `takedownsIn` */
export async function reportTakedowns(
  db: Queryable,
  period: TakedownPeriod,
  { by, environment }: { by: TakedownGrouping; environment: Environment },
): Promise<TakedownReport> {
  const bounds = await boundsOf(db, period);
  const { from, to, caseName } = bounds;
  const frame = { environment, from, to, by, case: caseName, madeAt: new Date() };
  return takedownReport(await countTakedowns(db, bounds, by), frame);
}

async function boundsOf(
  db: Queryable,
  { from = new Date(0), to = new Date(), case: named }: TakedownPeriod,
): Promise<ConcludedIn> {
  refuseEmptyPeriod(['from', from], ['to', to]);
  return { from, to, caseName: named === undefined ? null : await knownCase(db, named) };
}
