import type { Command } from 'commander';
import { write } from './output.ts';
import { configFor, formatOf, globals } from './verb.ts';

/** Recreates the catalog from the vault. */
export async function rebuild(command: Command): Promise<void> {
  const { openApp } = await import('../../src/app.ts');
  const { migrate } = await import('../../src/catalog/migrate.ts');
  const { rebuildCatalog, replaceCatalog } = await import('../../src/pipeline/rebuild.ts');
  const options = globals(command);
  const config = await configFor(options);
  await using app = await openApp(config, { make: null, behind: 'allow' });
  const { drop = false } = command.opts<{ drop?: boolean }>();
  if (!drop) await migrate(app.parts.database, app.parts.log);
  const rebuilt = await (drop ? replaceCatalog : rebuildCatalog)(app.parts);
  if (formatOf(options) === 'json')
    write(JSON.stringify({ schema: 'holdfast.rebuilt/1', ...rebuilt }));
  else
    console.error(
      `rebuilt ${rebuilt.captures} captures and ${rebuilt.submissions} submissions, ${rebuilt.watches} watches`,
    );
}
