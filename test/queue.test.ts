import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PermanentError, ThrottledError, TransientError } from '../src/errors.ts';
import type { Queue, StageHandler, StageJob, StageName, TreeNode } from '../src/queue/queue.ts';
import { type QueueServer, queueBackends, until } from './support/queues.ts';

/** Of a post: seal ◀ render ◀ (page, keyframes ◀ media). */
const postTree: TreeNode = {
  stage: 'seal',
  children: [
    {
      stage: 'render',
      children: [
        { stage: 'page', children: [] },
        { stage: 'keyframes', children: [{ stage: 'media', children: [] }] },
      ],
    },
  ],
};
const justSeal: TreeNode = { stage: 'seal', children: [] };
const treeStages: StageName[] = ['page', 'media', 'keyframes', 'render', 'seal'];

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
    await queue.addTree(postTree, 'c1', 0, 0);
    await until(() => order.length === 5);
    expect(order.slice(3)).toEqual(['render', 'seal']);
    expect(order.indexOf('media')).toBeLessThan(order.indexOf('keyframes'));
  });

  test('a stage that fails for good does not keep the capture from being sealed', async () => {
    await using queue = await fresh();
    const order: string[] = [];
    await using _workers = await queue.work(
      treeStages.map((stage) =>
        handler(stage, async () => {
          order.push(stage);
          if (stage === 'media') throw new PermanentError('post-gone', 'the media is gone');
        }),
      ),
    );
    await queue.addTree(postTree, 'c1', 0, 0);
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
});

/** Three attempts, one at a time, a minute; the test says what it does. */
function handler(
  stage: StageName,
  run: (job: StageJob) => Promise<void>,
  over: Partial<StageHandler> = {},
): StageHandler {
  return { stage, concurrency: 1, attempts: 3, timeoutMs: 60_000, run, ...over };
}
