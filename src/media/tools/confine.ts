/**
 * How tools that read files from strangers are run (ffmpeg, ffprobe, tesseract): with limits,
 * without our environment (it holds secrets), without new privileges, without a network (or,
 * for what must ask a site itself, with one that holds the door only), and never longer than
 * this process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { timeLimit } from '../../base/time-limit.ts';
import { toolEnvironment } from '../../config/config.ts';
import type { DoorSocket } from './door-socket.ts';
import { followLines } from './follow-file.ts';
import { watchProcessorTime } from './processor-time.ts';

/** What a tool may use of the machine's cores. */
export const toolThreads = 2;

const memoryLimitBytes = 4 * 1024 ** 3;
const fileLimitBytes = 8 * 1024 ** 3;

/** Compiled where this file is. */
const relay = fileURLToPath(new URL(`door-relay${extname(import.meta.filename)}`, import.meta.url));

/** What yields to everything else on this machine, see nice(1). */
const niceness = 10;

export interface ConfineLimits {
  timeLimitMs: number;
  /** Absent: what all threads that a tool may have could spend until the time limit. */
  processorLimitMs?: number;
  /** Nobody waits for it: whatever else wants the processor goes first. */
  yielding?: boolean;
  /** To the door. Absent: no network at all. */
  doorSocket?: DoorSocket;
}

/**
 * Arguments that turn `env` into the tool: each program here replaces itself with the next,
 * so the process we started (and kill) is the tool. A session of its own, so that Ctrl-C at
 * a terminal reaches us and not the tool; it dies with this process, even on kill -9.
 * These come with util-linux; elsewhere (macOS) only the time limit and whitelists hold.
 */
async function confined(
  executable: string,
  limits: ConfineLimits,
  extra: Record<string, string> = {},
): Promise<string[]> {
  const environment = Object.entries(toolEnvironment(extra)).map(
    ([name, value]) => `${name}=${value}`,
  );
  const tool = limits.yielding ? ['nice', '-n', String(niceness), executable] : [executable];
  if (process.platform !== 'linux') return ['-i', ...environment, ...tool];
  const { timeLimitMs, doorSocket, processorLimitMs = timeLimitMs * toolThreads } = limits;
  // The first with a signal that says why (SIGXCPU), the second with one that can't be caught.
  const cpuSeconds = Math.ceil(processorLimitMs / 1000);
  return [
    ...['-i', ...environment, 'setsid'],
    // Before `setpriv`: whoever enters a user namespace no longer dies with its parent.
    ...(doorSocket === undefined ? await withoutNetwork() : await doorOnly()),
    ...withParent,
    ...(doorSocket !== undefined && (await holdsToDoor()) ? throughRelay(doorSocket) : []),
    `prlimit`,
    `--as=${memoryLimitBytes}`,
    `--fsize=${fileLimitBytes}`,
    `--cpu=${cpuSeconds}:${cpuSeconds + 1}`,
    ...['--core=0', '--', ...tool],
  ];
}

const withParent = ['setpriv', '--pdeathsig', 'KILL', '--no-new-privs', '--'];

/** The relay switches on a network; what runs behind it may do nothing of the kind, not even as root. */
const powerless = [
  'setpriv',
  '--inh-caps=-all',
  '--ambient-caps=-all',
  '--bounding-set=-all',
  '--',
];

function throughRelay({ port, socketPath }: DoorSocket): string[] {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning'];
  return [...node, relay, String(port), socketPath, ...withParent, ...powerless];
}

export interface ConfinedRun extends ConfineLimits {
  executable: string;
  options: string[];
  /** Working folder; absent: ours. */
  folder?: string;
  /** Beside what every tool gets of the environment. */
  environment?: Record<string, string>;
  onLine: (line: string) => void;
  /**
   * A file that isn't there yet: what is printed goes into it and is read from there, every so
   * often. For what prints a line at a time: through a pipe each of them would wake this process,
   * which takes a core from the tool.
   */
  linesThrough?: string;
}

const keptLines = 40;

/**
 * Runs a tool to its end, confined, and hands over each line that it prints.
 * @returns its last complaints, what it broke with, `null` when it ended well, and the
 *   processor time that it took at most (its time by the clock, where no limit of it was set)
 * @throws the signal's reason, or a TimeoutError, after the process has ended
 */
