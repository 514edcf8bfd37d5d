/** A catalog is replaced only while nobody works on it: what workers hold in hand belongs to the old one. */
import { hostname } from 'node:os';
import { StateError } from '../../base/errors.ts';
import type { Queryable } from '../../catalog/database.ts';
import { type WorkerSeen, workersSeen } from '../../catalog/heartbeats.ts';

/** @throws StateError `workers-running` (75) */
export async function refuseWhileWorking(db: Queryable): Promise<void> {
  const running = (await workersSeen(db)).filter((worker) => !isKnownToBeGone(worker));
  if (running.length === 0) return;
  const named = running.map(({ host, processId, seenAt }) => {
    return `process ${processId} on ${host} (last seen ${seenAt.toISOString()})`;
  });
  throw new StateError(
    'workers-running',
    `workers are running on this catalog: ${named.join(', ')}: stop them first, or wait two minutes if they crashed`,
  );
}

/** A killed one can't say so. Of another machine nobody knows. */
function isKnownToBeGone({ host, processId }: WorkerSeen): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(processId, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
