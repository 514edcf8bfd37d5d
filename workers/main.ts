/** Starts the workers, as a process of its own or inside a command, and stops them in order. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type App, openApp } from '../src/app.ts';
import { reportFailure } from '../src/base/report-failure.ts';
import { catalogIdentity } from '../src/catalog/migrate.ts';
import { untilStopped } from '../src/cli/terminal/until-stopped.ts';
import { readConfig } from '../src/config/config.ts';
import type { RunningWorkers, WorkOptions } from '../src/pipeline/running-workers.ts';
import { stageLimits } from '../src/pipeline/stages.ts';
import type { Workers } from '../src/queue/queue.ts';
import { compare } from './compare.ts';
import { derive } from './derive.ts';
import { feed } from './feed.ts';
import { fixity } from './fixity.ts';
import { type Heartbeat, keepHeartbeat } from './heartbeat.ts';
import { media } from './media.ts';
import { notify } from './notify.ts';
import { page } from './page.ts';
import { recheck } from './recheck.ts';
import { resolve } from './resolve.ts';
import { saveElsewhere } from './save-elsewhere.ts';
import { seal } from './seal.ts';
import { stamp } from './stamp.ts';
import { submit } from './submit.ts';

const everyWorker = [
  submit,
  resolve,
  page,
  media,
  seal,
  derive,
  feed,
  recheck,
  compare,
  notify,
  stamp,
  fixity,
  saveElsewhere,
];
const feedEveryMs = 5_000;
const sweepEveryMs = 5_000;
const stampEveryMs = 10_000;
const fixityEveryMs = 5 * 60_000;
const compareEveryMs = 5_000;
const notifyEveryMs = 10_000;
const saveElsewhereEveryMs = 15_000;

/** Takes jobs until the returned workers are closed. */
export async function startWorkers(app: App, options: WorkOptions = {}): Promise<RunningWorkers> {
  const { limits, queue: queueConfig } = app.parts.config;
  const cores = options.concurrency ?? Math.min(queueConfig.concurrency, availableParallelism());
  const catalog = await catalogIdentity(app.parts.database);
  const queue = await app.queue();
  const chosen = everyWorker.filter(
    ({ stage }) =>
      (options.only === undefined || options.only.includes(stage)) &&
      !options.except?.includes(stage),
  );
  if (options.only === undefined) {
    await queue.every('feed', feedEveryMs);
    await queue.every('recheck', sweepEveryMs);
    await queue.every('stamp', stampEveryMs);
    await queue.every('fixity', fixityEveryMs);
    await queue.every('compare', compareEveryMs);
    await queue.every('notify', notifyEveryMs);
    if (app.parts.config.saveElsewhere.cases.length > 0)
      await queue.every('save-elsewhere', saveElsewhereEveryMs);
  }
  const workers = await queue.work(
    chosen.map((worker) => ({
      stage: worker.stage,
      ...stageLimits(worker.stage, limits, cores),
      run: (job) => worker.work(app, job),
    })),
    { lockDurationMs: queueConfig.lockMs },
  );
  for (const worker of chosen) worker.prepare?.();
  return withHeartbeat(workers, keepHeartbeat(app, catalog));
}

function withHeartbeat(workers: Workers, { outdated, end }: Heartbeat): RunningWorkers {
  const close = async (graceMs: number) => {
    try {
      await workers.close(graceMs);
    } finally {
      await end();
    }
  };
  return {
    outdated,
    running: () => workers.running(),
    close,
    [Symbol.asyncDispose]: () => close(0),
  };
}

async function main(): Promise<void> {
  await using app = await openApp(readConfig(), { make: 'any' });
  const workers = await startWorkers(app);
  await untilStopped(workers, app.parts.log);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch(async (error: unknown) => {
    process.exitCode = await reportFailure(error);
  });
}
