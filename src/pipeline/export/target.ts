/** Where an export goes: a place that is new. */
import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';

/** @throws UsageError `exists` */
export async function refuseIfThere(path: string): Promise<void> {
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new UsageError('exists', `${path} exists already; nothing is ever overwritten`);
}

/** The folder that it is to lie in, made where it isn't there. @throws UsageError `exists` */
export async function makePlaceFor(path: string): Promise<void> {
  await refuseIfThere(path);
  await makeFolder(dirname(path));
}
