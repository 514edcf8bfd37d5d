/** Tables, records and files that were tampered with by who owns database or disk; and an archive that nobody touched. */
import { chmod, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entriesOfType } from '../src/catalog/log-entries.ts';
import { sourcesNow } from '../src/catalog/source-now.ts';
import { unloggedState } from '../src/catalog/unlogged-records.ts';
import { defaultRule } from '../src/model/watch-rules.ts';
import { enterRecords } from '../src/pipeline/custody/enter-records.ts';
import { detailOf } from '../src/pipeline/custody/records-detail.ts';
import { submitLinks } from '../src/pipeline/intake/submit.ts';
import { keepRecord, noteEvents, withRecords } from '../src/pipeline/keep-record.ts';
import { replaceCatalog } from '../src/pipeline/rebuild/catalog.ts';
import { verifyRest } from '../src/pipeline/verify/captures.ts';
import { concludeIn, ruleOf } from '../src/pipeline/watching/conclude.ts';
import { type CheckRecord, writeCheck } from '../src/pipeline/watching/observe.ts';
import { watchSource } from '../src/pipeline/watching/watch.ts';
import { canonicalJson } from '../src/seal/canonical-json.ts';
import type { RecordKind } from '../src/vault/vault.ts';
import { archiveHalf } from './prove/archive-half.ts';
import { conclude } from './prove/tampering.ts';
import { type TestArchive, testArchive } from './support/archive.ts';
import { observation } from './support/catalog.ts';

const minute = 60_000;
const signal = new AbortController().signal;
const gone = 'x:status:1227381802398646272';
let archive: TestArchive;
let sha256: string;

beforeAll(async () => {
  archive = await testArchive();
  const { parts } = archive;
  await archive.capture('one', { case: 'The Case' });
  await submitLinks(parts, [{ link: 'mailto:nobody@example.org', rejected: 'scheme' }]);
  await watchSource(parts, 'https://example.org/watched', '6h');
  // Found removed by a rule that is stricter today.
  parts.config.watch.rule = { ...defaultRule, stated: { misses: 2, overMs: minute } };
  const began = Date.now() - 60 * minute;
  for (const passed of [0, 12, 24]) await check(new Date(began + passed * minute));
  parts.config.watch.rule = defaultRule;
  const at = new Date(began);
  await withRecords(parts, (tx) =>
    noteEvents(parts, tx, [{ kind: 'worker.down', sourceKey: null, detail: { host: 'a' }, at }]),
  );
  await parts.database.query(`update unlogged_records set noted_at = now() - interval '1 hour'`);
  await enterRecords(parts, signal);
  for await (const one of parts.vault.objects()) sha256 = one;
}, 60_000);

afterAll(() => archive?.[Symbol.asyncDispose]());

/** Two routes say in words that the post is gone, and both give what is known to be there. */
async function check(at: Date): Promise<void> {
  const { parts } = archive;
  const said = (route: string) => ({
    ...observation(gone, 'deleted-by-author', at.toISOString()),
    ...{ id: uuidv7(), route, canary: 'passed' as const },
  });
  const record: CheckRecord = {
    ...{ schema: 'holdfast.observations/1', id: uuidv7(), platform: 'x', origin: 'watch' },
    ...{ held: false, checkedAt: at, sources: [gone], warnings: [], rule: ruleOf(parts) },
    observations: [said('syndication'), said('oembed')],
  };
  const bytes = canonicalJson(JSON.parse(JSON.stringify(record)));
  await withRecords(parts, async (tx) => {
    await keepRecord(parts, tx, 'observations', `${record.id}.json`, bytes);
    await writeCheck(tx, record);
    await concludeIn(parts, tx, record.sources);
  });
}

async function faults(): Promise<string[]> {
  const found: string[] = [];
  for await (const { ok, subject, message } of verifyRest(archive.parts, signal))
    if (!ok) found.push(`${subject}: ${message}`);
  return found;
}

const inVault = (...path: string[]) => join(archive.config.home, 'vault', ...path);

async function firstRecord(kind: RecordKind): Promise<string> {
  const [name = ''] = await readdir(inVault('records', kind));
  return inVault('records', kind, name);
}

