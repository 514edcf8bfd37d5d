/** What every verb shares: the global options, and an app that is closed whatever happens. */
import type { Command } from 'commander';
import type { App, OpenOptions } from '../app.ts';
import { UsageError } from '../base/errors.ts';
import type { Format } from './terminal/output.ts';

export interface GlobalOptions {
  home?: string;
  logLevel?: string;
  json?: boolean;
  jsonl?: boolean;
  csv?: boolean;
  quiet?: boolean;
}

export function globals(command: Command): GlobalOptions {
  return command.optsWithGlobals<GlobalOptions>();
}

export function formatOf(options: GlobalOptions): Format {
  if (options.json) return 'json';
  if (options.jsonl) return 'jsonl';
  if (options.csv) return 'csv';
  return options.quiet ? 'ids' : 'table';
}

/** Of an answer that is no table: said before anything is done. @throws UsageError `no-rows` */
export function documentFormatOf(options: GlobalOptions): Format {
  const format = formatOf(options);
  if (format !== 'csv') return format;
  throw new UsageError('no-rows', '--csv: this answer is not a table; use --json');
}

/** Settings as the flags change them. `quietLogs`: a person at a terminal wants sentences, not log lines. */
export async function configFor(options: GlobalOptions, quietLogs = true) {
  const { readConfig } = await import('../config/config.ts');
  return readConfig(overridesFrom(options), { HOLDFAST_LOG_LEVEL: quietLogs ? 'error' : 'info' });
}

/** The flags that stand for settings. */
export function overridesFrom(options: GlobalOptions) {
  return { HOLDFAST_HOME: options.home, HOLDFAST_LOG_LEVEL: options.logLevel };
}

/** An app that may make its data folder: for verbs that add something. */
export async function withApp<Result>(
  options: GlobalOptions,
  use: (app: App) => Promise<Result>,
  { quietLogs = true, logTo }: { quietLogs?: boolean; logTo?: OpenOptions['logTo'] } = {},
): Promise<Result> {
  const { openApp } = await import('../app.ts');
  const config = await configFor(options, quietLogs);
  await using app = await openApp(config, { make: 'any', logTo });
  return await use(app);
}

/** An app over a data folder that is there already: for verbs that only read. */
export async function withExisting<Result>(
  options: GlobalOptions,
  use: (app: App) => Promise<Result>,
): Promise<Result> {
  const { openApp } = await import('../app.ts');
  const { existingHome } = await import('../config/config.ts');
  const { NotFoundError } = await import('../base/errors.ts');
  const home = existingHome(options.home);
  if (home === null) {
    throw new NotFoundError(
      'no-home',
      `no holdfast-data folder in ${process.cwd()} or above it; name one with --home or HOLDFAST_HOME`,
    );
  }
  const config = await configFor({ ...options, home });
  await using app = await openApp(config, { make: null });
  return await use(app);
}
