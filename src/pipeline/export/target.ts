/** Where an export goes: a place that is new, and not inside a bundle, which would no longer be one. */
import { lstat, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';

/** @throws UsageError `exists`, `inside-bundle` */
export async function refuseIfThere(path: string): Promise<void> {
  await refuseInsideBundle(path);
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new UsageError('exists', `${path} exists already; nothing is ever overwritten`);
}

/** The folder that it is to lie in, made where it isn't there. @throws UsageError `exists`, `inside-bundle` */
export async function makePlaceFor(path: string): Promise<void> {
  await refuseIfThere(path);
  await makeFolder(dirname(path));
}

/**
 * Looks at every folder above. One more file in a bundle, and it no longer verifies.
 * @throws UsageError `inside-bundle`
 */
export async function refuseInsideBundle(path: string): Promise<void> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    if (await isBag(folder))
      throw new UsageError(
        'inside-bundle',
        `${folder} is a bundle, and adding to it would spoil it: choose a place outside of it`,
      );
    if (folder === dirname(folder)) return;
  }
}

async function isBag(folder: string): Promise<boolean> {
  const declaration = await readFile(join(folder, 'bagit.txt'), 'utf8').catch(() => '');
  return declaration.startsWith('BagIt-Version:');
}
