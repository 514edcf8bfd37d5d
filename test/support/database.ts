/** A database of its own for each test file, on one server that all test files share. */
import { randomUUID } from 'node:crypto';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type Connection, type Database, openDatabase } from '../../src/catalog/database.ts';
import { migrate } from '../../src/catalog/migrate.ts';
import { ensureEmbedded } from '../../src/embedded/embedded.ts';

export interface TestDatabase {
  /** Migrated, schema `holdfast`. */
  database: Database;
  connection: Connection;
  close(): Promise<void>;
}

export const silent = pino({ level: 'silent' });

/** Names tell which process made them, so that a killed run's databases can be dropped. */
const prefix = 'holdfast_test_';

/**
 * A database, and not only a schema, so that advisory locks and the queue's own schema
 * are each test file's own too. On the embedded server, or on the PostgreSQL at
 * HOLDFAST_TEST_DATABASE_URL, whose user must be allowed to create databases.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const { connection, drop } = await newDatabase(process.env.HOLDFAST_TEST_TEMPLATE);
  const database = await openDatabase({ connection, schema: 'holdfast', max: 8 });
  await migrate(database, silent);
  // A copy would pass for the catalog that it was made from.
  await database.query('update catalog_identity set id = gen_random_uuid()');
  return {
    database,
    connection,
    close: async () => {
      await database.close();
      await drop();
    },
  };
}

/** A migrated database that nobody is connected to: a copy of it takes less than the migrations do. */
export async function makeTemplate(): Promise<{ name: string; close(): Promise<void> }> {
  const { name, connection, drop } = await newDatabase();
  const database = await openDatabase({ connection, schema: 'holdfast', max: 1 });
  await migrate(database, silent);
  await database.close();
  return { name, close: drop };
}

/** Empty, unless it copies another. The server is held until the database is dropped. */
export async function newDatabase(template = 'template1') {
  const server = await openServer();
  const name = `${prefix}${process.pid}_${randomUUID().slice(0, 8)}`;
  const admin = await openDatabase({ connection: server.connection, schema: 'public', max: 1 });
  await dropLeftovers(admin);
  await admin.query(`create database ${name} template ${template}`);
  return {
    name,
    connection: withDatabase(server.connection, name),
    drop: async () => {
      await admin.query(`drop database if exists ${name} with (force)`);
      await admin.close();
      await server.release();
    },
  };
}

async function openServer(): Promise<{ connection: Connection; release(): Promise<void> }> {
  const url = process.env.HOLDFAST_TEST_DATABASE_URL;
  if (url !== undefined) {
    return { connection: { connectionString: url }, release: () => Promise.resolve() };
  }
  return ensureEmbedded(join(tmpdir(), `holdfast-test-${userInfo().uid}`));
}

/** Runs a dump that `pg_dump --inserts` wrote; the lines for psql alone are left out. */
export async function load(connection: Connection, dump: string): Promise<void> {
  // The dump changes settings of its connection, which nobody else gets.
  const database = await openDatabase({ connection, schema: 'public', max: 1 });
  try {
    await database.query(dump.replace(/^\\(?:un)?restrict .*$/gm, ''));
  } finally {
    await database.close();
  }
}

/** A connection as `DATABASE_URL` has it; a Unix socket goes into the query. */
export function urlOf(connection: Connection): string {
  if ('connectionString' in connection) return connection.connectionString;
  const { host, user, database } = connection;
  return `postgresql:///${database}?host=${encodeURIComponent(host)}&user=${user}`;
}

function withDatabase(connection: Connection, database: string): Connection {
  if (!('connectionString' in connection)) return { ...connection, database };
  const url = new URL(connection.connectionString);
  url.pathname = `/${database}`;
  return { connectionString: url.href };
}

async function dropLeftovers(admin: Database): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    'select datname as name from pg_database where starts_with(datname, $1)',
    [prefix],
  );
  for (const { name } of rows) {
    const pid = Number(name.slice(prefix.length).split('_')[0]);
    if (!isAlive(pid)) await admin.query(`drop database if exists ${name} with (force)`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
