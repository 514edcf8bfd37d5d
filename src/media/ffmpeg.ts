/**
 * ffmpeg and ffprobe, wrapped once. They are given files from strangers, so they may open
 * nothing but the file they were given, and run confined (`confine.ts`).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import ffmpeg from 'fluent-ffmpeg';
import { toolEnvironment } from '../config.ts';
import { PermanentError, UnreachableError } from '../errors.ts';
import { confined, isMissing, keepLine, runConfined, toolThreads } from './confine.ts';

export interface MediaTools {
  /** Name or path of the executable. */
  ffmpeg: string;
  ffprobe: string;
}

/**
 * Containers that may be opened. Playlists, concat lists and the like are not among them:
 * those name other files, and a download called `.mp4` may be one of them.
 */
const containers =
  'mov,matroska,mpegts,mpeg,mpegvideo,avi,flv,ogg,asf,gif,mp3,aac,wav,w64,flac,amr,aiff,caf';

export const hostileInput = [
  '-protocol_whitelist',
  'file,pipe',
  '-format_whitelist',
  containers,
] as const;

export interface FfmpegOutput {
  options: string[];
  /** Path inside the working folder. */
  target: string;
}

export interface FfmpegRun {
  input: string;
  inputOptions?: string[];
  /** Sound that lies in a file of its own. */
  secondInput?: string;
  filterGraph?: string;
  outputs: FfmpegOutput[];
  /** Working folder: relative targets and the files that filters write end up here. */
  folder: string;
  timeLimitMs: number;
  /** How far into the media ffmpeg has come. */
  onProgress?: (doneMs: number) => void;
  /** Each line that filters print to `pipe:1`, as it comes. */
  onPrinted?: (line: string) => void;
}

/** ffmpeg or ffprobe ended badly. */
export class MediaToolError extends PermanentError {
  override name = 'MediaToolError';
  /** Its last lines on stderr. */
  readonly complaints: string[];
  constructor(code: string, message: string, complaints: string[]) {
    super(code, complaints.length > 0 ? `${message}: ${complaints.at(-1)}` : message);
    this.complaints = complaints;
  }
}

const answerLimitMs = 10_000;

// The program started is always `env`, which becomes ffmpeg by way of its first arguments
// (see `confined`): so the paths that fluent-ffmpeg keeps per process never differ.
ffmpeg.setFfmpegPath('env');

/**
 * Runs ffmpeg once. Resolves with the lines it complained with (a damaged file is decoded
 * as far as it goes and complained about).
 * @throws MediaToolError `ffmpeg-failed`, `ffmpeg-killed`; UnreachableError `tool-missing`;
 *   the signal's reason, or a TimeoutError, after the process has ended
 */
export async function runFfmpeg(
  tools: MediaTools,
  run: FfmpegRun,
  signal: AbortSignal,
): Promise<{ complaints: string[] }> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(run.timeLimitMs)]);
  limit.throwIfAborted();
  const before = await confined(tools.ffmpeg, run);
  // A line is enough for it: what filters print is read as it comes, see `passOnPrinted`.
  const command = ffmpeg({ cwd: run.folder, stdoutLines: 1 });
  command.input(run.input).inputOptions(...before, ...inputOptions(run));
  if (run.secondInput !== undefined) command.input(run.secondInput).inputOptions(...hostileInput);
  if (run.filterGraph !== undefined) command.complexFilter(run.filterGraph);
  for (const { target, options } of run.outputs) {
    // One argument each: a lone string or an array element with one space would be split.
    command.output(target).outputOptions('-threads', String(toolThreads), ...options);
  }
  trustThisFfmpeg(command);
  const complaints = collectComplaints(command, run.onProgress);
  if (run.onPrinted !== undefined) passOnPrinted(command, run.onPrinted);
  const kill = () => command.kill('SIGKILL');
  limit.addEventListener('abort', kill);
  const broke = await ended(command, limit);
  limit.removeEventListener('abort', kill);
  limit.throwIfAborted();
  if (broke !== null) throw failure('ffmpeg', broke, complaints);
  return { complaints };
}

/** What a reader needs to repeat the run, with names instead of our paths. */
export function argumentsOf(run: FfmpegRun, inputName: string): string[] {
  const graph = run.filterGraph === undefined ? [] : ['-filter_complex', run.filterGraph];
  const outputs = run.outputs.flatMap(({ options, target }) => [...options, target]);
  const second = run.secondInput === undefined ? [] : [...hostileInput, '-i', `${inputName}-2`];
  return [...inputOptions(run), '-i', inputName, ...second, ...graph, ...outputs];
}

/**
 * Runs ffprobe on one file and hands over each line of its answer.
 * @returns the lines it complained with
 * @throws MediaToolError `ffprobe-failed`, `ffprobe-killed`; UnreachableError `tool-missing`;
 *   the signal's reason, or a TimeoutError, after the process has ended
 */
