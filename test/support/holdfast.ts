/** The whole program on real servers, with a small internet as the outside. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, openApp } from '../../src/app.ts';
import { unfinishedAmong } from '../../src/catalog/captures.ts';
import { derivingAmong } from '../../src/catalog/derive-jobs.ts';
import { captureRecord } from '../../src/catalog/show.ts';
import { type Config, readConfig, type Variables } from '../../src/config/config.ts';
import { readLinks } from '../../src/links/read-links.ts';
import type { CaptureRecord } from '../../src/model/capture-record.ts';
import type { SubmitOptions, Submitted } from '../../src/model/submission.ts';
import { addLinks } from '../../src/pipeline/intake/add.ts';
import type { Workers } from '../../src/queue/queue.ts';
import { startWorkers } from '../../workers/main.ts';
import { type SmallInternet, startSmallInternet } from '../internet/small-internet.ts';
import { testDatabase, urlOf } from './database.ts';
import { redisServer, until } from './queues.ts';

export interface TestHoldfast extends AsyncDisposable {
  app: App;
  config: Config;
  internet: SmallInternet;
  /** Adds, works until every capture is closed, returns the records in the order of the links. */
  archive(text: string, options?: SubmitOptions): Promise<CaptureRecord[]>;
  /** The same, but nothing is made of what was kept. */
  seal(text: string, options?: SubmitOptions): Promise<CaptureRecord[]>;
  submit(text: string, options?: SubmitOptions): Promise<Submitted[]>;
  /** Closed, and what is made of them has ended. */
  untilClosed(captureIds: string[], patienceMs?: number): Promise<CaptureRecord[]>;
  work(): Promise<Workers>;
}

export const backends = ['postgres', 'redis'] as const;

/** More than the cores: most of a visit is waiting until a page is quiet. */
const sideBySide = { concurrency: 3 };

export interface TestOptions {
  backend: (typeof backends)[number];
  variables?: Variables;
  /** A demonstration, as `npm run demo` makes it. */
  demo?: boolean;
}

/** Own database, own data folder, own Redis, own internet: nothing is shared between test files. */
export async function testHoldfast(options: TestOptions): Promise<TestHoldfast> {
  await using opened = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'holdfast-home-'));
  opened.defer(() => rm(home, { recursive: true, force: true }));
  const internet = opened.use(await startSmallInternet());
  const database = await testDatabase();
  opened.defer(() => database.close());
  const config: Config = {
    ...readConfig(
      {
        HOLDFAST_HOME: join(home, 'data'),
        HOLDFAST_HOST_INTERVAL_MS: '0',
        HOLDFAST_RETRY_BASE_MS: '50',
        HOLDFAST_PAGE_TIMEOUT_MS: '15000',
        // The small internet answers at once.
        HOLDFAST_PAGE_QUIET_MS: '500',
        HOLDFAST_OPERATOR: 'test',
        // Reading text in pictures takes longer than most of what tests are about.
        HOLDFAST_OCR_LANGUAGES: 'none',
        // A yt-dlp that somebody happens to have must not take part.
        HOLDFAST_YTDLP: 'none',
        HOLDFAST_LOG_LEVEL: 'silent',
        ...internet.environment,
        ...options.variables,
      },
      {},
    ),
    databaseUrl: urlOf(database.connection),
    redisUrl: null,
  };
  if (options.backend === 'redis') {
    const redis = await redisServer();
    await redis.start();
    opened.defer(() => redis.remove());
    config.redisUrl = redis.socket;
  }
  const app = opened.use(await openApp(config, { make: options.demo ? 'demo' : 'live' }));
  const resources = opened.move();
  return {
    ...verbs(app),
    app,
    config,
    internet,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function verbs(app: App) {
  const submit = async (text: string, options: SubmitOptions = {}) =>
    addLinks(app.parts, await app.queue(), readLinks(text), options);
  const { database } = app.parts;
  const untilClosed = async (ids: string[], patienceMs = 240_000) => {
    await until(
      async () =>
        (await unfinishedAmong(database, ids)).length === 0 &&
        (await derivingAmong(database, ids)).length === 0,
      patienceMs,
    );
    return recordsOf(ids);
  };
  const recordsOf = async (ids: string[]) => {
    const records = await Promise.all(ids.map((id) => captureRecord(database, id)));
    return records.filter((record) => record !== null);
  };
  return {
    submit,
    untilClosed,
    work: () => startWorkers(app, sideBySide),
    seal: async (text: string, options: SubmitOptions = {}) => {
      const ids = idsOf(await submit(text, options));
      const workers = await startWorkers(app, { ...sideBySide, except: ['derive'] });
      try {
        await until(async () => (await unfinishedAmong(database, ids)).length === 0, 240_000);
        return await recordsOf(ids);
      } finally {
        await workers.close(10_000);
      }
    },
    archive: async (text: string, options: SubmitOptions = {}) => {
      const ids = idsOf(await submit(text, options));
      const workers = await startWorkers(app, sideBySide);
      try {
        return await untilClosed(ids);
      } finally {
        await workers.close(10_000);
      }
    },
  };
}

const idsOf = (submitted: Submitted[]) => [
  ...new Set(submitted.flatMap(({ captureId }) => captureId ?? [])),
];
