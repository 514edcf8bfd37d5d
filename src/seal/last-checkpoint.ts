/**
 * The newest checkpoint, remembered in the data folder beside the keys: outside the
 * database, which a backup can put back, and outside the vault.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { makeFolder } from '../base/make-folder.ts';

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

/** Written aside and renamed: a killed process leaves the old one or the new one. */
export async function remember(folder: string, note: Uint8Array): Promise<void> {
  await makeFolder(folder, 0o700);
  const aside = join(folder, `${fileName}.${uuidv7()}`);
  const file = await open(aside, 'w', 0o600);
  try {
    await file.writeFile(note);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, join(folder, fileName));
}
