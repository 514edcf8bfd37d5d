/**
 * One run of the extractor for one page. It brings its own HTTP and TLS, so it gets the door as
 * its proxy and, where the system allows it, no other network; no settings, cookies, plugins or
 * programs of anybody's; and a folder of its own to write to.
 */
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { z } from 'zod';
import { errorCode } from '../../base/errors.ts';
import type { MediaProgress } from '../fetch/fetch-media.ts';
import { pushLine, runConfined } from '../tools/confine.ts';
import { doorConfinement } from '../tools/confinement.ts';
import { openDoorSocket } from '../tools/door-socket.ts';
import { type Extractor, withoutHabits } from './extractor-program.ts';

export interface ExtractorRun {
  extractor: Extractor;
  /** `http` or `https`, of the page. */
  url: string;
  /** Of the door that was opened for it. */
  doorUrl: string;
  /** One more authority to trust, PEM. */
  extraCa: string | null;
  /** Empty, for this run alone. */
  folder: string;
  /** For everything it writes. */
  maxBytes: number;
  timeLimitMs: number;
  onProgress?: (progress: MediaProgress) => void;
}

export interface ExtractorOutcome {
  /** `null`: it ended well, which doesn't mean that there is a file. */
  broke: string | null;
  /** It wrote more than it may, or took longer, and was stopped for that. */
  stopped: 'too-large' | 'timed-out' | null;
  /** The last lines on stderr: `ERROR: …`, `WARNING: …`. */
  complaints: string[];
  /** The last lines that it printed. */
  said: string[];
  /** What it knew of each video before it took any; in its own words. */
  found: FoundVideo[];
  kept: KeptVideo[];
  /** Ours; those of the operator came before them. */
  arguments: string[];
  confinement: string;
}

const text = z.string().max(16_000).nullish();

const foundVideo = z.object({
  id: text,
  extractor_key: text,
  is_live: z.boolean().nullish(),
  live_status: text,
});
export type FoundVideo = z.infer<typeof foundVideo>;

/** A file as one of the formats that the site offers. */
const stream = z.object({
  /** Path that it says it wrote to; to be checked. */
  filepath: text,
  format_id: text,
  protocol: text,
  url: text,
  vcodec: text,
  acodec: text,
});
export type ExtractedStream = z.infer<typeof stream>;

const keptVideo = z.object({
  id: text,
  extractor_key: text,
  live_status: text,
  /** Seconds, as the site claims it. */
  duration: z.number().nullish(),
  webpage_url: text,
  requested_downloads: z
    .array(
      stream.extend({
        infojson_filename: text,
        /** Pictures and sound where the site has them apart; then the file itself doesn't exist. */
        requested_formats: z.array(stream).nullish(),
      }),
    )
    .nullish(),
});
export type KeptVideo = z.infer<typeof keptVideo>;

/** So many videos of one page; a channel has thousands. */
export const mostVideos = 8;

const progressWord = 'holdfast-progress';
/** Ways to fetch that go through the proxy. Others (RTMP, RTSP, web sockets) would not. */
const formats = ['bv*', 'ba', 'b'].map(
  (which) => `${which}[protocol~='^(https?|m3u8(_native)?|http_dash_segments|ism)$']`,
);

/** Every option is set, also to its default, so that nothing else decides. */
function optionsFor({ extractor, url, doorUrl, maxBytes }: ExtractorRun): string[] {
  const [picture, sound, both] = formats;
  const ifKnown = (option: string) => (extractor.knows(option) ? [option] : []);
  return [
    ...['--ignore-config', '--no-update', '--no-exec', '--no-cache-dir', '--no-cookies'],
    ...['--no-cookies-from-browser', ...ifKnown('--no-plugin-dirs')],
    ...ifKnown('--no-remote-components'),
    ...['--proxy', doorUrl, '--compat-options', 'no-certifi', '--xff', 'never'],
    ...['--default-search', 'error', '--no-playlist', '--playlist-end', String(mostVideos)],
    ...['--match-filters', '!is_live', '--max-filesize', String(maxBytes)],
    ...['--format', `${picture}+${sound}/${both}/${picture}/${sound}`],
    ...['--downloader', 'native', '--ffmpeg-location', 'none', '--fixup', 'never'],
    ...['--abort-on-unavailable-fragments', '--socket-timeout', '20', '--retries', '3'],
    ...['--fragment-retries', '3', '--extractor-retries', '2'],
    ...['--no-continue', '--no-mtime', '--restrict-filenames'],
    ...['--write-info-json', '--no-write-playlist-metafiles'],
    ...['--newline', '--progress-template', `download:${progressWord} %(progress)j`],
    ...['--print-to-file', `pre_process:%(.{${fieldsOf(foundVideo)}})j`, '../found.jsonl'],
    ...['--print-to-file', `after_video:%(.{${fieldsOf(keptVideo)}})j`, '../kept.jsonl'],
    ...['--output', '%(autonumber)s.%(ext)s', '--', url],
  ];
}

