/** The three scripts of the user's wish, and the library that they show. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHoldfast } from '../src/index.ts';
import { type SmallInternet, startSmallInternet } from './internet/small-internet.ts';
import { startWorkerProcess, type WorkerProcess } from './prove/worker-process.ts';
import { until } from './support/queues.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-library-'));
const script = (name: string) => fileURLToPath(new URL(`../scripts/${name}.ts`, import.meta.url));
let internet: SmallInternet;
let environment: Record<string, string>;
let worker: WorkerProcess | null = null;

beforeAll(async () => {
  internet = await startSmallInternet();
  internet.world.addPage('https://library.example.org/', {
    html: '<!doctype html><title>Library</title><p>A page for three scripts.</p>',
  });
  environment = {
    HOLDFAST_HOME: join(folder, 'data'),
    HOLDFAST_LOG_LEVEL: 'error',
    ...internet.environment,
  };
});
afterAll(async () => {
  await worker?.stop();
  await internet[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function run(name: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, ...environment };
  return (await promisify(execFile)(process.execPath, [script(name), ...args], { env })).stdout;
}

describe('the three scripts', () => {
  test('are under 40 lines each', () => {
    for (const name of ['enqueue', 'schedule', 'query']) {
      expect(readFileSync(script(name), 'utf8').split('\n').length).toBeLessThan(40);
    }
  });

  test('enqueue links, schedule a source, and query what was kept', async () => {
    expect(await run('enqueue', 'See https://library.example.org/ for it', 'case-one')).toMatch(
      /^[0-9a-f-]{36} web:https:\/\/library\.example\.org\/$/m,
    );
    expect(
      await run('schedule', 'https://library.example.org/', '0 6 * * *', 'Europe/Berlin'),
    ).toContain('is due');
    worker = startWorkerProcess(environment);
    await using holdfast = await openHoldfast(environment);
    const found = async () => (await holdfast.find({ case: 'case-one' })).rows;
    await until(async () => (await found()).some(({ state }) => state === 'complete'), 90_000);
    expect(await run('query', 'three scripts')).toContain('\tcomplete\t');
  }, 120_000);
});

test('the library shows, verifies and exports what the workers kept', async () => {
  await using holdfast = await openHoldfast(environment);
  const { rows } = await holdfast.find({ case: 'case-one' });
  const capture = await holdfast.show(rows[0]?.id ?? '');
  expect(capture).toMatchObject({ state: 'complete', source: 'web:https://library.example.org/' });
  for await (const check of holdfast.verify([capture.id])) expect(check.ok).toBe(true);
  const exported = await holdfast.export(capture.id, join(folder, 'out'));
  const checked = execFileSync('sha256sum', ['--check', '--quiet', '--strict', 'SHA256SUMS'], {
    cwd: exported.folder,
  });
  expect(checked.toString()).toBe('');
  await expect(holdfast.export(capture.id, join(folder, 'out'))).rejects.toMatchObject({
    code: 'exists',
  });
}, 60_000);
