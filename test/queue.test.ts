import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Queue as JobQueue, Worker as JobWorker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { OutageError, PermanentError, ThrottledError, TransientError } from '../src/base/errors.ts';
import { everyStage } from '../src/queue/jobs.ts';
import type { Queue, StageHandler, StageJob, StageName, TreeNode } from '../src/queue/queue.ts';
import { maintainSchedules } from '../src/queue/schedules.ts';
import { silent } from './support/database.ts';
import { type QueueServer, queueBackends, until } from './support/queues.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Of a page: seal ◀ media ◀ page. */
const pageTree: TreeNode = {
  stage: 'seal',
  children: [{ stage: 'media', children: [{ stage: 'page', children: [] }] }],
};
const justSeal: TreeNode = { stage: 'seal', children: [] };
const treeStages: StageName[] = ['page', 'media', 'seal'];

describe.each(queueBackends())('on $name', ({ start }) => {
  let server: QueueServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  /** A queue of its own for each test. */
  const fresh = () => server.open(`t${randomUUID().slice(0, 8)}`);

  test('a tree runs from the bottom up and seals last', async () => {
    await using queue = await fresh();
    const order: string[] = [];
    await using _workers = await queue.work(
      treeStages.map((stage) => handler(stage, async () => void order.push(stage))),
    );
    await queue.addTree(pageTree, 'c1', 0, 0);
    await until(() => order.length === 3);
    expect(order).toEqual(['page', 'media', 'seal']);
  });

  test('a stage that fails for good does not keep the capture from being sealed', async () => {
    await using queue = await fresh();
    const order: string[] = [];
    await using _workers = await queue.work(
      treeStages.map((stage) =>
        handler(stage, async () => {
          order.push(stage);
          if (stage === 'media') throw new PermanentError('gone', 'the media is gone');
        }),
      ),
    );
    await queue.addTree(pageTree, 'c1', 0, 0);
    await until(() => order.at(-1) === 'seal');
    expect(order.filter((stage) => stage === 'media')).toHaveLength(1);
    expect((await queue.counts()).media.failed).toBe(1);
  });

  test('what may pass is tried again, as often as the stage says', async () => {
    await using queue = await fresh();
    const attempts: [number, boolean][] = [];
    await using _workers = await queue.work([
      handler('resolve', async (job) => {
        attempts.push([job.attempt, job.lastAttempt]);
        throw new TransientError('reset', 'connection reset');
      }),
    ]);
    await queue.addResolve('c1', 0, 0);
    await until(async () => (await queue.counts()).resolve.failed === 1);
    expect(attempts).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
  });

  test('a throttled job waits without using up attempts, and holds up nobody else', async () => {
    await using queue = await fresh();
    const seen: { captureId: string; attempt: number; waitedMs: number }[] = [];
    await using _workers = await queue.work([
      handler('resolve', async (job) => {
        const { captureId } = job.data as { captureId: string };
        seen.push({ captureId, attempt: job.attempt, waitedMs: job.waitedMs });
        if (captureId === 'slow' && seen.filter((run) => run.captureId === 'slow').length < 5) {
          throw new ThrottledError('slow.example', 150);
        }
      }),
    ]);
    await queue.addResolve('slow', 0, 5);
    await queue.addResolve('other', 0, 0);
    await until(async () => !(await queue.isLive('slow', 0)));
    expect(seen.map((run) => run.captureId).indexOf('other')).toBe(1);
    const slow = seen.filter((run) => run.captureId === 'slow');
    expect(slow.map((run) => run.attempt)).toEqual([1, 1, 1, 1, 1]);
    expect(slow.map((run) => run.waitedMs)).toEqual([0, 150, 300, 450, 600]);
    expect((await queue.counts()).resolve.failed).toBe(0);
  });

  test('a job that finds our own database away waits for it, and uses up no attempts', async () => {
    await using queue = await fresh();
    const attempts: number[] = [];
    await using _workers = await queue.work([
      handler('media', async (job) => {
        attempts.push(job.attempt);
        if (attempts.length < 4) throw new OutageError('database-unreachable', 'it is away');
      }),
      handler('seal', async () => undefined),
    ]);
    await queue.addTree(
      { stage: 'seal', children: [{ stage: 'media', children: [] }] },
      'c1',
      0,
      0,
    );
    await until(async () => !(await queue.isLive('c1', 0)));
    expect(attempts).toEqual([1, 1, 1, 1]);
    expect((await queue.counts()).media.failed).toBe(0);
  });

  test('higher priority goes first', async () => {
    await using queue = await fresh();
    await queue.addResolveBulk(
      [-3, 0, 7, 2].map((priority) => ({ captureId: `p${priority}`, round: 0, priority })),
    );
    const seen: number[] = [];
    await using _workers = await queue.work([
      handler('resolve', async (job) => void seen.push(job.priority)),
    ]);
    await until(() => seen.length === 4);
    expect(seen).toEqual([7, 2, 0, -3]);
  });

  test('the time limit of a stage reaches its signal, and counts as a failed attempt', async () => {
    await using queue = await fresh();
    const reasons: unknown[] = [];
    await using _workers = await queue.work([
      handler(
        'page',
        async ({ signal }) => {
          await raised(signal);
          reasons.push(signal.reason.name);
          throw signal.reason;
        },
        { timeoutMs: 50, attempts: 2 },
      ),
    ]);
    await queue.addTree({ stage: 'seal', children: [{ stage: 'page', children: [] }] }, 'c1', 0, 0);
    await until(async () => (await queue.counts()).page.failed === 1);
    expect(reasons).toEqual(['TimeoutError', 'TimeoutError']);
  });

  test('what is added twice runs once', async () => {
    await using queue = await fresh();
    const runs: string[] = [];
    const note = async (job: StageJob) => void runs.push(job.stage);
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        await queue.addResolve('c1', 0, 0);
        await queue.addTree(pageTree, 'c1', 0, 0);
      }),
    );
    await using _workers = await queue.work(
      (['resolve', ...treeStages] as const).map((stage) => handler(stage, note)),
    );
    await until(async () => !(await queue.isLive('c1', 0)));
    await queue.addTree(pageTree, 'c1', 0, 0);
    await queue.addResolve('c1', 0, 0);
    await queue.addTree(justSeal, 'c1', 1, 0); // another round is other work
    await until(() => runs.length >= treeStages.length + 2);
    await until(async () => !(await queue.isLive('c1', 1)));
    expect(runs.toSorted()).toEqual(['resolve', 'seal', ...treeStages].toSorted());
  });

  test('a tree added again while its jobs run still ends, each stage once', async () => {
    await using queue = await fresh();
    const runs: string[] = [];
    await using _workers = await queue.work(
      treeStages.map((stage) =>
        handler(stage, async () => {
          runs.push(stage);
          await Promise.all([1, 2, 3].map(() => queue.addTree(pageTree, 'c1', 0, 0)));
        }),
      ),
    );
    await Promise.all([1, 2, 3].map(() => queue.addTree(pageTree, 'c1', 0, 0)));
    await until(async () => !(await queue.isLive('c1', 0)));
    expect(runs.toSorted()).toEqual(treeStages.toSorted());
  });

  test('a capture is live from its resolve job to the end of its seal', async () => {
    await using queue = await fresh();
    expect(await queue.isLive('c1', 0)).toBe(false);
    await queue.addResolve('c1', 0, 0);
    expect(await queue.isLive('c1', 0)).toBe(true);
    expect(await queue.isLive('c1', 1)).toBe(false);
    const seen: boolean[] = [];
    await using _workers = await queue.work([
      handler('resolve', async () => queue.addTree(pageTree, 'c1', 0, 0)),
      ...treeStages.map((stage) =>
        handler(stage, async () => void seen.push(await queue.isLive('c1', 0))),
      ),
    ]);
    await until(() => seen.length === treeStages.length);
    await until(async () => !(await queue.isLive('c1', 0)));
    expect(seen).toEqual(treeStages.map(() => true));
  });

  test('cancelling takes out what has not begun; what runs ends, and nothing follows', async () => {
    await using queue = await fresh();
    const runs: string[] = [];
    const finish = Promise.withResolvers<void>();
    await using _workers = await queue.work(
      treeStages.map((stage) =>
        handler(stage, async () => {
          runs.push(stage);
          if (stage === 'media') await finish.promise;
        }),
      ),
    );
    await queue.addTree(pageTree, 'c1', 0, 0);
    await until(() => runs.includes('media') && runs.includes('page'));
    await queue.cancel('c1', 0);
    expect(await queue.isLive('c1', 0)).toBe(false);
    finish.resolve();
    await until(async () => total(await queue.counts()) === 0);
    expect(runs.toSorted()).toEqual(['media', 'page']);
    await queue.addTree(justSeal, 'c1', 1, 0);
    await until(() => runs.includes('seal'));
  });

  test('cancelling before anything began leaves nothing', async () => {
    await using queue = await fresh();
    await queue.addResolve('c1', 0, 0);
    await queue.addTree(pageTree, 'c1', 0, 0);
    await queue.addTree(pageTree, 'c2', 0, 0);
    await queue.cancel('c1', 0);
    expect(await queue.isLive('c1', 0)).toBe(false);
    expect(await queue.isLive('c2', 0)).toBe(true);
    expect(total(await queue.counts())).toBe(treeStages.length);
  });

  test('upkeep comes back by itself, from one scheduler however often it is asked for', async () => {
    await using queue = await fresh();
    let ticks = 0;
    for (const everyMs of [60_000, 200, 200]) await queue.every('feed', everyMs);
    await using _workers = await queue.work([handler('feed', async () => void ticks++)]);
    await until(() => ticks >= 3);
    const { waiting, delayed, active } = (await queue.counts()).feed;
    expect(waiting + delayed + active).toBeLessThanOrEqual(2);
  });

  test('prefixes keep homes on one server apart', async () => {
    await using mine = await fresh();
    await using theirs = await fresh();
    const seen: string[] = [];
    await using _mine = await mine.work([handler('resolve', async () => void seen.push('mine'))]);
    await using _theirs = await theirs.work([
      handler('resolve', async () => void seen.push('theirs')),
    ]);
    await theirs.addResolve('c1', 0, 0);
    await until(() => seen.length > 0);
    expect(await mine.isLive('c1', 0)).toBe(false);
    expect(seen).toEqual(['theirs']);
  });

  test('a short job is let finish; a long one goes back into the queue uncounted', async () => {
    await using queue = await fresh();
    const runs: [string, number, unknown][] = [];
    const started = Promise.withResolvers<void>();
    const closing = Promise.withResolvers<void>();
    const work = async ({ data, attempt, signal }: StageJob) => {
      const { captureId } = data as { captureId: string };
      if (runs.length === 0 && captureId === 'long') {
        started.resolve();
        await raised(signal);
        runs.push([captureId, attempt, signal.reason.name]);
        throw signal.reason;
      }
      if (captureId === 'short') await closing.promise;
      runs.push([captureId, attempt, null]);
    };
    await queue.addResolveBulk([
      { captureId: 'short', round: 0, priority: 0 },
      { captureId: 'long', round: 0, priority: 0 },
    ]);
    const first = await queue.work([handler('resolve', work, { concurrency: 2 })]);
    await started.promise;
    const closed = first.close(800);
    closing.resolve();
    await closed;
    expect(first.running()).toBe(0);
    const counts = (await queue.counts()).resolve;
    expect(counts).toMatchObject({ waiting: 1, active: 0, delayed: 0, failed: 0 });
    await using _second = await queue.work([handler('resolve', work)]);
    await until(async () => !(await queue.isLive('long', 0)));
    expect(runs).toEqual([
      ['short', 1, null],
      ['long', 1, 'AbortError'],
      ['long', 1, null],
    ]);
  });

  test('a stage that loses nothing by it is stopped long before the others', async () => {
    await using queue = await fresh();
    const ended: string[] = [];
    const [started, closing] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const long = async ({ signal }: StageJob) => {
      started.resolve();
      await raised(signal);
      ended.push('stopped');
      closing.resolve();
      throw signal.reason;
    };
    const patient = async ({ signal }: StageJob) => {
      await closing.promise;
      ended.push(signal.aborted ? 'stopped, too' : 'finished');
    };
    await queue.addResolveBulk([{ captureId: 'patient', round: 0, priority: 0 }]);
    await queue.every('compare', 3_600_000);
    const workers = await queue.work([
      { ...handler('compare', long), stopWithinMs: 0 },
      handler('resolve', patient),
    ]);
    await started.promise;
    await until(() => workers.running() === 2);
    await workers.close(600_000);
    expect(ended).toEqual(['stopped', 'finished']);
  });

  test('a run that has ended is let go, also where its stage still listens to its signal', async () => {
    await using queue = await fresh();
    const signals: WeakRef<AbortSignal>[] = [];
    await using _workers = await queue.work([
      handler('resolve', async ({ signal }) => {
        signal.addEventListener('abort', () => {});
        signals.push(new WeakRef(signal));
      }),
    ]);
    await queue.addResolveBulk(
      Array.from({ length: 20 }, (_, index) => ({ captureId: `c${index}`, round: 0, priority: 0 })),
    );
    await until(async () => total(await queue.counts()) === 0);
    await until(() => {
      collectGarbage();
      // The newest may stand in a frame that is still there.
      return signals.filter((signal) => signal.deref() !== undefined).length <= 2;
    }, 5_000);
    expect(signals).toHaveLength(20);
  });

  test('one part that can not be closed keeps none of the others open, and is told', async () => {
    const held = await server.held();
    const queue = await fresh();
    await queue.counts();
    const close = failsOnce(JobQueue.prototype, 'the first', 'another');
    try {
      await expect(queue.close()).rejects.toThrow('the first');
      // As many as there are stages.
      expect(close.mock.calls).toHaveLength(everyStage.length);
    } finally {
      close.mockRestore();
    }
    await until(async () => (await server.held()) <= held);
  });

  test('one worker that can not be closed leaves no run of another behind', async () => {
    await using queue = await fresh();
    const started = Promise.withResolvers<void>();
    let stopped = false;
    const workers = await queue.work([
      handler('media', async () => {}),
      handler('resolve', async ({ signal }) => {
        started.resolve();
        await raised(signal);
        stopped = true;
        throw signal.reason;
      }),
    ]);
    await queue.addResolve('c1', 0, 0);
    await started.promise;
    const close = failsOnce(JobWorker.prototype, 'no good-bye');
    try {
      await expect(workers.close(0)).rejects.toThrow('no good-bye');
    } finally {
      close.mockRestore();
    }
    expect(stopped).toBe(true);
    expect(workers.running()).toBe(0);
  });
});

