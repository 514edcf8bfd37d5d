/** The data folder: made once, 0700, and marked for life as live or as a demonstration. */

import { link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errno } from '../base/disk.ts';
import { IntegrityError, NotFoundError, StorageError, UsageError } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import type { Environment } from '../model/capture-record.ts';

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
 * @throws UsageError `other-environment` when it was made for the other environment, `bad-home` for what can be no folder
 * @throws IntegrityError `home-unreadable`, `home-damaged`, StorageError `home-read-only`
 */
export async function openHome(folder: string, make: MakeHome): Promise<Home> {
  try {
    return await openOrMake(folder, make);
  } catch (error) {
    throw meaningOf(folder, error);
  }
}

async function openOrMake(folder: string, make: MakeHome): Promise<Home> {
  const known = await readMarker(folder);
  if (known === null && make === null) {
    throw new NotFoundError(
      'no-home',
      `there is no Holdfast data at ${folder}: name its folder with --home or HOLDFAST_HOME, or make one by adding something`,
    );
  }
  if (known !== null && make !== null && make !== 'any' && known !== make) {
    throw new UsageError(
      'other-environment',
      `${folder} holds ${known} captures and can't be used for ${make} ones`,
    );
  }
  await refuseInTheWay(folder);
  return {
    folder,
    environment: known ?? (await makeHome(folder, make === 'demo' ? 'demo' : 'live')),
  };
}

/** Where a folder of ours must be and something else is, somebody put it there. */
async function refuseInTheWay(folder: string): Promise<void> {
  for (const name of ['vault', 'keys', 'postgres']) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found === null || found.isDirectory()) continue;
    throw new IntegrityError(
      'home-damaged',
      `${join(folder, name)} is not a folder: restore the one that was there, from a backup if necessary`,
    );
  }
}

async function makeHome(folder: string, environment: Environment): Promise<Environment> {
  await makeFolder(folder, 0o700);
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

/** Whether what is here is live or a demonstration stands nowhere else: it is never guessed. */
async function readMarker(folder: string): Promise<Environment | null> {
  const path = join(folder, 'home.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const read = marker.safeParse(jsonOf(text));
  if (read.success) return read.data.environment;
  throw new IntegrityError(
    'home-unreadable',
    `${path} was changed, so Holdfast cannot tell whether ${folder} holds live captures or a demonstration: restore it from a backup, or use another folder with --home`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const refused = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT']);
const misnamed = new Set('ENOTDIR EEXIST EISDIR ENOENT ENAMETOOLONG ELOOP EINVAL'.split(' '));

function meaningOf(folder: string, error: unknown): unknown {
  const code = errno(error) ?? '';
  if (refused.has(code))
    return new StorageError(
      'home-read-only',
      `the data folder ${folder} can't be used (${code}): let this user write there, free some space, or name another folder with --home`,
      { cause: error },
    );
  if (misnamed.has(code))
    return new UsageError(
      'bad-home',
      `${folder} can't be a data folder (${code}): name a folder, not a file, with --home or HOLDFAST_HOME`,
    );
  return error;
}
