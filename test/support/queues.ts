/** Both queue backends, on real servers that a test may kill and start again. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Database, openDatabase } from '../../src/catalog/database.ts';
import { ensureEmbedded } from '../../src/embedded/embedded.ts';
import { openQueue, type Queue } from '../../src/queue/queue.ts';
import { silent } from './database.ts';

export interface QueueBackend {
  name: 'redis' | 'postgres';
  start(): Promise<QueueServer>;
}

export interface QueueServer {
  /** Open and not yet closed queues are closed by `stop`. */
  open(prefix: string): Promise<Queue>;
  /** What another process needs to open the same queue: arguments of `queue-worker.ts`. */
  address: string[];
  /** Whether all that was acknowledged is out of the server's own memory. */
  hasWritten(): Promise<boolean>;
  /** As `kill -9` and a start: nothing that was acknowledged may be lost. */
  restart(): Promise<void>;
  /** Connections that the queue holds, in use or waiting for a notification. */
  held(): Promise<number>;
  stop(): Promise<void>;
}

export function queueBackends(): QueueBackend[] {
  return [
    { name: 'redis', start: startRedis },
    { name: 'postgres', start: startPostgres },
  ];
}

export const retryBaseMs = 20;

/** With the settings that production needs: kept on disk, and never dropping keys. */
async function startRedis(): Promise<QueueServer> {
  const redis = await redisServer();
  await redis.start();
  const opened: Queue[] = [];
  return {
    address: ['redis', redis.socket],
    open: async (prefix) => {
      const queue = await openQueue({
        backend: { kind: 'redis', url: redis.socket },
        prefix,
        retryBaseMs,
        log: silent,
      });
      opened.push(queue);
      return queue;
    },
    hasWritten: async () =>
      (await redis.ask('info', 'persistence')).includes('aof_buffer_length:0\r'),
    restart: async () => {
      await redis.kill();
      await redis.start();
    },
    held: async () => {
      const list = await redis.ask('client', 'list');
      return list.trim().split('\n').length - 1; // without the one that asks
    },
    stop: async () => {
      // One that could not be closed has said so to its test.
      await Promise.allSettled(opened.map((queue) => queue.close()));
      await redis.remove();
    },
  };
}

export interface RedisServer {
  folder: string;
  socket: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Kills it and deletes its data. */
  remove(): Promise<void>;
  ask(...command: string[]): Promise<string>;
}

/** A Redis of its own in a folder of its own, reachable through a Unix socket only. */
export async function redisServer(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-redis-'));
  const socket = join(folder, 'redis.sock');
  const ask = async (...command: string[]) =>
    (await promisify(execFile)('redis-cli', ['-s', socket, ...command])).stdout;
  let server: ChildProcess | null = null;
  const kill = async () => {
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
    await rm(socket, { force: true });
  };
  return {
    folder,
    socket,
    ask,
    kill,
    start: async () => {
      const options = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', ''];
      const durable = ['--appendonly', 'yes', '--maxmemory-policy', 'noeviction'];
      server = spawn('redis-server', [...options, ...durable], { stdio: 'ignore' });
      await until(async () => (await ask('ping')).startsWith('PONG'));
    },
    remove: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startPostgres(): Promise<QueueServer> {
  const home = await mkdtemp(join(tmpdir(), 'holdfast-queue-'));
  const server = await ensureEmbedded(home);
  const database = await openDatabase({
    connection: server.connection,
    schema: 'holdfast',
    max: 12,
    log: silent,
  });
  const opened: Queue[] = [];
  return {
    address: ['postgres', server.connection.host],
    open: async (prefix) => {
      const queue = await openOnPostgres(database, prefix);
      opened.push(queue);
      return queue;
    },
    hasWritten: async () => true, // it answers after the write
    restart: async () => {
      const pidFile = join(home, 'postgres', 'db', 'postmaster.pid');
      const pid = Number((await readFile(pidFile, 'utf8')).split('\n')[0]);
      const before = await startOf(database);
      process.kill(pid, 'SIGKILL');
      // The embedded server is started again by itself, once it is missed. Its orphans answer
      // for a while after it was killed, so an answer alone says nothing.
      await until(async () => (await startOf(database)) !== before);
    },
    held: async () => database.pool.totalCount - database.pool.idleCount,
    stop: async () => {
      // One that could not be closed has said so to its test.
      await Promise.allSettled(opened.map((queue) => queue.close()));
      await database.close();
      await server.release();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function startOf(database: Database): Promise<number> {
  const { rows } = await database.query<{ at: Date }>('select pg_postmaster_start_time() as at');
  return rows[0]?.at.getTime() ?? 0;
}

function openOnPostgres(database: Database, prefix: string): Promise<Queue> {
  const backend = { kind: 'postgres', pool: database.pool } as const;
  return openQueue({ backend, prefix, retryBaseMs, log: silent });
}

/** Waits for a condition; one that throws isn't there yet. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  patienceMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const met = await Promise.resolve()
      .then(condition)
      .catch(() => false);
    if (met) return;
    if (Date.now() > deadline) throw new Error(`waited ${patienceMs} ms for ${condition}`);
    await sleep(20);
  }
}
