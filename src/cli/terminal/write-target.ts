/** What a person hears when what they named can't be written: what is wrong with it, and what to do. */
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StorageError, UsageError } from '../../base/errors.ts';

const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const refused = new Set(['EROFS', 'EACCES', 'EPERM']);
const misnamed = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'EINVAL', 'ELOOP']);

/** A folder that isn't there was most likely misspelt. @throws UsageError `bad-target` */
export async function refuseWithoutFolder(path: string): Promise<void> {
  const folder = dirname(resolve(path));
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory()) return;
  const why = found === null ? `there is no folder ${folder}` : `${folder} is not a folder`;
  throw new UsageError('bad-target', `${path} can't be written: ${why}`);
}

/**
 * Runs what writes to `path`. Errors about other paths pass as they are.
 * @throws UsageError `exists`, `bad-target`, StorageError `target-full`, `target-read-only`
 */
export async function writingTo<Result>(
  path: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw meaningOf(path, error);
  }
}

function meaningOf(target: string, error: unknown): unknown {
  if (!(error instanceof Error) || !isAbout(target, error)) return error;
  const { code = '', path } = error as NodeJS.ErrnoException;
  const cause = { cause: error };
  const words = `${target} can't be written (${code})`;
  if (full.has(code))
    return new StorageError('target-full', `${words}: free some space, or use another disk`, cause);
  if (refused.has(code))
    return new StorageError(
      'target-read-only',
      `${words}: use a place that you may write to`,
      cause,
    );
  if (code === 'EEXIST' && resolve(path ?? '') === resolve(target))
    return new UsageError('exists', `${target} exists already; nothing is ever overwritten`);
  if (code === 'EEXIST' || misnamed.has(code))
    return new UsageError(
      'bad-target',
      `${words}: use another folder: ${dirname(target)} takes no new files, or the name is too long`,
    );
  return error;
}

/** The target, what is made beside it or in it, or a folder above it. Failed writes name no path. */
function isAbout(target: string, { path, syscall }: NodeJS.ErrnoException): boolean {
  if (path === undefined) return syscall === 'write';
  const [wanted, found] = [resolve(target), resolve(path)];
  return found.startsWith(wanted) || wanted.startsWith(found);
}
