/** The programs in examples/, run as a reader would run them, against the small internet. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkSource } from '../src/pipeline/watching/check.ts';
import { type TestHoldfast, testHoldfast } from './support/holdfast.ts';
import { until } from './support/queues.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const never = new AbortController().signal;
const id = '1227381802398646272';
const canary = '1227381802398646273';
const canaries = `good=x:status:${canary},gone=x:status:20`;
const author = { id: '90000009', handle: 'example', name: 'Example' };

let holdfast: TestHoldfast;
let folder: string;
/** Programs that a failed test may leave running. */
const left = new Set<ChildProcess>();

/** A program that is running, and all that it has said so far. */
interface Running {
  said: string[];
  end(signal?: 'SIGINT'): Promise<{ code: number | null; stdout: string }>;
}

function start(script: string, args: string[], input = ''): Running {
  const { home, databaseUrl, redisUrl } = holdfast.config;
  const env = {
    PATH: process.env.PATH,
    HOLDFAST_HOME: home,
    DATABASE_URL: databaseUrl ?? '',
    REDIS_URL: redisUrl ?? '',
    HOLDFAST_HOST_INTERVAL_MS: '0',
    HOLDFAST_PAGE_QUIET_MS: '500',
    HOLDFAST_OCR_LANGUAGES: 'none',
    HOLDFAST_YTDLP: 'none',
    HOLDFAST_LOG_LEVEL: 'error',
    HOLDFAST_CANARIES: canaries,
    ...holdfast.internet.environment,
  };
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  left.add(child);
  child.stdin.end(input);
  const said: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const [stdout, gone] = [text(child.stdout), once(child, 'exit')];
  return {
    said,
    end: async (signal) => {
      if (signal !== undefined) child.kill(signal);
      const [code] = (await gone) as [number | null];
      return { code, stdout: await stdout };
    },
  };
}

const run = (script: string, args: string[], input?: string) => start(script, args, input).end();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-examples-'));
  holdfast = await testHoldfast({
    backend: 'redis',
    variables: { HOLDFAST_CANARIES: canaries },
  });
  const { world } = holdfast.internet;
  world.addPost({ id, author, text: 'A post that will be deleted.' });
  world.addPost({ id: canary, author, text: 'A post that stays.' });
  world.addPage('https://example.org/story', { html: '<title>Story</title><p>A page.' });
});
afterAll(async () => {
  for (const child of left) child.kill('SIGKILL');
  await holdfast?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('archive a text, react to what happens, enqueue from another program, hand a case over', async () => {
  const archived = await run('examples/archive-text.ts', [
    'see https://example.org/story and https://x.com/a/status/12x',
    'harbour',
  ]);
  expect(archived).toMatchObject({ code: 0 });
  expect(archived.stdout).toContain('https://x.com/a/status/12x was rejected: bad-id');
  expect(archived.stdout).toMatch(
    /web:https:\/\/example\.org\/story is complete: capture [0-9a-f-]{36}/,
  );
  expect(archived.stdout).toMatch(/ {2}screenshot\.full \S+ [0-9a-f]{64}/);

  const reacting = start('examples/react-to-events.ts', [`https://x.com/i/status/${id}`, '1h']);
  const heard = (words: RegExp) =>
    until(() => words.test(reacting.said.join('')), 60_000).catch(() => {
      throw new Error(`never said ${words}: ${reacting.said.join('')}`);
    });
  await heard(/watching x:status:1227381802398646272/);
  await heard(/ capture\.closed \{"state":"complete"/);
  holdfast.internet.world.delete(id);
  await checkSource(holdfast.app.parts, `x:status:${id}`, never);
  await heard(/ suspect /);

  // The workers of the program above take it in.
  const config = await run('scripts/holdfast.ts', ['config', '--json']);
  const enqueued = await run(
    'examples/enqueue-with-bullmq.ts',
    [`https://example.org/story https://x.com/i/status/${canary}`, 'harbour'],
    config.stdout,
  );
  expect(enqueued.code).toBe(0);
  expect(enqueued.stdout).toMatch(
    /^[0-9a-f-]{36} https:\/\/x\.com\/i\/status\/\d+\n[0-9a-f-]{36} https:\/\/example\.org\/story\n$/,
  );
  expect(await reacting.end('SIGINT')).toMatchObject({ code: 0 });

  const exported = await run('examples/export-case.ts', ['harbour', folder]);
  expect(exported.code).toBe(0);
  const captures = readdirSync(folder);
  expect(captures.length).toBeGreaterThan(0);
  for (const name of captures)
    execFileSync('sha256sum', ['--check', '--quiet', '--strict', 'SHA256SUMS'], {
      cwd: join(folder, name),
    });
}, 120_000);
