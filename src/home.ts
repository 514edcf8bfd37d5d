/** The data folder: made once, 0700, and marked for life as live or as a demonstration. */
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { NotFoundError, UsageError } from './errors.ts';

export type Environment = 'live' | 'demo';

export interface Home {
  /** Absolute path. */
  folder: string;
  environment: Environment;
}

const marker = z.object({
  schema: z.literal('holdfast.home/1'),
  environment: z.enum(['live', 'demo']),
  createdAt: z.string(),
});

/** What to do where the folder isn't there: refuse, or make it. `any`: take it as it is, or make a live one. */
export type MakeHome = Environment | 'any' | null;

/**
 * Opens the data folder, making it first where that is asked for. Whether captures are
 * live or a demonstration is a property of the folder, fixed when it is made, so that no
 * variable or flag can later turn one into the other.
 * @throws NotFoundError `no-home` when it isn't there and may not be made
 * @throws UsageError `other-environment` when it was made for the other environment
 */
export async function openHome(folder: string, make: MakeHome): Promise<Home> {
  const known = await readMarker(folder);
  if (known === null && make === null) {
    throw new NotFoundError('no-home', `there is no Holdfast data at ${folder}`);
  }
  if (known !== null && make !== null && make !== 'any' && known !== make) {
    throw new UsageError(
      'other-environment',
      `${folder} holds ${known} captures and can't be used for ${make} ones`,
    );
  }
  return {
    folder,
    environment: known ?? (await makeHome(folder, make === 'demo' ? 'demo' : 'live')),
  };
}

async function makeHome(folder: string, environment: Environment): Promise<Environment> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = JSON.stringify({
    schema: 'holdfast.home/1',
    environment,
    createdAt: new Date().toISOString(),
  });
  // Written aside and linked: nobody ever reads half of it, and the first one wins.
  const aside = join(folder, `home.json.${process.pid}`);
  await writeFile(aside, `${text}\n`, { mode: 0o600 });
  try {
    await link(aside, join(folder, 'home.json'));
    return environment;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return (await readMarker(folder)) ?? environment;
  } finally {
    await rm(aside, { force: true });
  }
}

async function readMarker(folder: string): Promise<Environment | null> {
  try {
    const text = await readFile(join(folder, 'home.json'), 'utf8');
    return marker.parse(JSON.parse(text)).environment;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
