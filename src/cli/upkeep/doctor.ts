import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { link, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import type { App } from '../../app.ts';
import { ConfigError } from '../../base/errors.ts';
import { exits } from '../../base/exit-codes.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { plural } from '../../base/plural.ts';
import { type Config, toolEnvironment } from '../../config/config.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';
import { firstLine } from '../../pipeline/tool-versions.ts';
import { printListing, shortSize } from '../terminal/output.ts';
import { configFor, formatOf, globals } from '../verb.ts';

const run = promisify(execFile);
const GB = 1e9;

/** `open`: an archive over a data folder that may be opened, see `homeToLookWith`; the same for all. */
type Diagnose = (config: Config, open: () => Promise<App>) => Promise<Omit<Diagnosis, 'what'>>;

const ok = (found: string) => ({ state: 'ok', found, fix: '' }) as const;
const warning = (found: string, fix: string) => ({ state: 'warning', found, fix }) as const;
const fault = (found: string, fix: string) => ({ state: 'fault', found, fix }) as const;

const diagnose: Record<string, Diagnose> = {
  node: async () => ok(process.version),
  browser: async (config) => {
    const { chromiumPath } = await import('../../browser/browser.ts');
    const path = await chromiumPath(config.tools);
    return ok(`${await firstLine(path, ['--version'])} at ${path}`);
  },
  sandbox: async (config) => {
    if (!config.tools.chromiumSandbox) {
      return warning(
        'switched off by HOLDFAST_CHROMIUM_SANDBOX',
        'unset it; until then every manifest says so',
      );
    }
    const { sandboxReport } = await import('../../browser/sandbox-report.ts');
    const report = await sandboxReport(config);
    return report.sandboxed
      ? ok(report.words)
      : fault(
          report.words,
          'allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1), and run holdfast setup',
        );
  },
  ffmpeg: async (config) => {
    const version = await firstLine(config.tools.ffmpeg, ['-version']);
    const probe = await firstLine(config.tools.ffprobe, ['-version']);
    return version && probe
      ? ok(version)
      : fault('not found', 'apt-get install ffmpeg, or set HOLDFAST_FFMPEG and HOLDFAST_FFPROBE');
  },
  pictures: () =>
    pictureLibrary().then(ok, (error: unknown) =>
      fault(
        `no picture can be read: ${firstLineOf(error)}`,
        'npm ci --include=optional: the native code of sharp is an optional package; and let everybody read the folder that Holdfast is installed in',
      ),
    ),
  'text in pictures': async (config) => {
    const { ocrLanguages } = config.inside;
    if (ocrLanguages.length === 0) return ok('switched off by HOLDFAST_OCR_LANGUAGES');
    if (!(await picturesLoad())) return warning('not checked: pictures cannot be read', '');
    const { openReader } = await import('../../media/inspect/ocr.ts');
    const signal = AbortSignal.timeout(20_000);
    const fix = `apt-get install tesseract-ocr ${ocrLanguages.map((name) => `tesseract-ocr-${name.replace('_', '-')}`).join(' ')}`;
    return await openReader(config.tools.tesseract, ocrLanguages, signal).then(
      ({ version, models, missing }) => {
        const found = `${version}, ${models.map(({ language }) => language).join(', ')}`;
        if (missing.length === 0) return ok(found);
        return warning(`${found}; not ${missing.join(', ')}`, fix);
      },
      (error: unknown) => warning(error instanceof Error ? error.message : String(error), fix),
    );
  },
  fonts: async () => {
    const missing: string[] = [];
    for (const [script, letter] of [
      ['Arabic', '62d'],
      ['CJK', '4e2d'],
      ['emoji', '1f600'],
    ] as const) {
      const { stdout } = await run('fc-list', [`:charset=${letter}`, 'family'], {
        env: toolEnvironment(),
      });
      if (stdout.trim() === '') missing.push(script);
    }
    return missing.length === 0
      ? ok('Arabic, CJK and emoji')
      : warning(
          `none for ${missing.join(', ')}: screenshots will show boxes`,
          'apt-get install fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji',
        );
  },
  'data folder': async (config) => {
    const made = await makeFolder(config.home, 0o700);
    const a = join(config.home, `.doctor-${process.pid}`);
    try {
      await writeFile(a, 'written by holdfast doctor\n', { flag: 'wx' });
      await link(a, `${a}-link`);
    } finally {
      await rm(`${a}-link`, { force: true });
      await rm(a, { force: true });
      if (made !== undefined) await rm(made, { recursive: true, force: true });
    }
    return ok(`${config.home}: files can be written and linked`);
  },
  disk: async (config) => {
    const { bavail, bsize } = await statfs(nearest(config.home));
    const free = bavail * bsize;
    const found = `${shortSize(free)} free`;
    return free > 5 * GB
      ? ok(found)
      : warning(
          found,
          'free some space: what does not fit is recorded as disk-full, and the capture is not complete',
        );
  },
  clock: async () => {
    const synced = await run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], {
      timeout: 3_000,
    })
      .then(({ stdout }) => stdout.trim())
      .catch(() => 'unknown');
    const found = `${new Date().toISOString()} (synchronised: ${synced})`;
    return synced === 'yes'
      ? ok(found)
      : warning(
          found,
          'run an NTP service such as chrony: the times in manifests come from this clock',
        );
  },
  'videos of other sites': async (config) => {
    const { ytdlp } = config.tools;
    if (ytdlp === null) return ok('switched off by HOLDFAST_YTDLP');
    const { findExtractor } = await import('../../media/other-sites/extractor-program.ts');
    const { doorConfinement, holdsToDoor } = await import('../../media/tools/confinement.ts');
    const extractor = await findExtractor(ytdlp, AbortSignal.timeout(60_000));
    if (extractor === null) {
      return warning(
        'no yt-dlp: only videos that pages play themselves are captured',
        'pipx install yt-dlp (the newest, since sites change), or set HOLDFAST_YTDLP to its path or to none',
      );
    }
    const found = `yt-dlp ${extractor.version}, ${await doorConfinement()}`;
    return (await holdsToDoor())
      ? ok(found)
      : warning(found, 'apt-get install bubblewrap, and allow user namespaces');
  },
  'tools and hostile files': async () => {
    const { confinement, meansOf } = await import('../../media/tools/confinement.ts');
    const found = await confinement();
    return (await meansOf()).by === 'bubblewrap'
      ? ok(found)
      : warning(
          found,
          'apt-get install bubblewrap (holdfast setup does), and allow user namespaces',
        );
  },
  'trusted time': async ({ seal: { tsaUrls, otsCalendars } }) => {
    if (tsaUrls.length + otsCalendars.length === 0) {
      return warning(
        "none: all times are this machine's own, and nobody else vouches for them",
        'holdfast init, or set HOLDFAST_TSA_URLS (RFC 3161) or HOLDFAST_OTS_CALENDARS',
      );
    }
    const found = `${plural(tsaUrls.length, 'timestamp authority', 'timestamp authorities')}, ${plural(otsCalendars.length, 'OpenTimestamps calendar')}`;
    return ok(`${found}; not contacted now; holdfast status lists what is pending`);
  },
  'alert channels': async ({ alerts: { file } }) => {
    const { readChannels } = await import('../../watch/alerts/channels.ts');
    const { checkChannel } = await import('../../watch/alerts/send.ts');
    try {
      const channels = await readChannels(file);
      for (const channel of channels) await checkChannel(channel);
      if (channels.length === 0) {
        return warning(
          `none in ${file}: no alerts are sent`,
          'holdfast init, or write the file (docs/alerts.md)',
        );
      }
      return ok(`${plural(channels.length, 'channel')}; holdfast alerts test NAME sends to one`);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return fault(error.problems.join('; '), `fix ${file}: until then no alerts are sent`);
    }
  },
  operator: async ({ operator }) =>
    operator === null
      ? warning(
          'nobody is named: manifests say "unnamed"',
          'holdfast init, or set HOLDFAST_OPERATOR',
        )
      : ok(operator),
  organisation: async ({ seal: { organisation } }) =>
    organisation === null
      ? warning('none is named in manifests', 'holdfast init, or set HOLDFAST_ORGANISATION')
      : ok(organisation),
  postgresql: async (config, open) => {
    const { version } = await serverOf(await open());
    return ok(`${version}, ${config.databaseUrl === null ? 'embedded' : 'from DATABASE_URL'}`);
  },
  search: async (_config, open) => {
    const { hasAddressIndex } = await import('../../catalog/searchable.ts');
    return (await hasAddressIndex((await open()).parts.database))
      ? ok('words and parts of links are looked up in indexes')
      : warning(
          'no pg_trgm: parts of links are found by reading every row; words are not affected',
          'let an administrator run "create extension pg_trgm schema public" in this database, then run holdfast migrate',
        );
  },
  queue: async (_config, open) => {
    const queue = await (await open()).queue();
    return ok(`BullMQ on ${queue.backend} ${await queue.version()}`);
  },
};

