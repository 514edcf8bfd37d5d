import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase, withinTransaction } from '../src/catalog/database.ts';
import { unfinishedCount } from '../src/catalog/feeder.ts';
import {
  createCatalog,
  dropCatalog,
  migrate,
  migrationsFolder,
  pendingMigrations,
} from '../src/catalog/migrate.ts';
import { silent, type TestDatabase, testDatabase } from './support/database.ts';

/** A released migration never changes: lines are added here, none is edited. */
const released: Record<string, string> = {
  '0001_catalog.sql': 'a4efc40ce72eee67532228244f43492f0a9c7a113ef3c81c4a3264ea91e91997',
  '0002_seal.sql': '1813663a08a5a3add12131af305dfae76355cd3d42e4dc8719887f39303a6890',
  '0003_fingerprints.sql': 'abf095659b9bdfa398c55951b11280013c386cc8b28a7f40a884ca8c8f89122c',
  '0004_watching.sql': 'e4b81606b5dc76d548b0a2aa70f8520ad659d4e8af3673b1cb7ffbfd3086bc9c',
  '0005_alerts.sql': 'db5c08919454028fb026b3e583c4d04ec00e001ccf90a0ed833fb007643dc801',
  '0006_media.sql': 'a8d328267247cfa6c5f18a004f87a9cbe4c9ffaa6e587663812cb5c146cf4741',
  '0007_saves_elsewhere.sql': '8da60d13171cee66bea6bcb0d2be48756d2d66593072cc2fe039873da99d471a',
  '0008_sounds.sql': '066efc64f660d72b82c46e4408b476f30d12a3a12192a4e622601a88b4d3c7fb',
  '0009_removed_words.sql': 'f6af51a56c1285bc473ecaec2a28985586658f632d17dc68ab8a9d9c21289f5c',
  '0010_frames_before.sql': '669c15713595fbec615fd436879011bcf367b092ad69e6048f12000b0e862a35',
  '0011_event_stream.sql': '0873c1c18dcad48e9499ca10cb363f74f7a9e719cdf54b22613cd9fc4bef694e',
  '0012_removals.sql': 'ce2c1ac6e9d51c513310112c2a1b16f1ad2bdd1a5bb2f50e8c14bbbcd7d2f429',
  '0013_evidence.sql': 'a5a24b6798421b2e45b32e07b08dd5d1ae649228548dd57229fc955ce2b51e8f',
  '0014_derivations.sql': '8f8eac52326162275d8feb48410f25f1852dafe8055a7911f0e44ce062b7d97e',
  '0015_evidence_derivations.sql':
    '47b9f90a17977305a79b2a8773c5f796275cffb42aeb9f4a786bf8fb7a8ade0a',
  '0016_unlogged_records.sql': '2ef8489afb42d6dff4683e7fa2819de9ccd12ad9fd8ca53e1b8352652a7f41fe',
  '0017_search.sql': '1d88cf5fe852c7b5083dccb55d292b261bb9d0ecd677aa35e53b596d22d4a4b3',
  '0018_one_search.sql': '58e771c0f352cc4fa6b67b374ad9b467d866bf9543a72a206b09a6762b49714b',
  '0019_documents.sql': 'df06fb77cb8a23958b5e225716609d0b3a0b15da0aff1aa9b45b595d02042b5a',
  '0020_pages.sql': '01ee362bda7aeaf3a148384f4fdf9eadb7eac254f36451991afb6c78d6320ac1',
  '0021_filings.sql': 'fc85b85089268e4d4601dbac1e8daafd0e6d5ef884077e48f5578f90cc8c9fc1',
  '0022_opened_by_key.sql': 'd2a4b4a86b5bf873b58cf36e2d700a3b97d05e32a1db54411f3529f99749d1e7',
  '0023_pairs_of_words.sql': '44aac2b18669063fb58d81216b081329c1f7621990b932cfc201dacb06adb1c5',
};

let shared: TestDatabase;

