/** Says every so often that this process is alive, so that its silence can be told of. */
import { hostname } from 'node:os';
import { uuidv7 } from 'uuidv7';
import type { App } from '../src/app.ts';
import { beat, endHeartbeat } from '../src/catalog/heartbeats.ts';

const everyMs = 20_000;

/** Returns what ends it properly, once: a process that ends so is not missed. */
export function keepHeartbeat({ parts: { database, log } }: App): () => Promise<void> {
  const worker = { id: uuidv7(), host: hostname(), processId: process.pid, startedAt: new Date() };
  const quietly = (work: Promise<void>) =>
    work.catch((error: unknown) => log.warn({ err: error }, 'no heartbeat could be written'));
  // In turn: a beat that reached the database after the end would be missed later on.
  let beating = quietly(beat(database, worker));
  const timer = setInterval(() => {
    beating = beating.then(() => quietly(beat(database, worker)));
  }, everyMs).unref();
  let ended: Promise<void> | null = null;
  return () => {
    clearInterval(timer);
    ended ??= beating.then(() => quietly(endHeartbeat(database, worker.id)));
    return ended;
  };
}
