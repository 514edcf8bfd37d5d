/** Browser profiles for logged-in views, and what captures kept of them. What they hold is never printed. */

import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { NotFoundError, UsageError } from '../../base/errors.ts';
import { exits } from '../../base/exit-codes.ts';
import { forTerminal } from '../../base/for-terminal.ts';
import { plural } from '../../base/plural.ts';
import {
  listProfiles,
  type ProfileSummary,
  removeProfile,
  saveProfile,
} from '../../browser/profiles.ts';
import { captureIdFrom } from '../../catalog/capture-id.ts';
import { unnamed } from '../../model/submission.ts';
import { readRestricted } from '../../pipeline/export/restricted-records.ts';
import { type Listing, printListing, shortTime } from '../terminal/output.ts';
import { writingTo } from '../terminal/write-target.ts';
import { formatOf, globals, withApp, withExisting } from '../verb.ts';

const listing: Listing<ProfileSummary> = {
  columns: [
    { title: 'PROFILE', value: (row) => row.name },
    { title: 'KEPT', value: (row) => (row.fault === null ? shortTime(row.keptAt) : 'DAMAGED') },
    { title: 'COOKIES OF', value: (row) => row.domains.join(', '), width: 60 },
  ],
  id: (row) => row.name,
  record: (row) => ({ schema: 'holdfast.profile/1', ...row }),
  nothing: 'no profiles: holdfast profile add NAME FILE keeps one',
};

export async function profiles(command: Command): Promise<void> {
  const options = globals(command);
  await withExisting(options, async ({ parts }) => {
    const found = await listProfiles(parts.home.folder);
    printListing(found, listing, formatOf(options));
    for (const { fault } of found) {
      if (fault === null) continue;
      console.error(forTerminal(fault));
      process.exitCode = exits.integrity.code;
    }
  });
}

export async function addProfile(name: string, file: string, command: Command): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(
      'unreadable',
      `${file} can't be read: name the file that the browser's storage state was saved to`,
    );
  });
  await withApp(globals(command), async ({ parts }) => {
    const { state } = await saveProfile(parts.home.folder, name, text);
    console.error(
      `${name}: ${plural(state.cookies.length, 'cookie')} kept, encrypted. The file ${file} is not needed any more: delete it.`,
    );
  });
}

export async function dropProfile(name: string, command: Command): Promise<void> {
  await withExisting(globals(command), async ({ parts }) => {
    if (!(await removeProfile(parts.home.folder, name)))
      throw new NotFoundError(
        'no-profile',
        `there is no profile called ${name}: holdfast profile lists them`,
      );
  });
}

/** The secrets themselves go into a file for its owner alone. */
export async function restrictedRecords(id: string, command: Command): Promise<void> {
  const { to } = command.opts<{ to: string }>();
  await withExisting(globals(command), async ({ parts }) => {
    const captureId = await captureIdFrom(parts.database, id);
    const by = parts.config.operator ?? unnamed;
    const bytes = await readRestricted(parts, captureId, by);
    await writingTo(to, () => writeFile(to, bytes, { flag: 'wx', mode: 0o600 }));
    console.error(
      `${forTerminal(to)}: the secrets of a log-in, in the clear. The log says that it was made. Delete it when it has served.`,
    );
  });
}
