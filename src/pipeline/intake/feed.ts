/**
 * The feeder: captures are rows first, and a bounded number of them is in the queue.
 * Whatever the queue loses (a Redis without its file, a job that failed for good, a worker
 * killed between two stages) has a row without an outcome and is handed over again.
 */
import {
  handAgain,
  releaseSlots,
  type Slot,
  type SlotToday,
  slots,
  takeSlots,
  unfedCaptures,
} from '../../catalog/feeder.ts';
import type { Queue } from '../../queue/queue.ts';
import type { Parts } from '../parts.ts';

/** A slot younger than this may belong to a job that is just being added. */
const graceMs = 15_000;
const longestGraceMs = 15 * 60_000;
/** After so many rounds a capture counts as stuck. */
export const hopefulRounds = 3;

/** Tops the queue up to its bound. Returns how many captures were handed over. */
export async function feed(
  parts: Pick<Parts, 'config' | 'database'>,
  queue: Queue,
): Promise<number> {
  const held = await slots(parts.database);
  const finished = held.filter((slot) => slot.finished);
  if (finished.length > 0) {
    await releaseSlots(
      parts.database,
      finished.map((slot) => slot.captureId),
    );
  }
  // What can't be closed in several rounds waits for an operator and holds nobody else up.
  const busy = held.filter((slot) => !slot.finished && slot.round <= hopefulRounds);
  const room = parts.config.queue.bound - busy.length;
  if (room <= 0) return 0;
  const next = await unfedCaptures(parts.database, room);
  const taken = await takeSlots(
    parts.database,
    next.map((capture) => capture.captureId),
  );
  const priorities = new Map(next.map(({ captureId, priority }) => [captureId, priority]));
  await handOver(queue, taken, (captureId) => priorities.get(captureId) ?? 0);
  return taken.length;
}

/** Hands over again what has neither an outcome nor a live job. Returns how many. */
export async function recoverLost(
  parts: Pick<Parts, 'database' | 'log'>,
  queue: Queue,
  now = new Date(),
): Promise<number> {
  const lost: Slot[] = [];
  for (const slot of await slots(parts.database)) {
    if (slot.finished || isYoung(slot, now)) continue;
    if (!(await queue.isLive(slot.captureId, slot.round))) lost.push(slot);
  }
  if (lost.length === 0) return 0;
  parts.log.warn(
    { captures: lost.map(({ captureId }) => captureId) },
    'captures without outcome or live job: handed over again',
  );
  await handOver(queue, await handAgain(parts.database, lost), () => 0);
  return lost.length;
}

/** Each round waits longer than the one before, so that what can't end does not spin. */
function isYoung(slot: SlotToday, now: Date): boolean {
  const patienceMs = Math.min(graceMs * 2 ** (slot.round - 1), longestGraceMs);
  return now.getTime() - slot.handedAt.getTime() < patienceMs;
}

async function handOver(
  queue: Queue,
  handed: Slot[],
  priorityOf: (captureId: string) => number,
): Promise<void> {
  if (handed.length === 0) return;
  await queue.addResolveBulk(
    handed.map(({ captureId, round }) => ({ captureId, round, priority: priorityOf(captureId) })),
  );
}
