/** An archive without browser or network: captures with files of a test's own, closed and sealed for real. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, openApp } from '../../src/app.ts';
import { recordStep } from '../../src/catalog/steps.ts';
import { type Config, readConfig, type Variables } from '../../src/config/config.ts';
import { readLinks } from '../../src/links/read-links.ts';
import { sealCapture } from '../../src/pipeline/capture/seal.ts';
import { submitLinks, type Terms } from '../../src/pipeline/intake/submit.ts';
import type { Parts } from '../../src/pipeline/parts.ts';
import { attempt } from './catalog.ts';
import { type TestDatabase, testDatabase, urlOf } from './database.ts';
import { anyBytes } from './seed.ts';

export interface TestArchive extends AsyncDisposable {
  app: App;
  parts: Parts;
  database: TestDatabase;
  config: Config;
  /** Closed and in the log; each holds one file with this text. */
  capture(text?: string, options?: Terms): Promise<string>;
  /** With its file kept, but not closed yet. */
  openCapture(text?: string, options?: Terms): Promise<string>;
  seal(captureId: string): Promise<void>;
}

export async function testArchive(
  options: { variables?: Variables; demo?: boolean } = {},
): Promise<TestArchive> {
  await using opened = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'holdfast-archive-'));
  opened.defer(() => rm(home, { recursive: true, force: true }));
  const database = await testDatabase();
  opened.defer(() => database.close());
  const config: Config = {
    ...readConfig(
      {
        HOLDFAST_HOME: join(home, 'data'),
        HOLDFAST_OPERATOR: 'test',
        HOLDFAST_LOG_LEVEL: 'silent',
        // Checkpoints when a test asks for one.
        HOLDFAST_CHECKPOINT_ENTRIES: '100000',
        HOLDFAST_CHECKPOINT_SECONDS: '100000',
        // Named in manifests, and run by none of these tests.
        HOLDFAST_CHROMIUM: '/bin/true',
        HOLDFAST_FFMPEG: '/bin/true',
        HOLDFAST_FFPROBE: '/bin/true',
        ...options.variables,
      },
      {},
    ),
    databaseUrl: urlOf(database.connection),
    redisUrl: null,
  };
  const app = opened.use(await openApp(config, { make: options.demo ? 'demo' : 'live' }));
  const { parts } = app;
  const resources = opened.move();

  async function openCapture(
    text: string = anyBytes(18).toString('hex'),
    submit: Terms = {},
  ): Promise<string> {
    const link = `https://example.org/${anyBytes(16).toString('hex')}`;
    const [row] = await submitLinks(parts, readLinks(link), submit);
    const captureId = row?.captureId ?? '';
    const stored = await parts.vault.put(text);
    await recordStep(parts.database, attempt(captureId), {
      artifacts: [
        { role: 'text', name: 'text.txt', mediaType: 'text/plain', derivedFrom: null, ...stored },
      ],
    });
    return captureId;
  }
  const seal = (captureId: string) => sealCapture(parts, stageRun(captureId));
  return {
    app,
    parts,
    database,
    config,
    openCapture,
    seal,
    async capture(text, submit) {
      const captureId = await openCapture(text, submit);
      await seal(captureId);
      return captureId;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

export function stageRun(captureId: string) {
  return {
    captureId,
    round: 0,
    attempt: 1,
    lastAttempt: false,
    waitedMs: 0,
    signal: new AbortController().signal,
  };
}
