import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { exits } from '../../base/exit-codes.ts';
import type { Config } from '../../config/config.ts';
import { diagnoses } from '../diagnose/diagnose.ts';
import { printListing } from '../terminal/output.ts';
import { configFor, formatOf, globals } from '../verb.ts';

/** Looks at everything a capture needs. Exit code 0 when nothing is at fault, else 69. */
export async function doctor(command: Command): Promise<void> {
  const options = globals(command);
  const config = await configFor(options);
  await using home = await homeToLookWith(config);
  const found = await diagnoses(config, home.folder);
  printListing(
    found,
    {
      columns: [
        { title: 'WHAT', value: (row) => row.what },
        { title: 'STATE', value: (row) => row.state },
        { title: 'FOUND', value: (row) => row.found, wraps: true },
        { title: 'FIX', value: (row) => row.fix, wraps: true },
      ],
      id: (row) => row.what,
      record: (row) => ({ schema: 'holdfast.diagnosis/1', ...row }),
      nothing: '',
    },
    formatOf(options),
  );
  if (found.some(({ state }) => state === 'fault')) process.exitCode = exits.unreachable.code;
}

/** The data folder as it is; where none was made yet, one for the moment: a diagnosis must not decide what it will be. */
async function homeToLookWith({ home }: Config): Promise<{ folder: string } & AsyncDisposable> {
  if (existsSync(join(home, 'home.json')))
    return { folder: home, async [Symbol.asyncDispose]() {} };
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-doctor-'));
  return {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}