export async function runFfprobe(
  tools: MediaTools,
  input: string,
  options: string[],
  onLine: (line: string) => void,
  limits: { timeLimitMs: number; signal: AbortSignal },
): Promise<string[]> {
  const { complaints, broke } = await runConfined(
    {
      executable: tools.ffprobe,
      options: ['-v', 'error', ...hostileInput, ...options, '-i', input],
      timeLimitMs: limits.timeLimitMs,
      onLine,
    },
    limits.signal,
  );
  if (broke !== null) throw failure('ffprobe', broke, complaints);
  return complaints;
}

/** First line of `-version`: `ffmpeg version 5.1.9-0+deb12u1 …`. Asked once a process. */
export function toolVersion(executable: string): Promise<string> {
  let version = versions.get(executable);
  if (version === undefined) {
    version = askVersion(executable);
    versions.set(executable, version);
    version.catch(() => versions.delete(executable));
  }
  return version;
}

const versions = new Map<string, Promise<string>>();

/** Whether this ffmpeg was built to write that format, such as `chromaprint`. Asked once a process. */
export async function writesFormat(executable: string, format: string): Promise<boolean> {
  let listed = formats.get(executable);
  if (listed === undefined) {
    listed = linesOf(executable, ['-v', 'quiet', '-muxers']);
    formats.set(executable, listed);
    listed.catch(() => formats.delete(executable));
  }
  return (await listed).some((line) => line.trim().split(/\s+/)[1] === format);
}

const formats = new Map<string, Promise<string[]>>();

async function askVersion(executable: string): Promise<string> {
  const [first] = await linesOf(executable, ['-version']);
  if (first === undefined) throw missing(executable, 'it prints no version');
  return first;
}

/** What a tool says about itself. */
async function linesOf(executable: string, options: string[]): Promise<string[]> {
  const child = spawn(executable, options, {
    env: toolEnvironment(),
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: answerLimitMs,
    killSignal: 'SIGKILL',
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await new Promise<void>((resolve, reject) => {
    child.once('error', (cause) => reject(missing(executable, cause)));
    child.once('close', () => resolve());
  });
  return lines;
}

/**
 * Frames that are decoded ahead: while the filters have one in hand, with no more than one a
 * core under way a core would stand idle.
 */
const framesAhead = 2 * toolThreads;

function inputOptions(run: FfmpegRun): string[] {
  const common = [
    '-nostdin',
    '-v',
    'error',
    '-progress',
    'pipe:2',
    '-stats_period',
    '1',
    '-threads',
    String(framesAhead),
    // The cores are busy decoding: filters that share out slices of a frame wait for each other.
    '-filter_complex_threads',
    '1',
  ];
  return [...common, ...hostileInput, ...(run.inputOptions ?? [])];
}

/**
 * fluent-ffmpeg would first parse the tables that `ffmpeg -formats` and `-encoders` print,
 * and refuse what it can't read there. They change between releases; ffmpeg itself says
 * clearly enough what it can't do.
 */
function trustThisFfmpeg(command: ffmpeg.FfmpegCommand): void {
  const anything = new Proxy(
    {},
    { has: () => true, get: () => ({ canMux: true, canDemux: true }) },
  );
  const unchecked = (done: (error: null, found: object) => void) => done(null, anything);
  Object.assign(command, { availableFormats: unchecked, availableEncoders: unchecked });
}

/** @returns what it broke with */
function ended(command: ffmpeg.FfmpegCommand, limit: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    // Aborted before there was a process: the kill found nothing to kill.
    command.once('start', () => limit.aborted && command.kill('SIGKILL'));
    command.once('end', () => resolve(null));
    command.once('error', (error: Error) => resolve(error.message));
    command.run();
  });
}

/** A three-hour video prints hundreds of thousands of lines: none is kept here. */
function passOnPrinted(command: ffmpeg.FfmpegCommand, onLine: (line: string) => void): void {
  command.once('start', () => {
    const { ffmpegProc } = command as unknown as { ffmpegProc: ChildProcess };
    let unfinished = '';
    ffmpegProc.stdout?.on('data', (chunk: Buffer) => {
      const lines = (unfinished + chunk.toString('latin1')).split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
  });
}

/** stderr carries both what went wrong and, as `name=value` lines, how far it has come. */
function collectComplaints(
  command: ffmpeg.FfmpegCommand,
  onProgress: FfmpegRun['onProgress'],
): string[] {
  const complaints: string[] = [];
  command.on('stderr', (line: string) => {
    const [, name, value] = /^([a-z_0-9]+)=\s*(\S*)$/.exec(line) ?? [];
    if (name === undefined) return keepLine(complaints, line);
    if (name === 'out_time_us' && value !== 'N/A') onProgress?.(Math.round(Number(value) / 1000));
  });
  return complaints;
}

function failure(tool: string, message: string, complaints: string[]): Error {
  if (isMissing(message)) return missing(tool, complaints.at(-1) ?? message);
  if (/signal/.test(message)) {
    return new MediaToolError(`${tool}-killed`, `${tool} met a limit or was killed`, complaints);
  }
  return new MediaToolError(`${tool}-failed`, `${tool} can't read this file`, complaints);
}

function missing(executable: string, cause: unknown): UnreachableError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new UnreachableError('tool-missing', `can't run ${executable}: ${why}`);
}
