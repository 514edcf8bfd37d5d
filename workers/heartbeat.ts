/** Says every so often that this process is alive, so that its silence can be told of. */
import { hostname } from 'node:os';
import { uuidv7 } from 'uuidv7';
import type { App } from '../src/app.ts';
import { beat, endHeartbeat } from '../src/catalog/heartbeats.ts';

const everyMs = 20_000;

/** Returns what ends it properly: a process that ends so is not missed. */
export function keepHeartbeat({ parts: { database, log } }: App): () => Promise<void> {
  const worker = { id: uuidv7(), host: hostname(), processId: process.pid, startedAt: new Date() };
  const quietly = (work: Promise<void>) =>
    work.catch((error: unknown) => log.warn({ err: error }, 'no heartbeat could be written'));
  let beating = quietly(beat(database, worker));
  const timer = setInterval(() => {
    beating = quietly(beat(database, worker));
  }, everyMs).unref();
  return async () => {
    clearInterval(timer);
    await beating;
    await quietly(endHeartbeat(database, worker.id));
  };
}
