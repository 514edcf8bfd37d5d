/** Brings a schema to the newest migration. Files once released never change; new ones are added. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../base/log.ts';
import { type Database, escapeIdentifier, type Queryable } from './database.ts';

export const migrationsFolder = fileURLToPath(new URL('./migrations/', import.meta.url));
const table = 'migration';

/**
 * Applies what is pending, in order, each file in its own transaction. Any number of
 * processes may call this together: one works, the others wait and find nothing to do.
 * @returns the names of the files that were applied
 */
export async function migrate(database: Database, log: Log): Promise<string[]> {
  const { schema, pool } = database;
  if ((await pendingMigrations(database)).length === 0) return [];
  // Loaded only where something is pending: every verb passes here.
  const { runner } = await import('node-pg-migrate');
  const client = await pool.connect();
  try {
    const applied = await runner({
      dbClient: client,
      dir: migrationsFolder,
      direction: 'up',
      count: Number.POSITIVE_INFINITY,
      schema,
      createSchema: true,
      migrationsSchema: schema,
      createMigrationsSchema: true,
      migrationsTable: table,
      singleTransaction: false,
      checkOrder: true,
      advisoryLockMode: 'wait',
      log: (message) => log.debug(message),
    });
    const names = applied.map((migration) => migration.name);
    if (names.length > 0) log.info({ schema, applied: names }, 'catalog migrated');
    return names;
  } finally {
    // Not back into the pool: the runner changed settings of this connection.
    client.release(true);
  }
}

/** A few characters that tell this catalog from every other. */
export async function catalogIdentity(database: Queryable): Promise<string> {
  const { rows } = await database.query<{ id: string }>('select id from catalog_identity');
  return (rows[0]?.id ?? '').slice(0, 8);
}

/** A schema as a part of this database knows it: the pool's own, or one inside a transaction. */
type Schema = Pick<Database, 'query' | 'schema'>;

/**
 * Makes a new schema as `migrate` leaves it, but inside the caller's transaction, which finds
 * its tables there from then on.
 */
export async function createCatalog({ query, schema }: Schema): Promise<void> {
  await query(`create schema ${escapeIdentifier(schema)}`);
  await query(`set local search_path to ${escapeIdentifier(schema)}`);
  const names = await migrationNames();
  for (const name of names) {
    await query(await readFile(join(migrationsFolder, `${name}.sql`), 'utf8'));
  }
  // As the migration runner writes it: `migrate` goes on from there.
  await query(`create table ${table}
    (id serial primary key, name varchar(255) not null, run_on timestamp not null)`);
  await query(
    `insert into ${table} (name, run_on)
     select name, now() from unnest($1::text[]) with ordinality as done (name, turn) order by turn`,
    [names],
  );
}

/** Takes the whole schema away, append-only tables too. Only for a catalog that is rebuilt from the vault. */
export async function dropCatalog(database: Schema): Promise<void> {
  await database.query(`drop schema if exists ${escapeIdentifier(database.schema)} cascade`);
}

/** Names of the files that this schema has not seen yet, in order. */
export async function pendingMigrations(database: Database): Promise<string[]> {
  const files = await migrationNames();
  const known = await database.query<{ there: boolean }>(
    'select to_regclass(format($1, $2::text, $3::text)) is not null as there',
    ['%I.%I', database.schema, table],
  );
  if (known.rows[0]?.there !== true) return files;
  const applied = await database.query<{ name: string }>('select name from migration');
  const names = new Set(applied.rows.map((row) => row.name));
  return files.filter((name) => !names.has(name));
}

async function migrationNames(): Promise<string[]> {
  return (await readdir(migrationsFolder))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.slice(0, -'.sql'.length))
    .sort();
}
