/**
 * How tools that read files from strangers are run (ffmpeg, ffprobe, tesseract, yt-dlp): with
 * limits, without our environment (it holds secrets), seeing their input and nothing else where
 * this system allows it, without a network (or, for what must ask a site itself, with one that
 * holds the door only), and never longer than this process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { PermanentError } from '../../base/errors.ts';
import { timeLimit } from '../../base/time-limit.ts';
import type { ConfinedRun, ConfinedTool } from './confined-run.ts';
import { handFilter } from './confinement.ts';
import { followLines } from './follow-file.ts';
import { watchProcessorTime } from './processor-time.ts';
import { openPlace, type ToolPlace } from './tool-place.ts';

const keptLines = 40;

/**
 * Runs a tool to its end, confined, and hands over each line that it prints.
 * @returns its last complaints, what it broke with, `null` when it ended well, and the
 *   processor time that it took at most (its time by the clock, where no limit of it was set)
 * @throws PermanentError `file-time-limit`; the signal's reason; both after the process has ended
 */
export async function runConfined(
  run: ConfinedRun,
  signal: AbortSignal,
): Promise<{ complaints: string[]; broke: string | null; processorMs: number }> {
  using limit = timeLimit(run.timeLimitMs, signal);
  await using place = await openPlace(run);
  await using printed = await printedTo(run);
  limit.signal.throwIfAborted();
  const child = startIn(place, run, ['ignore', printed.target]);
  const kill = () => killAll(child);
  limit.signal.addEventListener('abort', kill);
  const complaints: string[] = [];
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', run.onLine);
  collectComplaints(child, complaints);
  // Looking wakes this process, which is not worth it where nobody counts.
  const spent = watchProcessorTime(run.processorLimitMs === undefined ? undefined : child.pid);
  const broke = await ended(child);
  const processorMs = spent();
  // Its number may be another's soon.
  limit.signal.removeEventListener('abort', kill);
  if (limit.isOver) throw tookTooLong(run);
  limit.signal.throwIfAborted();
  return { complaints, broke, processorMs };
}

function tookTooLong({ executable, timeLimitMs }: ConfinedRun): PermanentError {
  return new PermanentError(
    'file-time-limit',
    `${executable} had not ended after the ${timeLimitMs / 1000} s that it may take over one file`,
  );
}

/** A tool that is spoken to, for as long as its opener likes. */
export interface OpenTool extends AsyncDisposable {
  stdin: Writable;
  stdout: Readable;
  /** The last lines on stderr. */
  complaints: string[];
  /** Resolves when it has ended: what it broke with, `null` when it ended well. */
  ended: Promise<string | null>;
  kill(): void;
}

/** Starts one, confined. Whoever opened it closes it; nothing else limits how long it may run. */
export async function openConfined(tool: ConfinedTool): Promise<OpenTool> {
  const place = await openPlace(tool);
  const child = startIn(place, tool, ['pipe', 'pipe']);
  const complaints: string[] = [];
  collectComplaints(child, complaints);
  const over = ended(child).finally(() => place[Symbol.asyncDispose]());
  const kill = () => killAll(child);
  // It may end before it has read what it is told.
  child.stdin?.on('error', () => {});
  return {
    stdin: child.stdin as Writable,
    stdout: child.stdout as Readable,
    ...{ complaints, ended: over, kill },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) kill();
      // What it still had to say keeps nobody waiting.
      child.stdout?.destroy();
      await over;
    },
  };
}

/** Its words to us come in and out as told, its complaints by a pipe. */
function startIn(
  place: ToolPlace,
  { options, folder }: ConfinedTool,
  [stdin, stdout]: ['ignore' | 'pipe', 'pipe' | number],
): ChildProcess {
  const [first = '', ...words] = place.words;
  const child = spawn(first, [...words, ...options], {
    env: place.environment,
    // A session of its own, so that Ctrl-C at a terminal reaches us and not the tool.
    detached: true,
    stdio: [stdin, stdout, 'pipe', place.takesFilter ? 'pipe' : 'ignore'],
    cwd: folder,
  });
  if (place.takesFilter) handFilter(child.stdio[3]);
  return child;
}

function collectComplaints({ stderr }: ChildProcess, complaints: string[]): void {
  if (stderr === null) return;
  createInterface({ input: stderr }).on('line', (line) => pushLine(complaints, line));
}

function ended(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signalName) => {
      const killedBy = signalName ?? signalBehind(code ?? 0);
      if (killedBy !== null) return resolve(`killed with signal ${killedBy}`);
      resolve(code === 0 ? null : `exited with code ${code}`);
    });
  });
}

/** Of the tool itself, where what stands between it and us ended with a code in its place. */
function signalBehind(code: number): string | null {
  return fatal.find((name) => constants.signals[name] === code - 128) ?? null;
}

/** Those that limits, faults and the filter end a tool with. */
const fatal = [
  'SIGKILL',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGSEGV',
  'SIGABRT',
  'SIGBUS',
  'SIGILL',
  'SIGFPE',
  'SIGSYS',
  'SIGTERM',
] as const;

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
      await rm(linesThrough, { force: true });
    },
  };
}

/** The tool and whatever it started. */
function killAll(child: ChildProcess): void {
  child.kill('SIGKILL');
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // No such group: it has ended.
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
