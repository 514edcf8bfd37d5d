/** Profiles of browsers whose worker was killed outright: whoever starts the next browser removes them. */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

let swept: Promise<void> | null = null;

/** Once a process. Never an error: the next process tries again. */
export function sweepLeftovers(): Promise<void> {
  // The launcher makes a profile in /tmp where the usual place has too long a path.
  const folders = new Set([tmpdir(), '/tmp']);
  swept ??= Promise.allSettled([...folders].map(removeDeadProfiles)).then(() => {});
  return swept;
}

async function removeDeadProfiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^playwright(_chromiumdev_profile|-artifacts)-/.test(name)) continue;
    const path = join(folder, name);
    if (await isLeftover(path)) await rm(path, { recursive: true, force: true });
  }
}

const dayMs = 24 * 60 * 60_000;

/** The launcher leaves `<host>-<pid>` in each profile; a folder without it is judged by its age. */
async function isLeftover(path: string): Promise<boolean> {
  const owner = await readFile(join(path, 'holdfast-browser'), 'utf8').catch(() => null);
  if (owner === null) return Date.now() - (await stat(path)).mtimeMs > dayMs;
  const [, host = '', pid = ''] = /^(.*)-(\d+)$/.exec(owner) ?? [];
  return host === hostname() && !(await isBrowserOf(path, Number(pid)));
}

/** By its command line, which neither a stranger with the same number nor a zombie has. */
async function isBrowserOf(profile: string, pid: number): Promise<boolean> {
  if (process.platform === 'linux') {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return command.includes(profile);
  }
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
