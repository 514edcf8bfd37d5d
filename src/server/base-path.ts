/** The first part of every path: made once a data folder, so that bookmarks go on working. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errno } from '../base/disk.ts';
import { writeSynced } from '../base/synced-file.ts';
import type { Home } from '../config/home.ts';

/** Only the owner of the data folder can read it. */
export async function baseOf({ folder }: Pick<Home, 'folder'>): Promise<string> {
  const path = join(folder, 'pages-path');
  const made = randomBytes(12).toString('base64url');
  try {
    await writeSynced(path, `${made}\n`, 0o600);
    return made;
  } catch (error) {
    if (errno(error) !== 'EEXIST') throw error;
    const kept = (await readFile(path, 'utf8')).trim();
    return /^[\w-]{16}$/.test(kept) ? kept : made;
  }
}
