/** Looks at everything a capture needs, all of it at once: most of the time is waiting for programs. */
import type { App } from '../../app.ts';
import type { Config } from '../../config/config.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';
import { ofMachine } from './machine.ts';
import { ofServices } from './services.ts';
import { ofSettings } from './settings.ts';
import { fault, firstLineOf } from './standing.ts';
import { ofTools } from './tools.ts';

const all = { ...ofMachine, ...ofTools, ...ofSettings, ...ofServices };

/** @param home a data folder that may be opened @returns in the order in which they are read */
export async function diagnoses(config: Config, home: string): Promise<Diagnosis[]> {
  let opening: Promise<App> | undefined;
  const open = () => {
    opening ??= import('../../app.ts').then(({ openApp }) =>
      openApp({ ...config, home }, { make: 'any' }),
    );
    return opening;
  };
  try {
    return await Promise.all(
      Object.entries(all).map(async ([what, examine]) => ({
        what,
        ...(await examine(config, open).catch(asFault)),
      })),
    );
  } finally {
    await opening?.then((app) => app.close()).catch(() => undefined);
  }
}

function asFault(error: unknown): Omit<Diagnosis, 'what'> {
  return fault(firstLineOf(error), 'run holdfast setup, then holdfast doctor again');
}
