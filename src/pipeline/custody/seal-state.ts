/** How the seal stands as a whole: for status and metrics. */

import { newestCheckpoint } from '../../catalog/checkpoints.ts';
import { fixityState } from '../../catalog/fixity.ts';
import { logSize } from '../../catalog/log-entries.ts';
import { pendingTimestamps } from '../../catalog/timestamp-schedule.ts';
import type { SealState } from '../../model/status.ts';
import type { Parts } from '../parts.ts';

export async function sealState(parts: Pick<Parts, 'config' | 'database'>): Promise<SealState> {
  const { database, config } = parts;
  const { oldestAt, ...fixity } = await fixityState(database);
  return {
    log: {
      entries: await logSize(database),
      signed: (await newestCheckpoint(database))?.size ?? 0,
    },
    timestamps: {
      configured: config.seal.tsaUrls.length > 0,
      pending: await pendingTimestamps(database),
    },
    fixity: { ...fixity, oldestAt: oldestAt?.toISOString() ?? null },
  };
}
