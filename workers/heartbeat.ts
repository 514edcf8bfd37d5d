/**
 * Says every so often that this process is alive, so that its silence can be told of, and
 * hears meanwhile whether the catalog is still the one that it works for.
 */
import { hostname } from 'node:os';
import { uuidv7 } from 'uuidv7';
import type { App } from '../src/app.ts';
import { StateError } from '../src/base/errors.ts';
import { beat, endHeartbeat } from '../src/catalog/heartbeats.ts';

const everyMs = 20_000;

export interface Heartbeat {
  /** Aborts with `catalog-replaced` once there is another catalog, whose queue is another one too. */
  outdated: AbortSignal;
  /** Ends it properly, once: a process that ends so is not missed. */
  end(): Promise<void>;
}

/** @param catalog as `catalogIdentity` had it before the queue was opened */
export function keepHeartbeat({ parts: { database, log } }: App, catalog: string): Heartbeat {
  const worker = { id: uuidv7(), host: hostname(), processId: process.pid, startedAt: new Date() };
  const outdated = new AbortController();
  const quietly = (work: Promise<void>) =>
    work.catch((error: unknown) => log.warn({ err: error }, 'no heartbeat could be written'));
  const once = async () => {
    const now = await beat(database, worker);
    if (now !== undefined && now !== catalog) outdated.abort(replaced());
  };
  // In turn: a beat that reached the database after the end would be missed later on.
  let beating = quietly(once());
  const timer = setInterval(() => {
    beating = beating.then(() => quietly(once()));
  }, everyMs).unref();
  let ended: Promise<void> | null = null;
  return {
    outdated: outdated.signal,
    end: () => {
      clearInterval(timer);
      ended ??= beating.then(() => quietly(endHeartbeat(database, worker.id)));
      return ended;
    },
  };
}

function replaced(): StateError {
  return new StateError(
    'catalog-replaced',
    'the catalog was made anew by a rebuild, and what these workers had in hand belongs to the old one: start them again',
  );
}
