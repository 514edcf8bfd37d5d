/** Which captures are under way, what each waits for, and which kept less than was asked for. */
import { type WorkerSeen, workersSeen } from '../../catalog/heartbeats.ts';
import { type OpenCapture, openCaptures } from '../../catalog/open-captures.ts';
import { recentTroubles } from '../../catalog/overview.ts';
import type { CaptureUnderWay, Status } from '../../model/status.ts';
import type { Parts } from '../parts.ts';

const mostShown = 20;

/** The first of each, so that a person reads them: `unfinished` counts all. */
export async function underWay({
  database,
}: Pick<Parts, 'database'>): Promise<Pick<Status, 'captures' | 'shortfalls' | 'workers'>> {
  const workers = await workersSeen(database);
  const open = await openCaptures(database, mostShown);
  const troubles = await recentTroubles(database, mostShown);
  return {
    captures: open.map((one) => standing(one, workers)),
    shortfalls: troubles.map(({ captureId, link, sourceKey, state, reason, at }) => ({
      ...{ captureId, link, source: sourceKey, state, reason, at },
    })),
    workers,
  };
}

function standing(one: OpenCapture, workers: WorkerSeen[]): CaptureUnderWay {
  const { captureId, link, sourceKey: source, ended, progress, retryReason } = one;
  const since = one.handedAt ?? one.openedAt;
  const facts = { captureId, link, source, since };
  if (workers.length === 0) return { ...facts, state: 'waiting', step: null, why: 'no-worker' };
  const [running] = progress;
  if (running !== undefined)
    return { ...facts, state: 'running', step: running.step, why: null, since: running.updatedAt };
  if (retryReason !== null) return { ...facts, state: 'waiting', step: null, why: retryReason };
  const last = ended.at(-1);
  if (last === undefined) return { ...facts, state: 'waiting', step: null, why: 'turn' };
  return { ...facts, state: 'running', step: `after ${last}`, why: null };
}
