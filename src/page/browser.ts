/** The browser: Chromium with its sandbox on, behind a door of its own. The only home of Playwright. */
import { constants } from 'node:fs';
import { access, readdir, readFile, rm, stat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, CDPSession } from 'playwright';
import { type ToolConfig, toolEnvironment } from '../config.ts';
import type { Door } from '../egress/egress.ts';
import { UnreachableError } from '../errors.ts';
import { within } from '../time-limit.ts';
import type { StorageState } from './profiles.ts';

export interface LaunchOptions {
  tools: Pick<ToolConfig, 'chromium' | 'chromiumSandbox'>;
  /** Everything the browser sends goes through it, loopback included. */
  door: Door;
  /** One more authority that this browser trusts, for as long as it lives. */
  extraCaFile: string | null;
  /** A private folder for the note of the running browser. */
  folder: string;
  /** Kills the browser and all its processes, whatever it is doing. */
  signal: AbortSignal;
}

export interface OpenBrowser extends AsyncDisposable {
  door: Door;
  facts: BrowserFacts;
  /** A fresh profile in memory: no cookies, no cache, nothing shared with other contexts. */
  newContext(view: ViewSettings): Promise<BrowserContext>;
  /** A session of the DevTools protocol with the browser itself. */
  newSession(): Promise<CDPSession>;
  /** Memory of the browser's own process; null where the system doesn't tell. */
  residentBytes(): Promise<number | null>;
  /** Whether the browser ended; its pages are told a moment before it is. */
  hasEnded(): Promise<boolean>;
}

/** How the browser was run: recorded with everything that it showed. */
export interface BrowserFacts {
  product: string;
  userAgent: string;
  sandbox: boolean;
  /** The system user it ran as, where that isn't the user of this process. */
  runAs: string | null;
}

export interface ViewSettings {
  widthPx: number;
  heightPx: number;
  /** No request at all may leave. */
  offline?: boolean;
  /** Cookies and storage of a named profile; without it nobody is logged in. */
  storageState?: StorageState;
}

/** What every page is told about place and language. Recorded with each screenshot. */
export const viewDefaults = {
  scale: 1,
  locale: 'en-US',
  timeZone: 'UTC',
  colorScheme: 'light',
} as const;

const browserUser = 'holdfast-browser';
const launcher = fileURLToPath(new URL('launch-unprivileged', import.meta.url));
const launchTimeoutMs = 30_000;
const closeTimeoutMs = 5_000;
const endNoticeMs = 1_000;

/** An address that never resolves, for calls that Chromium would make to Google for itself. */
const nowhere = 'https://browsers-own-calls.invalid';

const flags = [
  // Names, addresses and bytes must all pass the door: nothing over UDP.
  '--disable-quic',
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  // Calls that no page asked for.
  '--no-pings',
  '--disable-domain-reliability',
  '--disable-client-side-phishing-detection',
  `--gaia-url=${nowhere}`,
  '--disable-crash-reporter',
  // A page decides alone what plays and when it asks again.
  '--disable-auto-reload',
  '--mute-audio',
];

const driver = () => import('playwright');

/** Playwright takes most of a second to be read; where it is missing, the first launch says so. */
export function readDriver(): void {
  driver().catch(() => {});
}

/**
 * Starts a Chromium for one capture.
 * @throws UnreachableError `no-browser`, `browser-failed`
 */
