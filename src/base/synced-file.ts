/** Small files that must survive a power cut: the bytes are on the disk before the name is. */
import { randomBytes } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from './disk.ts';

/** Call `syncFolder` when the name is final. @throws `EEXIST` where there is one */
export async function writeSynced(
  path: string,
  bytes: string | Uint8Array,
  mode: number,
): Promise<void> {
  await using file = await open(path, 'wx', mode);
  await file.writeFile(bytes);
  await file.sync();
}

/** A killed process leaves the old content or the new. For the owner's eyes alone. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  const aside = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  await writeSynced(aside, bytes, 0o600);
  await rename(aside, path);
  await syncFolder(folder);
}