describe('what nobody touched', () => {
  test('has no fault, and its rule of then counts after the settings have changed', async () => {
    expect(await faults()).toEqual([]);
    const now = async () => (await sourcesNow(archive.parts.database, [gone])).get(gone);
    const before = await now();
    expect(before).toMatchObject({ availability: 'removed' });
    const events = async () =>
      (await archive.parts.database.query('select * from events order by id')).rows;
    const told = await events();
    expect(told.map(({ kind }) => kind).toSorted()).toEqual(['removed', 'suspect', 'worker.down']);
    await replaceCatalog(archive.parts, signal);
    expect(await now()).toEqual(before);
    expect(await events()).toEqual(told);
    expect(await faults()).toEqual([]);
  });

  test('is in the log by one entry a batch, however many records there are', async () => {
    const entries = await entriesOfType(archive.parts.database, 'records');
    expect(entries).toHaveLength(1);
    expect(await unloggedState(archive.parts.database)).toMatchObject({ count: 0 });
    await watchSource(archive.parts, 'https://example.org/later', '6h');
    expect(await enterRecords(archive.parts, signal)).toBe(0);
    await archive.parts.database.query(
      `update unlogged_records set noted_at = now() - interval '15 minutes'`,
    );
    expect(await enterRecords(archive.parts, signal)).toBe(1);
    expect(await faults()).toEqual([]);
    const batch = Array.from({ length: 5_000 }, (_, place) => ({
      ...{ kind: 'observations' as const, name: `${uuidv7()}.json` },
      sha256: String(place).padStart(64, '0'),
    }));
    expect(Buffer.byteLength(canonicalJson(detailOf(batch)))).toBeLessThan(600_000);
  });

  test('and whose transaction is lost leaves no record of what never was', async () => {
    const before = await readdir(inVault('records', 'submissions'));
    const failing = withRecords(archive.parts, async (tx) => {
      await keepRecord(archive.parts, tx, 'submissions', `${uuidv7()}.jsonl`, 'never');
      throw new Error('the server went away');
    });
    await expect(failing).rejects.toThrow('the server went away');
    expect(await readdir(inVault('records', 'submissions'))).toEqual(before);
  });
});

describe('in the vault', () => {
  const object = () => inVault('objects', sha256.slice(0, 2), sha256);

  test.each<[string, () => Promise<() => Promise<void>>, RegExp]>([
    [
      'an object that is a link',
      async () => {
        await rename(object(), inVault('..', 'elsewhere'));
        await symlink(inVault('..', 'elsewhere'), object());
        return async () => {
          await rm(object());
          await rename(inVault('..', 'elsewhere'), object());
        };
      },
      /^vault: objects\/..\/[0-9a-f]{64}: is a link/m,
    ],
    [
      'an object that others may write',
      async () => {
        await chmod(object(), 0o646);
        return () => chmod(object(), 0o400);
      },
      /^vault: objects\/..\/[0-9a-f]{64}: may be written by other users/m,
    ],
    [
      'a file of another name',
      async () => {
        const path = inVault('objects', sha256.slice(0, 2), 'notes.txt');
        await writeFile(path, 'mine');
        return () => rm(path);
      },
      /^vault: objects\/..\/notes\.txt: was not put there by the vault/m,
    ],
    [
      'an object that has the name of other bytes',
      async () => {
        const name = `${sha256.slice(0, 2)}${'0'.repeat(62)}`;
        const path = inVault('objects', sha256.slice(0, 2), name);
        await writeFile(path, 'mine', { mode: 0o400 });
        return () => rm(path);
      },
      /^object ..0{62}: hashes to /m,
    ],
  ])('%s is found', async (_, tamper, fault) => {
    const putBack = await tamper();
    const found = await faults().finally(putBack);
    expect(found.join('\n')).toMatch(fault);
  });

  test.each<RecordKind>(['submissions', 'observations', 'events', 'watch-plans'])(
    'a record of %s that is gone, with all rows made of it, is found',
    async (kind) => {
      const path = await firstRecord(kind);
      await rename(path, inVault('..', 'aside'));
      const found = await faults().finally(() => rename(inVault('..', 'aside'), path));
      expect(found.join('\n')).toContain(`record ${kind}/`);
      expect(found.join('\n')).toContain('is missing from the vault (entry ');
    },
  );
});

test('a few of the tamperings of the proof `adversary` are found, and nothing is raised about the untouched', async () => {
  const run = { size: 3, seed: 1, say: () => undefined };
  conclude(archiveHalf, await archiveHalf.attack(run), run, 100);
}, 120_000);

test('whatever the owner of the database forges, deletes or switches off is told of its table', async () => {
  const { database } = archive.parts;
  await database.query(`do $$ declare name text; begin
    for name in select tablename from pg_tables where schemaname = 'holdfast' loop
      execute format('alter table %I disable trigger user', name);
    end loop; end $$`);
  const forged = [
    `insert into observations (id, source_key, route, url, signal, observed_at)
     values (gen_random_uuid(), 'web:https://example.org/', 'http', 'u', 'not-found', now())`,
    `insert into events (id, kind, source_key, detail, at)
     values (gen_random_uuid(), 'removed', 'web:https://example.org/', '{}', '2026-01-01')`,
    `update source_now set availability = 'available'`,
    `delete from observations where check_id in (select id from checks order by id limit 1)`,
    `delete from checks where id in (select id from checks order by id limit 1)`,
    `delete from submissions where rejected is not null`,
    `update watches set state = 'ended' where link like '%watched'`,
    `delete from unlogged_records`,
  ];
  for (const sql of forged) await database.query(sql);
  const blamed = (await faults()).map((fault) => fault.split(':')[0]);
  expect(blamed).toEqual(
    expect.arrayContaining([
      ...['guards', 'table submissions', 'table observations', 'table events'],
      ...['table checks', 'table source_now', 'table watches', 'table event_stream'],
    ]),
  );
});