test('schedules are looked after once at a time, and none after their end', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  let asking = 0;
  let most = 0;
  const away = Promise.withResolvers<never>();
  const schedules = maintainSchedules(async () => {
    most = Math.max(most, ++asking);
    try {
      return await away.promise;
    } finally {
      asking--;
    }
  }, silent);
  const every = schedules.every('feed', 1_000);
  await vi.advanceTimersByTimeAsync(60_000);
  const closed = schedules.close();
  away.reject(new OutageError('queue-unreachable', 'it is away'));
  await Promise.all([every, closed]);
  vi.useRealTimers();
  expect({ most, asking }).toEqual({ most: 1, asking: 0 });
});

/** Three attempts, one at a time, a minute; the test says what it does. */
function handler(
  stage: StageName,
  run: (job: StageJob) => Promise<void>,
  over: Partial<StageHandler> = {},
): StageHandler {
  return { stage, concurrency: 1, attempts: 3, timeoutMs: 60_000, run, ...over };
}

/** What is closed next is closed, and fails all the same: one after the other with these words. */
function failsOnce(prototype: { close(): Promise<void> }, ...words: string[]) {
  const { close } = prototype;
  const spy = vi.spyOn(prototype, 'close');
  for (const word of words) {
    spy.mockImplementationOnce(async function (this: unknown) {
      await close.call(this);
      throw new Error(word);
    });
  }
  return spy;
}

function raised(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

/** Jobs that have not ended. */
function total(counts: Awaited<ReturnType<Queue['counts']>>): number {
  return Object.values(counts)
    .flatMap(({ waiting, onOthers, active, delayed }) => [waiting, onOthers, active, delayed])
    .reduce((sum, count) => sum + count, 0);
}
