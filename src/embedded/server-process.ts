/** Starts and stops the server itself. It belongs to no process of ours and outlives its starter. */
import { spawn } from 'node:child_process';
import {
  link,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  truncate,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toolEnvironment } from '../config/config.ts';
import type { Binaries } from './binaries.ts';
import { type Place, readPidFile } from './place.ts';

/** One try at starting; ends at once when another process's server has the files. */
export interface StartAttempt {
  hasEnded: boolean;
}

const logLimitBytes = 10 * 1024 * 1024;

/** Given to the server at every start, so that a moved home or a new version just works. */
function settings(place: Place): Record<string, string | number> {
  return {
    listen_addresses: '',
    // A list of quoted names, for which a path may hold spaces and commas.
    unix_socket_directories: `"${place.socketFolder.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    // A million fingerprints and their keys are 320 MB; what isn't here is in the system's cache.
    shared_buffers: '256MB',
    // Reads from that cache are faster made than handed to other processes.
    io_method: 'sync',
    max_connections: 100,
    fsync: 'on',
    synchronous_commit: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    // Captured text has no business in a log file.
    log_min_error_statement: 'panic',
    jit: 'off',
    // Parallel queries need /dev/shm, of which containers have little.
    max_parallel_workers_per_gather: 0,
  };
}

/**
 * Spawns the server without a shell, in a session of its own: a Ctrl-C in the starter's
 * terminal and the death of the starter don't reach it.
 */
export async function startServer(place: Place, binaries: Binaries): Promise<StartAttempt> {
  await dropDeadLocks(place);
  const log = await openLogFile(place.logFile);
  const options = Object.entries(settings(place)).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const [program, ...args] = [...binaries.prefix, binaries.postgres, '-D', place.data, ...options];
  const attempt: StartAttempt = { hasEnded: false };
  try {
    const child = spawn(program as string, args, {
      cwd: place.folder,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: toolEnvironment(binaries.environment),
    });
    const end = () => {
      attempt.hasEnded = true;
    };
    child.once('error', end).once('exit', end).unref();
  } finally {
    await log.close();
  }
  return attempt;
}

/** Fast shutdown: transactions are rolled back, everything is on disk, the files are free. */
export async function stopServer(place: Place): Promise<void> {
  const running = await readPidFile(place);
  if (running === null) return;
  process.kill(running.pid, 'SIGINT');
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if ((await readPidFile(place))?.pid !== running.pid) return;
    await sleep(10);
  }
}

/** The end of the server's log, for an error message. */
export async function logTail(place: Place): Promise<string> {
  const text = await readFile(place.logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-5).join('\n');
}

/**
 * A killed server leaves lock files with its process number, and PostgreSQL believes them
 * while any process has that number: another program after a reboot, or a zombie that
 * nobody reaps. Where the system shows who works in the data folder, and nobody does,
 * the files go.
 */
async function dropDeadLocks(place: Place): Promise<void> {
  if (process.platform !== 'linux') return;
  const files = [
    join(place.data, 'postmaster.pid'),
    join(place.socketFolder, '.s.PGSQL.5432.lock'),
  ];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => null);
    // Numbers that nobody has are PostgreSQL's own to judge.
    if (text === null || !isTaken(Number.parseInt(text, 10))) continue;
    if (!(await isInUse(place.data))) await drop(file, text);
  }
}

/** Removes the file only if it still says `text`: somebody else's server may have started. */
async function drop(file: string, text: string): Promise<void> {
  const aside = `${file}.dead-${process.pid}`;
  await rename(file, aside).catch(() => undefined);
  const taken = await readFile(aside, 'utf8').catch(() => null);
  if (taken !== null && taken !== text) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Every PostgreSQL process works in its data folder, so that folder shows who is alive. */
async function isInUse(dataFolder: string): Promise<boolean> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(
    processes.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => null)),
  );
  return folders.includes(dataFolder);
}

async function openLogFile(path: string) {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > logLimitBytes) await truncate(path);
  return open(path, 'a', 0o600);
}
