/** Makes the database files, once, however many processes want them at the same moment. */
import { spawn } from 'node:child_process';
import { access, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UnreachableError } from '../base/errors.ts';
import { toolEnvironment } from '../config/config.ts';
import { type Binaries, diskFull, namespaceRefused } from './binaries.ts';
import type { Place } from './place.ts';

const half = 'db.new-';
const leftoverAgeMs = 60 * 60_000;

/**
 * There is no lock: each process prepares files of its own, and the first to rename them
 * into place wins. A process killed in the middle leaves only a folder that nobody uses.
 */
export async function ensureCluster(
  place: Place,
  binaries: Binaries,
  signal?: AbortSignal,
): Promise<void> {
  await sweepLeftovers(place);
  if (await exists(join(place.data, 'PG_VERSION'))) return;
  const fresh = await mkdtemp(join(place.folder, half));
  try {
    await runInitdb(fresh, place, binaries, signal);
    await rename(fresh, place.data).catch(unlessTaken);
  } finally {
    await rm(fresh, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function runInitdb(folder: string, place: Place, binaries: Binaries, signal?: AbortSignal) {
  // Classes of letters, for the text search, come from the system's locale.
  const locale = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8';
  const args = ['-D', folder, '-U', 'holdfast', '--auth=trust', '-E', 'UTF8'];
  args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', `--locale=${locale}`);
  args.push('--no-instructions');
  const { code, output } = await run(
    [...binaries.prefix, binaries.initdb, ...args],
    { cwd: place.folder, env: toolEnvironment(binaries.environment) },
    signal,
  );
  if (code === 0) return;
  throw (
    namespaceRefused(output) ??
    diskFull(output, place.folder) ??
    new UnreachableError('embedded-init', `the database could not be prepared: ${output.trim()}`)
  );
}

async function run(
  command: string[],
  where: { cwd: string; env: Record<string, string> },
  signal?: AbortSignal,
) {
  const [program, ...args] = command as [string, ...string[]];
  const child = spawn(program, args, {
    ...where,
    detached: true, // its own group, so that an abort reaches what initdb starts
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  signal?.addEventListener('abort', kill, { once: true });
  try {
    return await new Promise<{ code: number | null; output: string }>((resolve) => {
      child.once('error', (error) =>
        resolve({ code: null, output: `${program}: ${error.message}` }),
      );
      child.once('close', (code) => resolve({ code, output }));
    });
  } finally {
    signal?.removeEventListener('abort', kill);
    signal?.throwIfAborted();
  }
}

/** What a process killed during initdb left; an hour is far longer than any initdb runs. */
async function sweepLeftovers(place: Place): Promise<void> {
  for (const name of await readdir(place.folder)) {
    if (!name.startsWith(half)) continue;
    const path = join(place.folder, name);
    const age = Date.now() - (await stat(path).then((found) => found.mtimeMs, Date.now));
    if (age > leftoverAgeMs) await rm(path, { recursive: true, force: true });
  }
}

function unlessTaken(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
