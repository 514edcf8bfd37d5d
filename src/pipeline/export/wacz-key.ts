/** The key that signs web archives (ECDSA P-384): in the data folder, 0400, made on first use. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../base/make-folder.ts';

/** Two processes may make one at once: the first file stays, and both sign with it. */
export async function waczKey(home: string): Promise<KeyObject> {
  const folder = join(home, 'keys');
  const path = join(folder, 'wacz-p384.pem');
  const known = await readFile(path).catch(ignoreMissing);
  if (known !== null) return createPrivateKey(known);
  await makeFolder(folder, 0o700);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const aside = join(folder, `wacz-p384.${randomUUID()}`);
  await writeFile(aside, privateKey.export({ format: 'pem', type: 'pkcs8' }), {
    mode: 0o400,
    flag: 'wx',
    flush: true,
  });
  try {
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
  return createPrivateKey(await readFile(path));
}

function ignoreMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
