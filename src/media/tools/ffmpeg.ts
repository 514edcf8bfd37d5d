/**
 * ffmpeg and ffprobe, wrapped once. They are given files from strangers, so they may open
 * nothing but the file they were given, and run confined (`confine.ts`).
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import ffmpeg from 'fluent-ffmpeg';
import type { toolCodes } from '../../base/codes/tools.ts';
import { PermanentError, UnreachableError } from '../../base/errors.ts';
import { toolEnvironment } from '../../config/config.ts';
import { isMissing, runConfined } from './confine.ts';
import { toolThreads } from './confined-run.ts';

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

const hostileInput = ['-protocol_whitelist', 'file,pipe', '-format_whitelist', containers] as const;

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
  /** Nobody waits for it: whatever else wants the processor goes first. */
  yielding?: boolean;
  /** How far into the media ffmpeg has come. */
  onProgress?: (doneMs: number) => void;
  /** Each line that filters print to `pipe:1`, soon after. */
  onPrinted?: (line: string) => void;
}

/** ffmpeg or ffprobe ended badly. */
export class MediaToolError extends PermanentError {
  override name = 'MediaToolError';
  /** Its last lines on stderr. */
  readonly complaints: string[];
  constructor(code: keyof typeof toolCodes, message: string, complaints: string[]) {
    super(code, complaints.length > 0 ? `${message}: ${complaints.at(-1)}` : message);
    this.complaints = complaints;
  }
}

const answerLimitMs = 10_000;
const printedFile = 'printed.txt';

/**
 * Runs ffmpeg once. Resolves with the lines it complained with (a damaged file is decoded
 * as far as it goes and complained about).
 * @throws MediaToolError `ffmpeg-failed`, `ffmpeg-killed`; UnreachableError `tool-missing`;
 *   PermanentError `file-time-limit`; the signal's reason; after the process has ended
 */
export async function runFfmpeg(
  tools: MediaTools,
  run: FfmpegRun,
  signal: AbortSignal,
): Promise<{ complaints: string[] }> {
  const { complaints, broke } = await runConfined(
    {
      executable: tools.ffmpeg,
      options: commandLine(run),
      inputs: run.secondInput === undefined ? [run.input] : [run.input, run.secondInput],
      folder: run.folder,
      timeLimitMs: run.timeLimitMs,
      yielding: run.yielding ?? false,
      onLine: (line) => passOn(run, line),
      linesThrough: join(run.folder, printedFile),
    },
    signal,
  );
  if (broke !== null) throw failure('ffmpeg', broke, complaints);
  return { complaints };
}

function commandLine(run: FfmpegRun): string[] {
  const command = ffmpeg(run.input).inputOptions(inputOptions(run));
  if (run.secondInput !== undefined) command.input(run.secondInput).inputOptions(...hostileInput);
  if (run.filterGraph !== undefined) command.complexFilter(run.filterGraph);
  for (const { target, options } of run.outputs) {
    // One argument each: a lone string or an array element with one space would be split.
    command.output(target).outputOptions('-threads', String(toolThreads), ...options);
  }
  return command._getArguments();
}

/** How far it has come, as `name=value` lines, and what the filters print between them. */
function passOn({ onProgress, onPrinted }: FfmpegRun, line: string): void {
  const [, doneMicros] = /^out_time_us=\s*(-?\d+)$/.exec(line) ?? [];
  if (doneMicros !== undefined) onProgress?.(Math.round(Number(doneMicros) / 1000));
  else onPrinted?.(line);
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
 *   PermanentError `file-time-limit`; the signal's reason; after the process has ended
 */
export async function runFfprobe(
  tools: MediaTools,
  input: string,
  options: string[],
  onLine: (line: string) => void,
  limits: { timeLimitMs: number; yielding?: boolean; signal: AbortSignal },
): Promise<string[]> {
  const { complaints, broke } = await runConfined(
    {
      executable: tools.ffprobe,
      options: ['-v', 'error', ...hostileInput, ...options, '-i', input],
      inputs: [input],
      timeLimitMs: limits.timeLimitMs,
      yielding: limits.yielding ?? false,
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
 * core under way a core would stand idle. Each costs its memory; a fourth a core gains nothing.
 */
const framesAhead = 3 * toolThreads;

function inputOptions(run: FfmpegRun): string[] {
  const common = [
    '-nostdin',
    '-v',
    'error',
    '-progress',
    'pipe:1',
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

function failure(tool: 'ffmpeg' | 'ffprobe', message: string, complaints: string[]): Error {
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
