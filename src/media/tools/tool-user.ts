/**
 * The system user as which tools run where this process is root's, and the files that are lent to
 * it. It owns nothing, and where it looks there is only what was put there for it.
 */
import {
  chmod,
  chown,
  copyFile,
  lchown,
  lstat,
  mkdtemp,
  readdir,
  rm,
  stat,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SystemUser, systemUser } from '../../base/system-users.ts';

/** `nobody` where set-up has not made the first: also a user that may not read our files. */
const names = ['holdfast-tools', 'nobody'];

/** `null` where this process is not root's, or there is no such user. Looked up once a process. */
export function toolUser(): Promise<SystemUser | null> {
  found ??= process.getuid?.() === 0 ? systemUser(names) : Promise.resolve(null);
  return found;
}

let found: Promise<SystemUser | null> | null = null;

/** As the vault names its objects. */
const vaultObject = /\/objects\/([0-9a-f]{2})\/\1[0-9a-f]{62}$/;

/**
 * Lets that user read one file. An object of the vault is lent to its group for good: nobody else
 * gets to it through the folders above, which stay closed. Of any other file that isn't everybody's
 * to read a copy is made, as it isn't ours to change.
 * @param copies where a copy goes
 * @returns where the bytes are
 */
export async function lend(path: string, user: SystemUser, copies: Copies): Promise<string> {
  const { mode, uid, gid } = await stat(path);
  if ((mode & 0o004) !== 0 || (gid === user.gid && (mode & 0o040) !== 0)) return path;
  if (vaultObject.test(path)) {
    await chown(path, uid, user.gid);
    await chmod(path, (mode & 0o777) | 0o040);
    return path;
  }
  const copy = await copies.newName();
  await copyFile(path, copy);
  await chmod(copy, 0o644);
  return copy;
}

/** Copies for one run of a tool, in a folder that is made when there is one. */
export class Copies implements AsyncDisposable {
  #folder: string | null = null;
  #made = 0;

  async newName(): Promise<string> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'holdfast-lent-'));
    return join(this.#folder, String(this.#made++));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The folder that a tool writes to becomes its own for as long as it runs. */
export async function giveFolder(folder: string, user: SystemUser): Promise<void> {
  await chown(folder, user.uid, user.gid);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await giveFolder(path, user);
    else await lchown(path, user.uid, user.gid);
  }
}

/**
 * What a tool left is plain files and folders, and ours: a link that it laid would lead us, who may
 * read more than it, wherever it likes, and a pipe would keep us waiting.
 */
export async function takeBack(folder: string): Promise<void> {
  const [uid, gid] = [process.getuid?.() ?? -1, process.getgid?.() ?? -1];
  if ((await lstat(folder)).uid !== uid) await chown(folder, uid, gid);
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await takeBack(path);
    else if (!entry.isFile()) await rm(path, { force: true });
    else if (uid === 0) await lchown(path, uid, gid);
  }
}