export async function runConfined(
  run: ConfinedRun,
  signal: AbortSignal,
): Promise<{ complaints: string[]; broke: string | null; processorMs: number }> {
  using limit = timeLimit(run.timeLimitMs, signal);
  const before = await confined(run.executable, run, run.environment);
  await using printed = await printedTo(run);
  limit.signal.throwIfAborted();
  const child = spawn('env', [...before, ...run.options], {
    stdio: ['ignore', printed.target, 'pipe'],
    cwd: run.folder,
  });
  const kill = () => killAll(child);
  limit.signal.addEventListener('abort', kill);
  const complaints: string[] = [];
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', run.onLine);
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => pushLine(complaints, line));
  }
  // Looking wakes this process, which is not worth it where nobody counts.
  const spent = watchProcessorTime(run.processorLimitMs === undefined ? undefined : child.pid);
  const broke = await ended(child);
  const processorMs = spent();
  // Its number may be another's soon.
  limit.signal.removeEventListener('abort', kill);
  limit.signal.throwIfAborted();
  return { complaints, broke, processorMs };
}

function ended(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signalName) => {
      if (signalName !== null) return resolve(`killed with signal ${signalName}`);
      resolve(code === 0 ? null : `exited with code ${code}`);
    });
  });
}

/** Where the tool prints to: a pipe, or a file that is read while it grows, to its end, and is gone then. */
async function printedTo({ linesThrough, onLine }: ConfinedRun) {
  if (linesThrough === undefined) {
    return { target: 'pipe' as const, async [Symbol.asyncDispose]() {} };
  }
  const file = await open(linesThrough, 'ax');
  const following = followLines(linesThrough, onLine);
  return {
    target: file.fd,
    async [Symbol.asyncDispose]() {
      await following.ended().finally(() => file.close());
      await rm(linesThrough);
    },
  };
}

/** The tool and whatever it started: they are one group since `setsid`, before which there is the tool only. */
function killAll(child: ChildProcess): void {
  child.kill('SIGKILL');
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // No such group: it has ended, or there is no `setsid` here.
  }
}

/** The last lines say what went wrong; a hostile file can cause millions. */
export function pushLine(lines: string[], line: string): void {
  if (line.trim() === '') return;
  lines.push(line.slice(0, 500));
  if (lines.length > keptLines) lines.shift();
}

/** 127: one of the programs that lead to the tool, or the tool itself, is not installed. */
export function isMissing(broke: string): boolean {
  return /code 12[67]\b|ENOENT/.test(broke);
}

/** For the record of what was made: what held the tool. */
export async function confinement(): Promise<string> {
  if (process.platform !== 'linux') return 'time limit only: this system has no prlimit';
  const network = (await withoutNetwork()).length > 0;
  return network
    ? 'no network (unshare), no new privileges, limits on memory, files and time'
    : 'no new privileges, limits on memory, files and time; the network could not be taken away here';
}

/** Whether a tool that is given a way out can go nowhere else. */
export async function holdsToDoor(): Promise<boolean> {
  return process.platform === 'linux' && (await doorOnly()).length > 0;
}

/** The same in words, for the record. */
export async function doorConfinement(): Promise<string> {
  return (await holdsToDoor())
    ? 'a network of its own that leads to the door only, no new privileges, limits on memory, files and time'
    : 'told to use the door and nothing else, which could not be enforced here (no network namespaces, or no ip)';
}

/** A namespace whose loopback can be switched on, which takes `ip` and its privileges inside. Tried once a process. */
function doorOnly(): Promise<string[]> {
  triedForDoor ??= firstThatRuns(
    [
      ['unshare', '--net', '--'],
      ['unshare', '--user', '--map-root-user', '--net', '--'],
    ],
    ['ip', 'link', 'set', 'lo', 'up'],
  );
  return triedForDoor;
}

let triedForDoor: Promise<string[]> | null = null;

/** A network namespace of its own: root may make one, others where user namespaces are allowed. Tried once a process. */
function withoutNetwork(): Promise<string[]> {
  tried ??= firstThatRuns([
    ['unshare', '--net', '--'],
    ['unshare', '--user', '--map-current-user', '--net', '--'],
  ]);
  return tried;
}

let tried: Promise<string[]> | null = null;

async function firstThatRuns(candidates: string[][], what = ['true']): Promise<string[]> {
  for (const [command = '', ...options] of candidates) {
    if (await runs(command, [...options, ...what])) return [command, ...options];
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
