/** The sweep: watches that are due become submissions of their own, each time once. */

import { existingCaptures, unfinishedAmong } from '../catalog/captures.ts';
import type { Queryable } from '../catalog/database.ts';
import { rescheduleWatch, takeDueWatches, type WatchRow } from '../catalog/watches.ts';
import { nextDue, planInWords, type WatchPlan } from '../watch/plan.ts';
import type { Parts } from './parts.ts';
import { submitBatch } from './submit.ts';

const sweepLimit = 1_000;

/**
 * Opens a capture for every due watch and returns how many. Taking a watch, moving it to
 * its next time and opening its capture are one transaction: two sweeps, or one that is
 * killed half-way, lose nothing and capture nothing twice.
 */
export async function sweepWatches(parts: Parts, now: Date): Promise<number> {
  const opened = await parts.database.transaction(async (tx) => {
    const due = await takeDueWatches(tx, now, sweepLimit);
    let count = 0;
    for (const watch of due) {
      await rescheduleWatch(tx, watch.sourceKey, next(watch, now), now);
      if (await isUnderWay(tx, watch.sourceKey)) continue;
      count += 1;
      await submitBatch(parts, tx, [{ link: watch.link, key: watch.sourceKey, facts: {} }], {
        case: watch.caseName,
        tags: watch.tags,
        note: watch.note,
        by: watch.createdBy,
        reason: `watch ${planInWords(watch)}`,
        origin: 'watch',
        again: true,
      });
    }
    return count;
  });
  if (opened > 0) parts.log.info({ opened }, 'captures opened by watches');
  return opened;
}

/** A capture of it that isn't closed yet: another would only lengthen the queue. */
async function isUnderWay(tx: Queryable, sourceKey: string): Promise<boolean> {
  const newest = (await existingCaptures(tx, [sourceKey])).get(sourceKey);
  return newest !== undefined && (await unfinishedAmong(tx, [newest])).length > 0;
}

function next(watch: WatchRow, now: Date): Date {
  return nextDue(watch as WatchPlan, watch.nextDueAt, now);
}
