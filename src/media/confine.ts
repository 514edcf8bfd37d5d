/**
 * How tools that read files from strangers are run (ffmpeg, ffprobe, tesseract): with limits,
 * without our environment (it holds secrets), without new privileges, without a network, and
 * never longer than this process.
 */
import { spawn } from 'node:child_process';
import { toolEnvironment } from '../config.ts';

/** What a tool may use of the machine's cores. */
export const toolThreads = 2;

const memoryLimitBytes = 4 * 1024 ** 3;
const fileLimitBytes = 8 * 1024 ** 3;

export interface ConfineLimits {
  timeLimitMs: number;
}

/**
 * Arguments that turn `env` into the tool: each program here replaces itself with the next,
 * so the process we started (and kill) is the tool. A session of its own, so that Ctrl-C at
 * a terminal reaches us and not the tool; it dies with this process, even on kill -9.
 * These come with util-linux; elsewhere (macOS) only the time limit and whitelists hold.
 */
export async function confined(
  executable: string,
  { timeLimitMs }: ConfineLimits,
  extra: Record<string, string> = {},
): Promise<string[]> {
  const environment = Object.entries(toolEnvironment(extra)).map(
    ([name, value]) => `${name}=${value}`,
  );
  if (process.platform !== 'linux') return ['-i', ...environment, executable];
  const cpuSeconds = Math.ceil((timeLimitMs / 1000) * toolThreads);
  return [
    ...['-i', ...environment, 'setsid'],
    // Before `setpriv`: whoever enters a user namespace no longer dies with its parent.
    ...(await withoutNetwork()),
    ...['setpriv', '--pdeathsig', 'KILL', '--no-new-privs', '--'],
    `prlimit`,
    `--as=${memoryLimitBytes}`,
    `--fsize=${fileLimitBytes}`,
    `--cpu=${cpuSeconds}`,
    ...['--core=0', '--', executable],
  ];
}

/** For the record of what was made: what held the tool. */
export async function confinement(): Promise<string> {
  if (process.platform !== 'linux') return 'time limit only: this system has no prlimit';
  const network = (await withoutNetwork()).length > 0;
  return network
    ? 'no network (unshare), no new privileges, limits on memory, files and time'
    : 'no new privileges, limits on memory, files and time; the network could not be taken away here';
}

/** A network namespace of its own: root may make one, others where user namespaces are allowed. Tried once a process. */
function withoutNetwork(): Promise<string[]> {
  tried ??= firstThatRuns([
    ['unshare', '--net', '--'],
    ['unshare', '--user', '--map-current-user', '--net', '--'],
  ]);
  return tried;
}

let tried: Promise<string[]> | null = null;

async function firstThatRuns(candidates: string[][]): Promise<string[]> {
  for (const [command = '', ...options] of candidates) {
    if (await runs(command, [...options, 'true'])) return [command, ...options];
  }
  return [];
}

function runs(command: string, options: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, options, { env: toolEnvironment(), stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}