/** Where it writes, in the folder that a run was given. */
export function outputOf(folder: string): string {
  return join(folder, 'output');
}

function fieldsOf(shape: z.ZodObject): string {
  return Object.keys(shape.shape).join(',');
}

/** @throws the signal's reason, after the program and all it started have ended */
export async function runExtractor(
  run: ExtractorRun,
  signal: AbortSignal,
): Promise<ExtractorOutcome> {
  const output = outputOf(run.folder);
  await mkdir(output);
  await mkdir(join(run.folder, 'home'));
  await using doorSocket = await openDoorSocket(run.doorUrl);
  const full = new AbortController();
  const watch = setInterval(() => void stopWhenOver(output, run.maxBytes, full), 250);
  const said: string[] = [];
  let stopped: ExtractorOutcome['stopped'] = null;
  const [executable = '', ...operators] = run.extractor.command;
  const options = optionsFor(run);
  try {
    const ended = await runConfined(
      {
        executable,
        options: [...operators, ...options],
        operators,
        folder: output,
        writes: run.folder,
        timeLimitMs: run.timeLimitMs,
        doorSocket,
        environment: await environmentFor(run),
        onLine: (line) => passOn(line, said, run.onProgress),
      },
      AbortSignal.any([signal, full.signal]),
    ).catch((error: unknown) => {
      signal.throwIfAborted();
      stopped = stoppedBy(error, full.signal);
      return { complaints: [], broke: `stopped: ${stopped}` };
    });
    return {
      broke: ended.broke,
      stopped,
      complaints: ended.complaints,
      said,
      found: await listed(join(run.folder, 'found.jsonl'), foundVideo),
      kept: await listed(join(run.folder, 'kept.jsonl'), keptVideo),
      arguments: options,
      confinement: await doorConfinement(),
    };
  } finally {
    clearInterval(watch);
  }
}

/** @throws what stopped it, where that was no limit of its own */
function stoppedBy(error: unknown, full: AbortSignal): 'too-large' | 'timed-out' {
  if (full.aborted) return 'too-large';
  if (errorCode(error) === 'file-time-limit') return 'timed-out';
  throw error;
}

/** Its home is empty, and it trusts whom our own client trusts. */
async function environmentFor({ folder, extraCa }: ExtractorRun): Promise<Record<string, string>> {
  const home = join(folder, 'home');
  const authorities = join(folder, 'authorities.pem');
  await writeFile(authorities, [...rootCertificates, extraCa ?? ''].join('\n'), { flag: 'wx' });
  return {
    ...withoutHabits,
    HOME: home,
    TMPDIR: home,
    SSL_CERT_FILE: authorities,
    SSL_CERT_DIR: home,
  };
}

const progressLine = z.object({
  downloaded_bytes: z.number().nonnegative(),
  total_bytes: z.number().nullish(),
  speed: z.number().nullish(),
});

function passOn(line: string, said: string[], onProgress: ExtractorRun['onProgress']): void {
  if (!line.startsWith(progressWord)) {
    pushLine(said, line);
    return;
  }
  const told = progressLine.safeParse(jsonOf(line.slice(progressWord.length)));
  if (!told.success) return;
  const { downloaded_bytes: doneBytes, total_bytes: total, speed } = told.data;
  onProgress?.({ doneBytes, totalBytes: total ?? null, bytesPerSecond: Math.round(speed ?? 0) });
}

/** `--max-filesize` holds for files whose server names a length, not for streams in pieces. */
async function stopWhenOver(output: string, maxBytes: number, full: AbortController) {
  let sizeBytes = 0;
  for (const name of await readdir(output).catch(() => [])) {
    sizeBytes += (await lstat(join(output, name)).catch(() => null))?.size ?? 0;
  }
  if (sizeBytes > maxBytes) full.abort(new Error('the extractor wrote more than it may'));
}

/** Lines of JSON that the program wrote; what is of another shape is left out. */
async function listed<Line>(path: string, shape: z.ZodType<Line>): Promise<Line[]> {
  const lines = await readFile(path, 'utf8').catch(() => '');
  return lines.split('\n').flatMap((line) => {
    const parsed = shape.safeParse(jsonOf(line));
    return parsed.success ? [parsed.data] : [];
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