async function serverOf({ parts }: App): Promise<{ version: string }> {
  const { rows } = await parts.database.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  return rows[0] ?? { version: 'unknown' };
}

/** The data folder as it is; where none was made yet, one for the moment: a diagnosis must not decide what it will be. */
async function homeToLookWith({ home }: Config): Promise<{ folder: string } & AsyncDisposable> {
  if (existsSync(join(home, 'home.json')))
    return { folder: home, async [Symbol.asyncDispose]() {} };
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-doctor-'));
  return {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** The folder itself, or the one above it where it would be made. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

/** Looks at everything a capture needs. @param home a data folder that may be opened */
export async function diagnoses(config: Config, home: string): Promise<Diagnosis[]> {
  let opening: Promise<App> | undefined;
  const open = () => {
    opening ??= import('../../app.ts').then(({ openApp }) =>
      openApp({ ...config, home }, { make: 'any' }),
    );
    return opening;
  };
  try {
    const found: Diagnosis[] = [];
    for (const [what, examine] of Object.entries(diagnose))
      found.push({ what, ...(await examine(config, open).catch(asFault)) });
    return found;
  } finally {
    await opening?.then((app) => app.close()).catch(() => undefined);
  }
}

/** Looks at everything a capture needs. Exit code 0 when nothing is at fault, else 69. */
export async function doctor(command: Command): Promise<void> {
  const options = globals(command);
  const config = await configFor(options);
  await using home = await homeToLookWith(config);
  const found = await diagnoses(config, home.folder);
  printListing(
    found,
    {
      columns: [
        { title: 'WHAT', value: (row) => row.what },
        { title: 'STATE', value: (row) => row.state },
        { title: 'FOUND', value: (row) => row.found, wraps: true },
        { title: 'FIX', value: (row) => row.fix, wraps: true },
      ],
      id: (row) => row.what,
      record: (row) => ({ schema: 'holdfast.diagnosis/1', ...row }),
      nothing: '',
    },
    formatOf(options),
  );
  if (found.some(({ state }) => state === 'fault')) process.exitCode = exits.unreachable.code;
}

/** Of the decoder itself, started the way that jobs start it. */
async function pictureLibrary(): Promise<string> {
  const { openPictures } = await import('../../media/pictures/pictures.ts');
  await using pictures = openPictures(new AbortController().signal);
  return await pictures.library();
}

const picturesLoad = () =>
  pictureLibrary().then(
    () => true,
    () => false,
  );

function asFault(error: unknown): Omit<Diagnosis, 'what'> {
  return fault(firstLineOf(error), 'run holdfast setup, then holdfast doctor again');
}

function firstLineOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.split('\n')[0] ?? words;
}
