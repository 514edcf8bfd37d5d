/**
 * The newest checkpoint, remembered in the data folder beside the keys: outside the
 * database, which a backup can put back, and outside the vault.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../base/make-folder.ts';
import { replaceFile } from '../base/synced-file.ts';

const fileName = 'newest-checkpoint.note';

/** Size of the tree in it; 0 where none is remembered or the file can't be understood. */
export async function rememberedSize(folder: string): Promise<number> {
  try {
    const [, size] = (await readFile(join(folder, fileName), 'utf8')).split('\n');
    return /^[1-9]\d{0,15}$/.test(size ?? '') ? Number(size) : 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

export async function remember(folder: string, note: Uint8Array): Promise<void> {
  await makeFolder(folder, 0o700);
  await replaceFile(join(folder, fileName), note);
}
