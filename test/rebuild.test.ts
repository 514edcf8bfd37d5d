/** The catalog made anew from the vault: whole or not at all, and whatever is in its way is named. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { workersSeen } from '../src/catalog/heartbeats.ts';
import { logSize } from '../src/catalog/log-entries.ts';
import { catalogIdentity } from '../src/catalog/migrate.ts';
import { readLinks } from '../src/links/read-links.ts';
import { makeCheckpoint } from '../src/pipeline/custody/checkpoint.ts';
import { setHold } from '../src/pipeline/custody/hold.ts';
import { submitLinks } from '../src/pipeline/intake/submit.ts';
import { replaceCatalog } from '../src/pipeline/rebuild/catalog.ts';
import { verifyAll } from '../src/pipeline/verify/captures.ts';
import type { RecordKind } from '../src/vault/vault.ts';
import { type TestArchive, testArchive } from './support/archive.ts';
import { urlOf } from './support/database.ts';
import { until } from './support/queues.ts';

const court = { authority: 'a court', reference: '7 C 12/26', reason: null, by: 'test' };
const opened = new AsyncDisposableStack();
let archive: TestArchive;

beforeAll(async () => {
  archive = opened.use(await testArchive());
  for (const text of ['one', 'two']) await archive.capture(text, { case: 'The Case' });
  await setHold(archive.parts, { scopeKind: 'case', scope: 'The Case', ...court });
  await makeCheckpoint(archive.parts);
});

afterAll(() => opened.disposeAsync());

/** Which catalog it is, and how many rows each of its tables has. */
async function catalogNow({ parts: { database } }: TestArchive = archive) {
  const { rows } = await database.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'holdfast' and table_type = 'BASE TABLE' order by name`,
  );
  const tables: Record<string, unknown> = {};
  for (const { name } of rows) {
    tables[name] = (await database.query(`select count(*) as rows from ${name}`)).rows[0];
  }
  return { identity: await catalogIdentity(database), tables };
}

async function faults(): Promise<string[]> {
  const found: string[] = [];
  for await (const { ok, subject, message } of verifyAll(archive.parts)) {
    if (!ok) found.push(`${subject}: ${message}`);
  }
  return found;
}

/** Puts a record of its own into the vault for as long as `during` takes. */
async function withRecord(
  kind: RecordKind,
  name: string,
  content: unknown,
  during: () => Promise<void>,
): Promise<void> {
  const path = join(archive.config.home, 'vault', 'records', kind, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  await during().finally(() => rm(path));
}

async function someRecord(kind: RecordKind): Promise<Record<string, unknown>> {
  for await (const { bytes } of archive.parts.vault.records(kind)) {
    return JSON.parse(bytes.toString('utf8').split('\n')[0] ?? '');
  }
  throw new Error(`no record of ${kind}`);
}

describe('a catalog that is replaced', () => {
  test('is what the vault says, and another one than before', async () => {
    const before = await catalogNow();
    const rebuilt = await replaceCatalog(archive.parts);
    expect(rebuilt).toMatchObject({ submissions: 2, captures: 2, logEntries: 3 });
    const after = await catalogNow();
    expect(after.tables).toEqual(before.tables);
    expect(after.identity).not.toBe(before.identity);
    expect(await faults()).toEqual([]);
  });

  test('and whose making is killed with -9 is the one that was there, whole', async () => {
    const before = await catalogNow();
    const program = new URL('./support/rebuild-in-the-middle.ts', import.meta.url);
    const maker = spawn(process.execPath, [fileURLToPath(program)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        HOLDFAST_HOME: archive.config.home,
        HOLDFAST_LOG_LEVEL: 'silent',
        DATABASE_URL: urlOf(archive.database.connection),
      },
    });
    const [said] = await once(maker.stdout, 'data');
    expect(String(said)).toBe('in the middle\n');
    const gone = once(maker, 'exit');
    maker.kill('SIGKILL');
    await gone;
    expect(await catalogNow()).toEqual(before);
    expect(await faults()).toEqual([]);
    expect(await replaceCatalog(archive.parts)).toMatchObject({ captures: 2 });
  });

  describe('while workers run', () => {
    /** A worker as a process of its own, that has said that it is alive. */
    async function startWorker({ config, parts }: TestArchive) {
      const program = fileURLToPath(new URL('../workers/main.ts', import.meta.url));
      const child = spawn(process.execPath, [program], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          PATH: process.env.PATH,
          HOLDFAST_HOME: config.home,
          HOLDFAST_LOG_LEVEL: 'silent',
          DATABASE_URL: config.databaseUrl ?? '',
        },
      });
      const exit = once(child, 'exit');
      const said = text(child.stderr);
      onTestFinished(() => void child.kill('SIGKILL'));
      await until(async () => (await workersSeen(parts.database)).length > 0);
      return { child, exit, said };
    }

    test('does not come about, until they have ended', async () => {
      await using own = await testArchive();
      await own.capture();
      const { child, exit } = await startWorker(own);
      const before = await catalogNow(own);
      await expect(replaceCatalog(own.parts)).rejects.toMatchObject({
        code: 'workers-running',
        exitCode: 75,
        message: expect.stringContaining(`process ${child.pid} on `),
      });
      expect((await catalogNow(own)).identity).toBe(before.identity);
      child.kill('SIGKILL');
      await exit;
      expect(await workersSeen(own.parts.database)).toHaveLength(1);
      expect(await replaceCatalog(own.parts)).toMatchObject({ captures: 1 });
    });

    test('and came about all the same ends them, with the reason', async () => {
      await using own = await testArchive();
      const { exit, said } = await startWorker(own);
      // As when it began to work at the same moment, and was not seen.
      await own.parts.database.query('delete from worker_heartbeats');
      await replaceCatalog(own.parts);
      expect(await exit).toEqual([75, null]);
      expect(await said).toContain('start them again [catalog-replaced]');
      expect(await workersSeen(own.parts.database)).toEqual([]);
    });
  });

  test('has a capture that a watch asked for and a person was led to before it was closed', async () => {
    await using own = await testArchive();
    const captureId = await own.openCapture('under way', { origin: 'watch' });
    const { rows } = await own.parts.database.query<{ link: string }>(
      'select link from submissions',
    );
    const [led] = await submitLinks(own.parts, readLinks(rows[0]?.link ?? ''));
    expect(led).toMatchObject({ captureId, opened: false });
    expect(await replaceCatalog(own.parts)).toMatchObject({ submissions: 2 });
    expect((await catalogNow(own)).tables.captures).toEqual({ rows: 1 });
  });
});

describe('a record that the catalog can not take', () => {
  const uuid = '01a00000-0000-7000-8000-000000000000';
  const observation = {
    ...{ id: uuid, sourceKey: 'web:https://example.org/', route: 'http', url: 'u' },
    ...{ httpStatus: 2 ** 40, failure: null, signal: 'available', statement: null, headers: [] },
    ...{ bodySha256: null, exitLabel: null, observedAt: new Date().toISOString() },
  };
  const check = {
    ...{ schema: 'holdfast.observations/1', id: uuid, platform: 'web', origin: 'check' },
    ...{ held: false, checkedAt: new Date().toISOString(), sources: [], warnings: [] },
    observations: [observation],
  };

  test.each<[RecordKind, string, () => Promise<unknown>]>([
    ['submissions', `${uuid}.jsonl`, async () => ({ ...(await someRecord('submissions')), id: 7 })],
    [
      'submissions',
      `${uuid}.jsonl`,
      async () => ({
        ...{ ...(await someRecord('submissions')), id: uuid, batchId: uuid },
        ...{ captureId: uuid, opensCapture: false },
      }),
    ],
    ['manifests', uuid, async () => ({ ...(await someRecord('manifests')), post: { author: 7 } })],
    ['manifests', uuid, () => someRecord('manifests')],
    ['observations', `${uuid}.json`, async () => check],
    ['watch-plans', `${uuid}.json`, async () => ({ change: 'watch' })],
    ['cluster-decisions', uuid, async () => ({ id: uuid })],
    ['graphic-marks', uuid, async () => ({ id: uuid })],
    ['pseudonyms', '0'.repeat(32), async () => ({ id: 'none' })],
    ['cosignatures', '000000000003.00000000', async () => 'no signature'],
    [
      'log-entries',
      '000000000003',
      async () => ({ ...(await someRecord('log-entries')), at: '0000-01-01T00:00:00Z' }),
    ],
  ])('is named with its place, and nothing is dropped: %s/%s', async (kind, name, content) => {
    const before = await catalogNow();
    await withRecord(kind, name, await content(), () =>
      expect(replaceCatalog(archive.parts)).rejects.toMatchObject({
        code: 'record-unreadable',
        message: expect.stringContaining(`${kind}/${name}`),
      }),
    );
    expect(await catalogNow()).toEqual(before);
  });

  test.each([
    ['missing', null],
    ['of another kind', { id: 7 }],
    ['refused by PostgreSQL', { id: 'no uuid' }],
  ])('is named where the details of an entry are %s', async (_, change) => {
    await using own = await testArchive();
    await setHold(own.parts, { scopeKind: 'object', scope: '0'.repeat(64), ...court });
    const folder = join(own.config.home, 'vault', 'records', 'log-details');
    const [name = ''] = await readdir(folder);
    const detail = JSON.parse(await readFile(join(folder, name), 'utf8'));
    await rm(join(folder, name));
    if (change !== null)
      await writeFile(join(folder, name), JSON.stringify({ ...detail, ...change }));
    await expect(replaceCatalog(own.parts)).rejects.toMatchObject({
      code: 'record-unreadable',
      message: expect.stringContaining(`log-details/${name}`),
    });
    expect(await logSize(own.parts.database)).toBe(1);
  });

  test('may be no file at all', async () => {
    const path = join(archive.config.home, 'vault', 'records', 'manifests', uuid);
    await mkdir(path);
    await expect(replaceCatalog(archive.parts)).rejects.toMatchObject({ code: 'not-a-file' });
    await rm(path, { recursive: true });
    expect(await faults()).toEqual([]);
  });
});
