/** Makes a folder and those above it. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Where a folder takes no others in, as `/proc` does, this says so: Node's own `recursive`
 * tries for ever there.
 * @returns the topmost folder that was made; `undefined` where all were there
 * @throws as `mkdir` does
 */
export async function makeFolder(path: string, mode = 0o777): Promise<string | undefined> {
  const folder = resolve(path);
  if (await isFolder(folder)) return undefined;
  const above = dirname(folder) === folder ? undefined : await makeFolder(dirname(folder), mode);
  await mkdir(folder, { mode }).catch(async (error: unknown) => {
    // Somebody else may have made it at the same moment.
    if (!(await isFolder(folder))) throw error;
  });
  return above ?? folder;
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
