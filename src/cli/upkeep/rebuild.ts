import type { Command } from 'commander';
import { plural } from '../../base/plural.ts';
import { writeDocument } from '../terminal/output.ts';
import { configFor, documentFormatOf, globals } from '../verb.ts';

/** Recreates the catalog from the vault. */
export async function rebuild(command: Command): Promise<void> {
  const { openApp } = await import('../../app.ts');
  const { migrate } = await import('../../catalog/migrate.ts');
  const { rebuildCatalog, replaceCatalog } = await import('../../pipeline/rebuild/catalog.ts');
  const options = globals(command);
  const format = documentFormatOf(options);
  const config = await configFor(options);
  await using app = await openApp(config, { make: null, behind: 'allow' });
  const { drop = false } = command.opts<{ drop?: boolean }>();
  if (!drop) await migrate(app.parts.database, app.parts.log);
  const rebuilt = await (drop ? replaceCatalog : rebuildCatalog)(app.parts);
  if (writeDocument({ schema: 'holdfast.rebuilt/1', ...rebuilt }, format)) return;
  const { captures, submissions, watches } = rebuilt;
  console.error(
    `rebuilt ${plural(captures, 'capture')} and ${plural(submissions, 'submission')}, ${plural(watches, 'watch', 'watches')}`,
  );
}
