/** BullMQ on Redis (or Valkey), through ioredis. */
import { once } from 'node:events';
import { FlowProducer, Queue, Worker } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import { OutageError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { timeLimit } from '../base/time-limit.ts';
import { queueNameOn } from './address.ts';
import type { Backend } from './backend.ts';

/** How long somebody who adds work waits for a server that doesn't answer. */
const patienceMs = 3_000;

/**
 * Doesn't need the server to be up: adding work then fails within seconds, workers wait
 * until it is back.
 */
export function openRedis(url: string, prefix: string, log: Log): Backend {
  const connect = connector(url, log);
  const producer = connect({
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 3 * patienceMs,
  });
  const forWorkers = workerConnections(connect);
  return {
    kind: 'redis',
    queueName: (stage) => queueNameOn('redis', prefix, stage),
    makeQueue: (stage) => new Queue(stage, { connection: producer, prefix, streams }),
    makeTreeProducer: () => new FlowProducer({ connection: producer, prefix }),
    makeWorker: async (stage, processor, options) =>
      new Worker(stage, processor, {
        ...options,
        connection: forWorkers.shared(),
        prefix,
      }),
    reach: () => reach(producer),
    meaning: (error) => (producer.status === 'ready' && !isLoss(error) ? error : away(error)),
    version: async () => versionIn(await producer.info('server')),
    cutWorkersOff: forWorkers.disconnect,
    close: async () => {
      disconnect(producer);
      forWorkers.disconnect();
    },
  };
}

/** One that all workers share, and BullMQ's copies of it: one a worker, to block on. */
function workerConnections(connect: Connect) {
  const opened: Redis[] = [];
  const open = (overrides: RedisOptions = {}): Redis => {
    // Commands of a worker wait for the server, however long it takes.
    const redis = connect({ ...overrides, maxRetriesPerRequest: null });
    redis.duplicate = open;
    opened.push(redis);
    return redis;
  };
  return {
    shared: () => opened[0] ?? open(),
    disconnect: () => {
      for (const redis of opened.splice(0)) disconnect(redis);
    },
  };
}

/** Nobody reads the event stream of a queue; BullMQ would keep 10,000 entries. */
const streams = { events: { maxLen: 100 } };

type Connect = (options: RedisOptions) => Redis;

function connector(url: string, log: Log): Connect {
  // One line when the server goes and one when it is back, however many connections try.
  let isAway = false;
  return (options) => {
    const redis = new Redis(url, {
      ...options,
      connectTimeout: 5_000,
      retryStrategy: (times) => Math.min(100 * times, 2_000),
    });
    redis.setMaxListeners(1_000); // every queue and worker has some; 0 would confuse BullMQ
    redis.on('error', (error: Error) => {
      if (!isAway) log.warn({ err: error }, 'Redis is not reachable; trying again');
      isAway = true;
    });
    redis.on('ready', () => {
      if (isAway) log.info('Redis is reachable again');
      isAway = false;
    });
    return redis;
  };
}

/** Fails what is still waiting. ioredis alone does nothing between two tries to connect. */
function disconnect(redis: Redis): void {
  if (redis.status === 'reconnecting') redis.connect().catch(() => undefined);
  redis.disconnect();
}

async function reach(redis: Redis): Promise<void> {
  if (redis.status === 'ready') return;
  using limit = timeLimit(patienceMs);
  try {
    await once(redis, 'ready', { signal: limit.signal });
  } catch (error) {
    throw away(error);
  }
}

function isLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error.name === 'MaxRetriesPerRequestError' ||
    /^(Connection is closed|Stream isn't writeable|Command timed out|LOADING|MASTERDOWN)/.test(
      error.message,
    )
  );
}

function away(cause: unknown): OutageError {
  return new OutageError(
    'queue-unreachable',
    'the queue (Redis at REDIS_URL) does not answer; nothing was added to it',
    { cause },
  );
}

function versionIn(info: string): string {
  const field = (name: string) => info.match(new RegExp(`^${name}:(\\S+)`, 'm'))?.[1];
  return field('valkey_version') ?? field('redis_version') ?? 'unknown';
}
