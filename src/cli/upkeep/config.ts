import type { Command } from 'commander';
import { HoldfastError } from '../../base/errors.ts';
import { forTerminal } from '../../base/for-terminal.ts';
import { existingHome, settingsInForce } from '../../config/config.ts';
import { aboutSetting, defaultInWords, withoutSecrets } from '../../config/setting-in-words.ts';
import { type SettingName, settingGroups } from '../../config/settings.ts';
import { queueAddressOf } from '../../pipeline/queue-address.ts';
import { submitPayload } from '../../pipeline/requests/submit-job.ts';
import { write, writeDocument, writeWrapped } from '../terminal/output.ts';
import {
  configFor,
  documentFormatOf,
  type GlobalOptions,
  globals,
  overridesFrom,
  withExisting,
} from '../verb.ts';

interface ShownSetting {
  value: string;
  /** Where it was set: `flag`, `environment`, `.env`, `config.json`, or `default`. */
  from: string;
  about: string;
}

/** Prints the settings in force, where each was set and what it is for, and where other programs enqueue; never a secret. */
export async function config(command: Command): Promise<void> {
  const options = globals(command);
  const format = documentFormatOf(options);
  const { home } = await configFor(options);
  const shown = new Map(
    settingsInForce(overridesFrom(options)).map(({ name, text, from }) => {
      const value = text === null ? defaultInWords(name) : withoutSecrets(name, text);
      return [name, { value, from, about: aboutSetting(name) } satisfies ShownSetting];
    }),
  );
  const jobs = await jobsOf(options);
  const document = { home, settings: Object.fromEntries(shown), jobs };
  if (writeDocument({ schema: 'holdfast.config/1', ...document }, format)) return;
  write(`data folder: ${forTerminal(home)}`);
  for (const [group, settings] of Object.entries(settingGroups)) {
    write(`\n${group}`);
    for (const name of Object.keys(settings) as SettingName[]) print(name, shown.get(name));
  }
  write('\nQueues, for other programs (docs/reference/queue.md)');
  for (const [name, value] of flattened(jobs)) write(`  ${name} = ${forTerminal(value)}`);
}

function print(name: SettingName, shown: ShownSetting | undefined): void {
  if (shown === undefined) return;
  const { value, from, about } = shown;
  write(`  ${name} = ${forTerminal(value)}${from === 'default' ? '' : `  (${from})`}`);
  writeWrapped('      ', about.replaceAll('`', ''));
}

/**
 * Under which names the queues are found, and what other programs may put there. The names hold
 * the id of the catalog, so there are none where no catalog is, or it can't be asked.
 */
async function jobsOf(options: GlobalOptions): Promise<Record<string, unknown>> {
  const payloads = { submit: submitPayload };
  if (existingHome(options.home) === null) return { ...unknownNames, payloads };
  try {
    return { ...(await withExisting(options, ({ parts }) => queueAddressOf(parts))), payloads };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    console.error(`the names of the queues are not known: ${forTerminal(error.message)}`);
    return { ...unknownNames, payloads };
  }
}

const unknownNames = { backend: null, prefix: null, queues: null };

/** `queues.resolve` and the like, each with its text. */
function flattened(value: object, prefix = ''): [string, string][] {
  return Object.entries(value).flatMap(([name, inner]): [string, string][] =>
    inner !== null && typeof inner === 'object'
      ? flattened(inner, `${prefix}${name}.`)
      : [[`${prefix}${name}`, inner === null ? '-' : String(inner)]],
  );
}
