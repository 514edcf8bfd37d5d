/** What is waiting, running and stuck, and how the seal stands. */
import { waitingJobCount } from '../../catalog/derive-jobs.ts';
import { slots, unfinishedCount } from '../../catalog/feeder.ts';
import type { Status } from '../../model/status.ts';
import type { Queue } from '../../queue/queue.ts';
import { sealState } from '../custody/seal-state.ts';
import { hopefulRounds } from '../intake/feed.ts';
import type { Parts } from '../parts.ts';
import { underWay } from './under-way.ts';

/** @throws OutageError where database or queue are away */
export async function statusOf(
  parts: Pick<Parts, 'database' | 'home' | 'config'>,
  queue: Pick<Queue, 'backend' | 'counts'>,
): Promise<Status> {
  const { database, home } = parts;
  const held = await slots(database);
  return {
    schema: 'holdfast.status/1',
    environment: home.environment,
    backend: queue.backend,
    unfinished: await unfinishedCount(database),
    deriving: await waitingJobCount(database),
    stuck: held
      .filter((slot) => !slot.finished && slot.round > hopefulRounds)
      .map((slot) => slot.captureId),
    ...(await underWay(parts)),
    stages: await queue.counts(),
    seal: await sealState(parts),
  };
}
