/** Upkeep jobs that come back by themselves: one scheduler each, kept alive. */
import type { Log } from '../base/log.ts';
import type { StageQueue } from './backend.ts';
import { type UpkeepStage, upkeepOptions } from './jobs.ts';

/** How often we look whether the schedulers are still there. */
const lookEveryMs = 15_000;

export interface Schedules {
  every(stage: UpkeepStage, everyMs: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * A scheduler lives in the queue, and the queue may lose its data or be away when we
 * start. So what was asked for is looked after for as long as this process lives.
 */
export function maintainSchedules(
  queueOf: (stage: UpkeepStage) => Promise<StageQueue>,
  log: Log,
): Schedules {
  const wanted = new Map<UpkeepStage, number>();
  let looking = Promise.resolve();
  // One look at a time: while the queue is away a look takes longer than the time between two.
  const look = () => {
    looking = looking.then(() => lookAfter(wanted, queueOf, log));
    return looking;
  };
  const timer = setInterval(() => void look(), lookEveryMs).unref();
  return {
    every: async (stage, everyMs) => {
      wanted.set(stage, everyMs);
      await look();
    },
    close: async () => {
      clearInterval(timer);
      wanted.clear();
      await looking;
    },
  };
}

async function lookAfter(
  wanted: Map<UpkeepStage, number>,
  queueOf: (stage: UpkeepStage) => Promise<StageQueue>,
  log: Log,
): Promise<void> {
  for (const [stage, everyMs] of wanted) {
    try {
      const queue = await queueOf(stage);
      if (await isTicking(queue, stage, everyMs)) continue;
      // BullMQ counts from an offset that it keeps when the interval changes: one made for
      // a minute puts a tick of each second off by most of a minute.
      await queue.removeJobScheduler(stage);
      await queue.upsertJobScheduler(
        stage,
        { every: everyMs },
        { name: stage, data: {}, opts: upkeepOptions },
      );
    } catch (error) {
      log.warn({ stage, err: error }, 'the queue could not be told to repeat a job; trying again');
    }
  }
}

/** Whether the next job is there. A scheduler makes it when the one before starts, or never. */
async function isTicking(queue: StageQueue, stage: string, everyMs: number): Promise<boolean> {
  const known = await queue.getJobScheduler(stage);
  if (known?.every !== everyMs || known.next === undefined) return false;
  const dueInMs = known.next - Date.now();
  if (dueInMs > 0) return dueInMs <= 2 * everyMs;
  const counts = await queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed');
  return Object.values(counts).some((count) => count > 0);
}
