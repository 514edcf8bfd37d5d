import type { Command } from 'commander';
import { configFor, globals } from '../verb.ts';

/** Brings the catalog up to date. Safe to run from several places at once. */
export async function migrateCatalog(command: Command): Promise<void> {
  const { openApp } = await import('../../app.ts');
  const { migrate } = await import('../../catalog/migrate.ts');
  const { ensureAddressIndex } = await import('../../catalog/searchable.ts');
  const config = await configFor(globals(command));
  await using app = await openApp(config, { make: 'any', behind: 'allow' });
  const applied = await migrate(app.parts.database, app.parts.log);
  if (!(await ensureAddressIndex(app.parts.database)))
    console.error('links are searched without an index: the server has no pg_trgm for this user');
  console.error(
    applied.length === 0 ? 'the catalog is up to date' : `applied: ${applied.join(', ')}`,
  );
}
