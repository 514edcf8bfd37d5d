/** A verb ends when its work is done: whatever failed on the way, nothing keeps the process up. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrokenProxy } from './support/broken-proxy.ts';
import { type TestDatabase, testDatabase, urlOf } from './support/database.ts';
import { type Ending, endingOf, mostAfterLastLineMs } from './support/last-line.ts';
import { openClingingMailServer, openMuteServer } from './support/rude-servers.ts';
import { startTroubledInternet, type TroubledInternet } from './support/troubled-internet.ts';

const holdfast = fileURLToPath(new URL('../scripts/holdfast.ts', import.meta.url));
const afterFailures = fileURLToPath(new URL('./support/after-failures.ts', import.meta.url));

let folder: string;
let database: TestDatabase;
let internet: TroubledInternet;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-ends-'));
  database = await testDatabase();
  internet = await startTroubledInternet();
});

afterAll(async () => {
  await internet?.[Symbol.asyncDispose]();
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

const run = (...args: string[]) =>
  endingOf([holdfast, ...args], {
    PATH: process.env.PATH,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    HOLDFAST_HOME: join(folder, 'data'),
    DATABASE_URL: urlOf(database.connection),
    ...internet.environment,
  });

const linkTo = (trouble: string) => internet.links.get(trouble) ?? '';

function expectEnd(ending: Ending, code: number): void {
  expect(ending, ending.stderr).toMatchObject({ code, signal: null });
  expect(ending.outlivedMs ?? Number.POSITIVE_INFINITY).toBeLessThan(mostAfterLastLineMs);
}

describe('nothing outlives its last line by two seconds', () => {
  test('a program that failed 20 times in every way and closed what it opened has nothing open', async () => {
    await using proxy = await openBrokenProxy(null);
    await using mute = await openMuteServer();
    await using mail = await openClingingMailServer();
    const ports = [mute, mail].map(({ port }) => String(port));
    const ending = await endingOf([afterFailures, '20', proxy.url, ...ports], {
      PATH: process.env.PATH,
    });
    expectEnd(ending, 0);
    expect(ending.stdout).toBe('closed\nstill open: nothing\n');
  });

  test('archive, of an address without TLS, of a page on which everything fails, of a post', async () => {
    const links = [linkTo('not-tls'), internet.everythingUrl, internet.postUrl('not-tls')];
    expectEnd(await run('archive', ...links), 4);
  });

  test('work until done', async () => {
    await run('add', linkTo('not-tls-later'));
    expectEnd(await run('work', '--until-done'), 0);
  });

  test('check, when nobody can be asked', async () => {
    const links = ['not-tls', 'half-a-handshake', 'resets', 'no-name'].map(linkTo);
    expectEnd(await run('check', ...links), 75);
  });

  test('an alert, when the mail server never hangs up', async () => {
    await using mail = await openClingingMailServer();
    const channel = {
      kind: 'email',
      name: 'desk',
      smtp: `smtp://127.0.0.1:${mail.port}`,
      from: 'holdfast@example.org',
      to: ['desk@example.org'],
    };
    await writeFile(join(folder, 'data', 'alerts.json'), JSON.stringify({ channels: [channel] }));
    expectEnd(await run('alerts', 'test', 'desk'), 0);
  });
});
