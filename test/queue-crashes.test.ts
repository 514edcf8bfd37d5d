import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UnreachableError } from '../src/base/errors.ts';
import { captureStages, upkeepStages } from '../src/queue/jobs.ts';
import { openQueue, type StageHandler, type StageJob, type TreeNode } from '../src/queue/queue.ts';
import { silent } from './support/database.ts';
import { type QueueServer, queueBackends, redisServer, until } from './support/queues.ts';

const mediaThenSeal: TreeNode = { stage: 'seal', children: [{ stage: 'media', children: [] }] };
const lockDurationMs = 1_000;

describe.each(queueBackends())('on $name', ({ start }) => {
  let server: QueueServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());
  const prefix = () => `t${randomUUID().slice(0, 8)}`;

  test('the jobs of a worker killed with -9, three times over, are finished by another, once', async () => {
    const home = prefix();
    await using queue = await server.open(home);
    for (const captureId of ['c1', 'c2']) await queue.addTree(mediaThenSeal, captureId, 0, 0);
    for (let kill = 0; kill < 3; kill++) {
      await using doomed = startOtherProcess([...server.address, home, String(lockDurationMs)]);
      await until(() => doomed.said('took').length === 2);
    }
    const done: string[] = [];
    const note = async (job: StageJob) =>
      void done.push(`${job.stage} ${idOf(job)} ${job.attempt}`);
    await using _workers = await queue.work([handler('media', note), handler('seal', note)], {
      lockDurationMs,
    });
    await until(async () => !(await queue.isLive('c1', 0)) && !(await queue.isLive('c2', 0)));
    expect(done.toSorted()).toEqual(['media c1 1', 'media c2 1', 'seal c1 1', 'seal c2 1']);
  });

  test('a server killed and started again mid-run loses nothing that was added', async () => {
    await using queue = await server.open(prefix());
    const captures = Array.from({ length: 40 }, (_, index) => `c${index}`);
    const done = new Map<string, number>();
    const back = Promise.withResolvers<void>();
    const note = async (job: StageJob) => {
      if (done.size >= 10) await back.promise;
      const name = `${job.stage} ${idOf(job)}`;
      done.set(name, (done.get(name) ?? 0) + 1);
    };
    await using _workers = await queue.work([handler('media', note), handler('seal', note)], {
      lockDurationMs,
    });
    for (const captureId of captures) await queue.addTree(mediaThenSeal, captureId, 0, 0);
    await until(() => done.size >= 10);
    // This test is about what the server had handed to the disk.
    await until(() => server.hasWritten());
    await server.restart();
    back.resolve();
    await until(async () => {
      const live = await Promise.all(captures.map((captureId) => queue.isLive(captureId, 0)));
      return !live.includes(true);
    });
    expect(done.size).toBe(80);
  });

  test('while the server is away adding fails soon, and works again when it is back', async () => {
    await using queue = await server.open(prefix());
    await queue.addResolve('before', 0, 0);
    const seen: string[] = [];
    await using _workers = await queue.work([
      handler('resolve', async (job) => void seen.push(idOf(job))),
    ]);
    await until(() => seen.length === 1);
    const restarted = server.restart();
    const outcomes = new Set<string>();
    await until(async () => {
      const outcome = await queue.addResolve('after', 0, 0).then(
        () => 'added',
        (error: unknown) => (error instanceof UnreachableError ? error.code : String(error)),
      );
      outcomes.add(outcome);
      return outcome === 'added';
    });
    await restarted;
    await until(() => seen.includes('after'));
    expect([...outcomes].filter((outcome) => outcome !== 'added')).toEqual(
      outcomes.size === 1 ? [] : ['queue-unreachable'],
    );
  });

  test('a worker that was frozen while another took its job over stops, and changes nothing', async () => {
    const home = prefix();
    await using queue = await server.open(home);
    await queue.addTree(mediaThenSeal, 'c1', 0, 0);
    await using frozen = startOtherProcess([...server.address, home, String(lockDurationMs)]);
    await until(() => frozen.said('took').length === 1);
    frozen.process.kill('SIGSTOP');
    const done: string[] = [];
    const note = async (job: StageJob) => void done.push(job.stage);
    await using _workers = await queue.work([handler('media', note), handler('seal', note)], {
      lockDurationMs,
    });
    await until(() => done.length === 2);
    frozen.process.kill('SIGCONT');
    await until(() => frozen.said('stopped: another worker has taken the job over').length === 1);
    await until(async () => !(await queue.isLive('c1', 0)));
    expect((await queue.counts()).media).toMatchObject({ waiting: 0, delayed: 0, failed: 0 });
    expect(done).toEqual(['media', 'seal']);
  });

  test('a stage that ignores its signal does not keep the workers from closing', async () => {
    await using queue = await server.open(prefix());
    await queue.addResolve('c1', 0, 0);
    const started = Promise.withResolvers<void>();
    const stubborn = handler('resolve', () => {
      started.resolve();
      return new Promise(() => {});
    });
    const workers = await queue.work([stubborn], { stopPatienceMs: 200 });
    await started.promise;
    await workers.close(0);
    expect((await queue.counts()).resolve.waiting).toBe(1);
  });

  test('however many workers there are, few connections are held, and none after closing', async () => {
    await until(async () => (await server.held()) === 0); // what earlier tests held
    const queue = await server.open(prefix());
    const stages = [...captureStages, ...upkeepStages];
    const workers = await queue.work(stages.map((stage) => handler(stage, async () => undefined)));
    await queue.addTree(mediaThenSeal, 'c1', 0, 0);
    await until(async () => !(await queue.isLive('c1', 0)));
    // PostgreSQL: one that listens for all. Redis: one to ask, one that all workers share,
    // and one for each worker to block on.
    const expected = queue.backend === 'redis' ? stages.length + 2 : 1;
    await until(async () => (await server.held()) === expected);
    await workers.close(1_000);
    await queue.close();
    await until(async () => (await server.held()) === 0);
  });
});

