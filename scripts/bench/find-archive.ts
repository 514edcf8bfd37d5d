/**
 * A seeded archive, open. BENCH_CAPTURES sets how many captures it holds; with BENCH_HOME it is kept
 * there, and the next run has it at once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../src/catalog/database.ts';
import { migrate } from '../../src/catalog/migrate.ts';
import { ensureEmbedded } from '../../src/embedded/embedded.ts';
import { silent } from '../../test/support/database.ts';
import { seed } from './find-seed.ts';

const size = Number(process.env.BENCH_CAPTURES ?? 1_000_000);

export interface SeededArchive extends AsyncDisposable {
  home: string;
  /** One connection. */
  database: Database;
  size: number;
}

export async function openSeeded(say: (line: string) => void): Promise<SeededArchive> {
  await using opened = new AsyncDisposableStack();
  const kept = process.env.BENCH_HOME;
  const home = kept ?? (await mkdtemp(join(tmpdir(), 'holdfast-bench-find-')));
  if (kept === undefined) opened.defer(() => rm(home, { recursive: true, force: true }));
  const server = await ensureEmbedded(home);
  opened.defer(() => server.release());
  const { connection } = server;
  const database = await openDatabase({ connection, schema: 'holdfast', max: 1 });
  opened.defer(() => database.close());
  await migrate(database, silent);
  if (!(await isSeeded(database))) await seed(database, size, say);
  const closing = opened.move();
  return { home, database, size, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** The last table that is filled has rows. */
async function isSeeded(database: Database): Promise<boolean> {
  const { rowCount } = await database.query('select from watches limit 1');
  return rowCount > 0;
}
