/** A time between two others, as a question names it. */
import { UsageError } from '../base/errors.ts';

/** An empty period would be answered with "nothing", as if it had been looked at. @throws UsageError `empty-period` */
export function refuseEmptyPeriod(
  [fromName, from]: [name: string, time: Date | undefined],
  [toName, to]: [name: string, time: Date | undefined],
): void {
  if (from === undefined || to === undefined || from < to) return;
  throw new UsageError('empty-period', `${fromName} must be earlier than ${toName}`);
}