test('a Redis that is down at first: adding fails soon, workers wait and then work', async () => {
  const redis = await redisServer();
  const queue = await openQueue({
    backend: { kind: 'redis', url: redis.socket },
    prefix: 'late',
    log: silent,
  });
  const done: string[] = [];
  const workers = await queue.work([
    handler('resolve', async (job) => void done.push(idOf(job))),
    handler('feed', async () => void done.push('fed')),
  ]);
  await expect(queue.addResolve('c1', 0, 0)).rejects.toMatchObject({ code: 'queue-unreachable' });
  await redis.start();
  await until(() => queue.addResolve('c1', 0, 0).then(() => true));
  await until(() => done.includes('c1'));
  await workers.close(0);
  await queue.close();
  await redis.remove();
});

test('a Redis that never answers keeps nobody from closing', async () => {
  const queue = await openQueue({
    backend: { kind: 'redis', url: '/nowhere/redis.sock' },
    prefix: 'never',
    log: silent,
  });
  const workers = await queue.work([handler('resolve', async () => undefined)]);
  await expect(queue.version()).rejects.toBeInstanceOf(UnreachableError);
  await workers.close(0);
  await queue.close();
});

/** A worker in a process of its own; see `support/queue-worker.ts`. */
function startOtherProcess(args: string[]) {
  const script = fileURLToPath(new URL('./support/queue-worker.ts', import.meta.url));
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return {
    process: child as ChildProcess,
    said: (start: string) => lines.filter((line) => line.startsWith(start)),
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Three attempts, four at a time, a minute; the test says what it does. */
function handler(stage: StageHandler['stage'], run: StageHandler['run']): StageHandler {
  return { stage, concurrency: 4, attempts: 3, timeoutMs: 60_000, run };
}

function idOf(job: StageJob): string {
  return (job.data as { captureId: string }).captureId;
}