export async function launchBrowser(options: LaunchOptions): Promise<OpenBrowser> {
  const { tools, door, extraCaFile, folder, signal } = options;
  signal.throwIfAborted();
  await sweepLeftovers();
  const runAs = process.getuid?.() === 0 ? browserUser : null;
  const note = join(folder, `browser-${process.pid}-${performance.now().toFixed(3)}.note`);
  const kill = () => void killNoted(note);
  signal.addEventListener('abort', kill, { once: true });
  try {
    const { chromium } = await driver();
    const browser = await chromium.launch({
      executablePath: launcher,
      chromiumSandbox: tools.chromiumSandbox,
      proxy: { server: door.url },
      args: flags,
      env: toolEnvironment({
        HOLDFAST_BROWSER: await chromiumPath(tools),
        HOLDFAST_BROWSER_NOTE: note,
        ...(runAs === null ? {} : { HOLDFAST_BROWSER_USER: runAs }),
        ...(extraCaFile === null ? {} : { HOLDFAST_EXTRA_CA: extraCaFile }),
      }),
      timeout: launchTimeoutMs,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    const close = async () => {
      signal.removeEventListener('abort', kill);
      await closeBrowser(browser, note);
    };
    if (signal.aborted) {
      await close();
      signal.throwIfAborted();
    }
    return await describe(browser, door, { sandbox: tools.chromiumSandbox, runAs }, note, close);
  } catch (error) {
    await killNoted(note);
    signal.removeEventListener('abort', kill);
    signal.throwIfAborted();
    if (error instanceof UnreachableError) throw error;
    const words = error instanceof Error ? error.message.slice(0, 2_000) : String(error);
    throw new UnreachableError('browser-failed', `the browser did not start: ${words}`, {
      cause: error,
    });
  }
}

async function describe(
  browser: Browser,
  door: Door,
  how: { sandbox: boolean; runAs: string | null },
  note: string,
  close: () => Promise<void>,
): Promise<OpenBrowser> {
  const session = await browser.newBrowserCDPSession();
  const { product, userAgent: headless } = await session.send('Browser.getVersion');
  await session.detach();
  // The same browser with a window says Chrome here; nothing else about it is changed.
  const userAgent = headless.replace('HeadlessChrome', 'Chrome');
  const ended = new Promise<void>((resolve) => {
    browser.once('disconnected', () => resolve());
  });
  return {
    door,
    facts: { product, userAgent, ...how },
    hasEnded: () => within(endNoticeMs, new AbortController().signal, ended).then(yes, no),
    newSession: () => browser.newBrowserCDPSession(),
    residentBytes: () => residentBytes(note),
    newContext: ({ widthPx, heightPx, offline = false, storageState }) =>
      browser.newContext({
        userAgent,
        viewport: { width: widthPx, height: heightPx },
        deviceScaleFactor: viewDefaults.scale,
        locale: viewDefaults.locale,
        timezoneId: viewDefaults.timeZone,
        colorScheme: viewDefaults.colorScheme,
        serviceWorkers: 'allow',
        acceptDownloads: false,
        offline,
        ...(storageState === undefined ? {} : { storageState }),
      }),
    [Symbol.asyncDispose]: close,
  };
}

/**
 * The Chromium that will be used: the one that is configured, else the system's, else Playwright's.
 * @throws UnreachableError `no-browser`
 */
export async function chromiumPath(tools: Pick<ToolConfig, 'chromium'>): Promise<string> {
  if (tools.chromium !== null) return tools.chromium;
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
  const folders = (toolEnvironment().PATH ?? '/usr/bin').split(delimiter).filter(Boolean);
  for (const name of names) {
    for (const folder of folders) {
      if (await isExecutable(join(folder, name))) return join(folder, name);
    }
  }
  const { chromium } = await driver();
  const own = chromium.executablePath();
  if (await isExecutable(own)) return own;
  throw new UnreachableError(
    'no-browser',
    'no Chromium was found: run scripts/setup.sh, or name one in HOLDFAST_CHROMIUM',
  );
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(yes, no);
}

const yes = () => true;
const no = () => false;

async function residentBytes(note: string): Promise<number | null> {
  try {
    const [pid = ''] = (await readFile(note, 'utf8')).split('\n');
    const status = await readFile(`/proc/${Number(pid)}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024 || null;
  } catch {
    return null;
  }
}

async function closeBrowser(browser: Browser, note: string): Promise<void> {
  const patience = new AbortController().signal;
  await within(closeTimeoutMs, patience, browser.close()).catch(() => {});
  await killNoted(note);
}

/** Ends every process of the browser that wrote this note, and removes its profile. */
async function killNoted(note: string): Promise<void> {
  const noted = await readFile(note, 'utf8').catch(() => '');
  const [pid = '', profile = ''] = noted.split('\n');
  if (!/^\d+$/.test(pid)) return;
  killGroup(Number(pid));
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  await rm(note, { force: true });
}

/** Playwright starts Chromium as the leader of a process group of its own. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

let swept: Promise<void> | null = null;

/** Removes, once a process, the profiles of browsers whose worker was killed outright. */
function sweepLeftovers(): Promise<void> {
  swept ??= removeDeadProfiles().catch(() => {});
  return swept;
}

async function removeDeadProfiles(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!/^playwright(_chromiumdev_profile|-artifacts)-/.test(name)) continue;
    const path = join(tmpdir(), name);
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
