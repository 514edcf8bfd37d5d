/** Browser profiles for logged-in views. What they hold is never printed. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { NotFoundError, UsageError } from '../../src/errors.ts';
import {
  keepProfile,
  listProfiles,
  type ProfileSummary,
  removeProfile,
} from '../../src/page/profiles.ts';
import { type Listing, printListing, shortTime } from './output.ts';
import { formatOf, globals, withApp, withExisting } from './verb.ts';

const listing: Listing<ProfileSummary> = {
  columns: [
    { title: 'PROFILE', value: (row) => row.name },
    { title: 'KEPT', value: (row) => shortTime(row.keptAt) },
    { title: 'COOKIES OF', value: (row) => row.domains.join(', '), width: 60 },
  ],
  id: (row) => row.name,
  record: (row) => ({ schema: 'holdfast.profile/1', ...row }),
  nothing: 'no profiles',
};

export async function profiles(command: Command): Promise<void> {
  const options = globals(command);
  await withExisting(options, async ({ parts }) => {
    printListing(await listProfiles(parts.home.folder), listing, formatOf(options));
  });
}

export async function addProfile(name: string, file: string, command: Command): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError('unreadable', `${file} can't be read`);
  });
  await withApp(globals(command), async ({ parts }) => {
    const { state } = await keepProfile(parts.home.folder, name, text);
    console.error(
      `${name}: ${state.cookies.length} cookies kept, encrypted. The file ${file} is not needed any more: delete it.`,
    );
  });
}

export async function dropProfile(name: string, command: Command): Promise<void> {
  await withExisting(globals(command), async ({ parts }) => {
    if (!(await removeProfile(parts.home.folder, name)))
      throw new NotFoundError('no-profile', `no profile called ${name}`);
  });
}
