/** Whether the log goes back in time anywhere, held against itself and against those who stamped it. */
import { allTimestamps } from '../../catalog/checkpoints.ts';
import type { LogEntryRow } from '../../catalog/log-entries.ts';
import {
  clocksDiffer,
  OrderOfTime,
  stampToleranceMs,
  type TrustedTime,
} from '../../seal/verify/order-of-time.ts';
import type { Parts } from '../parts.ts';

/** Of an entry, taken in the order of the log: what is wrong with its time, or `null`. */
export type TimeFault = (
  entry: Pick<LogEntryRow, 'idx' | 'at' | 'type' | 'targets'>,
) => string | null;

export async function timesOfLog(parts: Pick<Parts, 'database'>): Promise<TimeFault> {
  const stamps = new Map<string, TrustedTime>();
  for (const { size, genTime, accuracyMs, authority, tokenSha256 } of await allTimestamps(
    parts.database,
  )) {
    const skewMs = (accuracyMs ?? 0) + stampToleranceMs;
    stamps.set(tokenSha256, { size, genTime, skewMs, authority });
  }
  const order = new OrderOfTime([...stamps.values()]);
  return ({ idx, at, type, targets }) => {
    const fault = order.faultOf({ index: idx, at });
    const recorded = type === 'timestamped' ? targets : [];
    for (const stamp of recorded.flatMap((token) => stamps.get(token) ?? [])) {
      order.learn(stamp);
      if (fault === null && clocksDiffer(stamp, at))
        return `records at ${at.toISOString()} a token that says ${stamp.genTime.toISOString()}: a clock was wrong`;
    }
    return fault;
  };
}
