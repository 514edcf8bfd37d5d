/** What every proof of the whole program stands on: a home, a small internet, a reader's view. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, openApp } from '../../src/app.ts';
import { unfinishedAmong } from '../../src/catalog/captures.ts';
import { derivingAmong } from '../../src/catalog/derive-jobs.ts';
import { captureRecord } from '../../src/catalog/show.ts';
import { readConfig } from '../../src/config/config.ts';
import { readLinks } from '../../src/links/read-links.ts';
import type { CaptureRecord } from '../../src/model/capture-record.ts';
import { addLinks } from '../../src/pipeline/intake/add.ts';
import { type SmallInternet, startSmallInternet } from '../internet/small-internet.ts';
import { type RedisServer, redisServer, until } from '../support/queues.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

export interface ProvingGround extends AsyncDisposable {
  home: string;
  internet: SmallInternet;
  redis: RedisServer | null;
  app: App;
  startWorker(): WorkerProcess;
  submit(text: string): Promise<string[]>;
  untilClosed(captureIds: string[], patienceMs: number): Promise<CaptureRecord[]>;
}

/** Embedded PostgreSQL in a home of its own; queue on it, or on a Redis of its own. */
export async function provingGround(
  backend: 'postgres' | 'redis',
  variables: Record<string, string> = {},
): Promise<ProvingGround> {
  await using opened = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'holdfast-proof-'));
  opened.defer(() => rm(home, { recursive: true, force: true }));
  const internet = opened.use(await startSmallInternet());
  const redis = backend === 'redis' ? await redisServer() : null;
  await redis?.start();
  opened.defer(async () => redis?.remove());
  const environment: Record<string, string> = {
    HOLDFAST_HOME: join(home, 'data'),
    HOLDFAST_OCR_LANGUAGES: 'none',
    HOLDFAST_LOG_LEVEL: 'error',
    HOLDFAST_HOST_INTERVAL_MS: '0',
    // The small internet answers at once.
    HOLDFAST_PAGE_QUIET_MS: '500',
    HOLDFAST_RETRY_BASE_MS: '100',
    HOLDFAST_LOCK_MS: '3000',
    ...internet.environment,
    ...(redis === null ? {} : { REDIS_URL: redis.socket }),
    ...variables,
  };
  const app = opened.use(await openApp(readConfig(environment), { make: 'live' }));
  const workers: WorkerProcess[] = [];
  opened.defer(async () => {
    for (const worker of workers) await worker.kill();
  });
  const resources = opened.move();
  return {
    home,
    internet,
    redis,
    app,
    startWorker: () => {
      const worker = startWorkerProcess(environment);
      workers.push(worker);
      return worker;
    },
    submit: async (text) => {
      const submitted = await addLinks(app.parts, await app.queue(), readLinks(text), {
        again: true,
      });
      return submitted.flatMap((row) => row.captureId ?? []);
    },
    untilClosed: async (captureIds, patienceMs) => {
      const { database } = app.parts;
      await until(
        async () =>
          (await unfinishedAmong(database, captureIds)).length === 0 &&
          (await derivingAmong(database, captureIds)).length === 0,
        patienceMs,
      );
      const records = await Promise.all(captureIds.map((id) => captureRecord(database, id)));
      return records.filter((record) => record !== null);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
