/**
 * The queue: hands work to whichever process has workers, on Redis or on PostgreSQL.
 * Everything that knows BullMQ or ioredis is in this folder.
 */

import type pg from 'pg';
import { closeAll } from '../base/close-all.ts';
import type { Log } from '../base/log.ts';
import type { StageCounts } from '../model/status.ts';
import type { Backend } from './backend.ts';
import {
  type CaptureRound,
  type CaptureStage,
  type DerivedStage,
  everyStage,
  jobId,
  jobOptions,
  type StageName,
  type TreeNode,
  toFlow,
  type UpkeepStage,
} from './jobs.ts';
import { openProducers, type Producers } from './producers.ts';
import { cancelRound, isDeriving, isLive } from './rounds.ts';
import { maintainSchedules } from './schedules.ts';
import { type StageHandler, startWorkers, type Workers, type WorkOptions } from './workers.ts';

export type { QueueAddress } from './address.ts';
export type { CaptureRound, CaptureStage, StageName, TreeNode } from './jobs.ts';
export type { StageHandler, StageJob, Workers, WorkOptions } from './workers.ts';

export interface QueueOptions {
  backend: { kind: 'redis'; url: string } | { kind: 'postgres'; pool: pg.Pool };
  /** Keeps homes, and tests, apart on one server. Letters, digits, `_` and `-`. */
  prefix: string;
  /** Wait before the first retry; doubles with each, half of it by chance. Default 2 s. */
  retryBaseMs?: number;
  log: Log;
}

export interface NewRound extends CaptureRound {
  /** Higher goes first; 0 is ordinary. */
  priority: number;
}

/** Every method but `work` fails within seconds with OutageError when the server is away. */
export interface Queue extends AsyncDisposable {
  readonly backend: 'redis' | 'postgres';
  /** Of the server. */
  version(): Promise<string>;
  /** Nothing happens where this capture's round has been added before. */
  addResolve(captureId: string, round: number, priority: number): Promise<void>;
  addResolveBulk(captures: NewRound[]): Promise<void>;
  /** The tree must end in `seal`. Nothing happens where it has been added before. */
  addTree(tree: TreeNode, captureId: string, round: number, priority: number): Promise<void>;
  /** Whether any job of this round is waiting, delayed or running. */
  isLive(captureId: string, round: number): Promise<boolean>;
  /** Nothing happens where this capture's round has been added before. */
  addDerive(captures: NewRound[]): Promise<void>;
  /** Whether the derive job of this round is waiting, delayed or running. */
  isDeriving(captureId: string, round: number): Promise<boolean>;
  /** Takes out what has not begun. What runs, ends; nothing follows it. */
  cancel(captureId: string, round: number): Promise<void>;
  /** Repeats an upkeep job; looked after until `close`, also when the queue is away now. */
  every(name: UpkeepStage, everyMs: number): Promise<void>;
  /** Takes jobs until the returned workers are closed, which comes before `close`. */
  work(stages: StageHandler[], options?: WorkOptions): Promise<Workers>;
  counts(): Promise<Record<StageName, StageCounts>>;
  close(): Promise<void>;
}

/** @throws OutageError `queue-unreachable` (PostgreSQL only; Redis may come later) */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  return queueOn(await openBackend(options), options);
}

/** Each backend is loaded only where it is used. */
async function openBackend({ backend, prefix, log }: QueueOptions): Promise<Backend> {
  if (backend.kind === 'redis') {
    const { openRedis } = await import('./redis.ts');
    return openRedis(backend.url, prefix, log);
  }
  const { openPostgres } = await import('./postgres.ts');
  return openPostgres(backend.pool, prefix, log);
}

function queueOn(backend: Backend, { retryBaseMs = 2_000, log }: QueueOptions): Queue {
  const producers = openProducers(backend, log);
  const schedules = maintainSchedules((stage) => ask(() => producers.queue(stage)), log);
  const optionsFor = (of: CaptureRound, priority: number) => (stage: CaptureStage | DerivedStage) =>
    jobOptions(of, stage, priority, retryBaseMs);

  /** Every question to the server goes through here, and fails soon where it is away. */
  async function ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    await backend.reach();
    try {
      return await question();
    } catch (error) {
      throw backend.meaning(error);
    }
  }

  const addBulk = (stage: 'resolve' | 'derive', captures: NewRound[]) =>
    ask(async () => {
      const jobs = await producers.queue(stage);
      await jobs.addBulk(
        captures.map(({ captureId, round, priority }) => ({
          name: stage,
          data: { captureId, round },
          opts: optionsFor({ captureId, round }, priority)(stage),
        })),
      );
    });

  let closing: Promise<void> | null = null;
  const queue: Queue = {
    backend: backend.kind,
    version: () => ask(() => backend.version()),
    addResolve: (captureId, round, priority) =>
      queue.addResolveBulk([{ captureId, round, priority }]),
    addResolveBulk: (captures) => addBulk('resolve', captures),
    addDerive: (captures) => addBulk('derive', captures),
    isDeriving: (captureId, round) => ask(() => isDeriving(producers, { captureId, round })),
    addTree: (tree, captureId, round, priority) =>
      ask(async () => {
        const of = { captureId, round };
        // The root outlives what is below it, which may have been cleared away after it ended
        // and would run again.
        const root = await producers.queue(tree.stage);
        if ((await root.getJob(jobId(of, tree.stage))) !== undefined) return;
        const trees = await producers.trees();
        await trees.add(toFlow(tree, of, backend.queueName, optionsFor(of, priority)));
      }),
    isLive: (captureId, round) => ask(() => isLive(producers, { captureId, round })),
    cancel: (captureId, round) => ask(() => cancelRound(producers, { captureId, round })),
    every: (name, everyMs) => schedules.every(name, everyMs),
    work: (stages, options = {}) => startWorkers(backend, stages, options, log),
    counts: () => ask(() => countAll(producers)),
    close: () => {
      closing ??= closeAll([schedules, producers, backend].map((part) => () => part.close()));
      return closing;
    },
    [Symbol.asyncDispose]: () => queue.close(),
  };
  return queue;
}

async function countAll(producers: Producers): Promise<Record<StageName, StageCounts>> {
  const counted = everyStage.map(async (stage) => {
    const queue = await producers.queue(stage);
    const found = await queue.getJobCounts();
    const of = (...states: string[]) => states.reduce((sum, state) => sum + (found[state] ?? 0), 0);
    const counts: StageCounts = {
      waiting: of('waiting', 'prioritized'),
      onOthers: of('waiting-children'),
      active: of('active'),
      delayed: of('delayed'),
      failed: of('failed'),
    };
    return [stage, counts] as const;
  });
  return Object.fromEntries(await Promise.all(counted)) as Record<StageName, StageCounts>;
}