beforeAll(async () => {
  shared = await testDatabase();
});

afterAll(() => shared.close());

async function inSchema(schema: string, use: (database: Database) => Promise<void>): Promise<void> {
  const database = await openDatabase({ connection: shared.connection, schema, max: 2 });
  try {
    await use(database);
  } finally {
    await dropCatalog(database);
    await database.close();
  }
}

test('every migration is as it was released', () => {
  const found = readdirSync(migrationsFolder).map((name) => {
    const bytes = readFileSync(join(migrationsFolder, name));
    return [name, createHash('sha256').update(bytes).digest('hex')];
  });
  expect(Object.fromEntries(found)).toEqual(released);
});

test('a new schema lacks them all, and afterwards none', async () => {
  await inSchema('fresh', async (database) => {
    const names = Object.keys(released).map((name) => name.replace('.sql', ''));
    expect(await pendingMigrations(database)).toEqual(names);
    expect(await migrate(database, silent)).toEqual(names);
    expect(await pendingMigrations(database)).toEqual([]);
    expect(await migrate(database, silent)).toEqual([]);
  });
});

test('a schema made inside a transaction is as one that was migrated, and goes on from there', async () => {
  const made = new Map<string, unknown>();
  await inSchema('migrated', async (database) => {
    await migrate(database, silent);
    made.set('migrated', await inside(database));
  });
  await inSchema('at_once', async (database) => {
    await database.transaction((tx) => createCatalog(withinTransaction(tx, 'at_once')));
    made.set('at once', await inside(database));
    expect(await pendingMigrations(database)).toEqual([]);
    expect(await migrate(database, silent)).toEqual([]);
  });
  expect(made.get('at once')).toEqual(made.get('migrated'));
});

/** Every column, function, trigger, index and constraint of a schema, without its name. */
async function inside({ query, schema }: Database): Promise<string[]> {
  const { rows } = await query<{ what: string }>(
    `select concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable,
       column_default, generation_expression) as what
     from information_schema.columns where table_schema = $1
     union all select pg_get_functiondef(oid) from pg_proc where pronamespace = $1::regnamespace
     union all select pg_get_triggerdef(pg_trigger.oid) || tgenabled::text
       from pg_trigger join pg_class on pg_class.oid = tgrelid
       where relnamespace = $1::regnamespace and not tgisinternal
     union all select indexdef from pg_indexes where schemaname = $1
     union all select concat_ws(' ', conrelid::regclass, pg_get_constraintdef(oid))
       from pg_constraint where connamespace = $1::regnamespace
     order by what`,
    [schema],
  );
  return rows.map(({ what }) => what.replaceAll(schema, 'SCHEMA')).sort();
}

test('of three that race one does the work, and all end well', async () => {
  const racers = await Promise.all(
    [1, 2, 3].map(() => openDatabase({ connection: shared.connection, schema: 'raced', max: 1 })),
  );
  const applied = await Promise.all(racers.map((database) => migrate(database, silent)));
  expect(applied.map((names) => names.length).sort()).toEqual([0, 0, Object.keys(released).length]);
  await dropCatalog(racers[0] as Database);
  await Promise.all(racers.map((database) => database.close()));
});

test('two catalogs live side by side in one database, each with its own triggers', async () => {
  await inSchema('another_1', async (another) => {
    await migrate(another, silent);
    const [submission, capture] = [uuidv7(), uuidv7()];
    // Asked through the other catalog: what a trigger names must not depend on who asks.
    await shared.database.query(
      `insert into another_1.submissions
         (id, batch_id, position, link, source_key, submitted_by, origin, submitted_at)
       values ($1, $1, 0, 'l', 's', 'me', 'human', now())`,
      [submission],
    );
    await shared.database.query(
      `insert into another_1.captures values ($1, $2, 's', 'demo', now())`,
      [capture, submission],
    );
    expect(await unfinishedCount(another)).toBe(1);
    expect(await unfinishedCount(shared.database)).toBe(0);
  });
});
