/** The browser: Chromium with its sandbox on, behind a door of its own. The only home of Playwright. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, CDPSession } from 'playwright';
import { UnreachableError } from '../base/errors.ts';
import { browserUser } from '../base/system-users.ts';
import { within } from '../base/time-limit.ts';
import { type ToolConfig, toolEnvironment } from '../config/config.ts';
import type { Door } from '../egress/egress.ts';
import { endNoted, notedPid, residentBytes } from './browser-process.ts';
import { type ProgramDigests, programsOf } from './browser-programs.ts';
import { sweepLeftovers } from './leftover-profiles.ts';
import type { StorageState } from './profiles.ts';
import {
  type BrowserLimits,
  browserLimits,
  type LimitReached,
  watchLimits,
} from './watch-limits.ts';

export interface LaunchOptions {
  tools: Pick<ToolConfig, 'chromium' | 'chromiumSandbox'>;
  /** Everything the browser sends goes through it, loopback included. */
  door: Door;
  /** One more authority that this browser trusts, for as long as it lives. */
  extraCaFile: string | null;
  /** A private folder for the note of the running browser, and for what Playwright lays down. */
  folder: string;
  /** Kills the browser and all its processes, whatever it is doing. */
  signal: AbortSignal;
  /** Other than `browserLimits`. */
  limits?: BrowserLimits;
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
  /** Digests of the file that was named and of the program that runs; never an error. */
  programs(): Promise<ProgramDigests>;
  /** Which of its limits it went beyond; what it did so with is gone. */
  limitReached(): LimitReached | null;
  /** Ends all its processes at once, whatever it is doing; it is closed as ever. */
  end(): Promise<void>;
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
  /** What all its processes together could take; null where nothing watches over that. */
  limits: BrowserLimits | null;
}

export interface ViewSettings {
  widthPx: number;
  heightPx: number;
  /** Device pixels for each of the page's; as a visit has it unless told otherwise. */
  scale?: number;
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

/** The screen that every page is told of, and the window on it: larger than the page by its own bars. */
export const desktop = {
  screen: { widthPx: 1920, heightPx: 1080 },
  bars: { widthPx: 8, heightPx: 85 },
} as const;

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
  // What a browser that a person starts does too: it does not tell pages that a program drives it.
  '--disable-blink-features=AutomationControlled',
  // A turn of the wheel arrives at once, so that what waits for the end of scrolling need not wait longer.
  '--disable-smooth-scrolling',
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
  // Whoever closes what was stopped does the same, and hears why it can't be done.
  const kill = () => void endNoted(note).catch(() => {});
  signal.addEventListener('abort', kill, { once: true });
  try {
    const named = await chromiumPath(tools);
    const { chromium } = await driver();
    const browser = await chromium.launch({
      executablePath: launcher,
      artifactsDir: folder,
      chromiumSandbox: tools.chromiumSandbox,
      proxy: { server: door.url },
      args: flags,
      env: toolEnvironment({
        HOLDFAST_BROWSER: named,
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
    const isWatched = process.platform === 'linux';
    const limits = isWatched ? (options.limits ?? browserLimits) : null;
    const how = { sandbox: tools.chromiumSandbox, runAs, limits };
    return await describe(browser, door, how, { named, note }, close);
  } catch (error) {
    await endNoted(note).catch(() => {}); // why there is no browser is what matters now
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
  how: Pick<BrowserFacts, 'sandbox' | 'runAs' | 'limits'>,
  { named, note }: { named: string; note: string },
  close: () => Promise<void>,
): Promise<OpenBrowser> {
  const session = await browser.newBrowserCDPSession();
  const { product, userAgent: headless } = await session.send('Browser.getVersion');
  // The same browser with a window says Chrome here; nothing else about it is changed.
  const userAgent = headless.replace('HeadlessChrome', 'Chrome');
  const leader = how.limits === null ? null : await notedPid(note);
  const watch = watchLimits(leader, how.limits ?? browserLimits, () => endNoted(note));
  await countWindows(session, watch.windowOpened);
  const ended = new Promise<void>((resolve) => {
    browser.once('disconnected', () => resolve());
  });
  return {
    door,
    facts: { product, userAgent, ...how },
    hasEnded: () => within(endNoticeMs, new AbortController().signal, ended).then(yes, no),
    newSession: () => browser.newBrowserCDPSession(),
    residentBytes: () => residentBytes(note),
    limitReached: watch.reached,
    end: () => endNoted(note),
    programs: async () => programsOf(named, await notedPid(note)),
    newContext: async ({
      widthPx,
      heightPx,
      scale = viewDefaults.scale,
      offline = false,
      storageState,
    }) => {
      const context = await browser.newContext({
        userAgent,
        viewport: { width: widthPx, height: heightPx },
        deviceScaleFactor: scale,
        locale: viewDefaults.locale,
        timezoneId: viewDefaults.timeZone,
        colorScheme: viewDefaults.colorScheme,
        serviceWorkers: 'allow',
        acceptDownloads: false,
        screen: { width: desktop.screen.widthPx, height: desktop.screen.heightPx },
        offline,
        ...(storageState === undefined ? {} : { storageState }),
      });
      return context;
    },
    async [Symbol.asyncDispose]() {
      watch.end();
      await close();
    },
  };
}

/** As the browser makes them: where there are many, Playwright tells of them only much later. */
async function countWindows(session: CDPSession, opened: (count: number) => void): Promise<void> {
  const windows = new Map<string, number>();
  session.on('Target.targetCreated', ({ targetInfo: { browserContextId = '' } }) => {
    const count = (windows.get(browserContextId) ?? 0) + 1;
    windows.set(browserContextId, count);
    opened(count);
  });
  const filter = [{ type: 'page' }, { exclude: true }];
  await session.send('Target.setDiscoverTargets', { discover: true, filter });
}

/**
 * The Chromium that will be used: the one that is configured, else the system's, else Playwright's.
 * @throws UnreachableError `no-browser`
 */
export async function chromiumPath(tools: Pick<ToolConfig, 'chromium'>): Promise<string> {
  if (tools.chromium !== null) return (await inPath(tools.chromium)) ?? tools.chromium;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']) {
    const found = await inPath(name);
    if (found !== null) return found;
  }
  const { chromium } = await driver();
  const own = chromium.executablePath();
  if (await isExecutable(own)) return own;
  throw new UnreachableError(
    'no-browser',
    'no Chromium was found: run holdfast setup, or name one in HOLDFAST_CHROMIUM',
  );
}

async function inPath(name: string): Promise<string | null> {
  if (name.includes('/')) return null;
  const folders = (toolEnvironment().PATH ?? '/usr/bin').split(delimiter).filter(Boolean);
  for (const folder of folders) {
    if (await isExecutable(join(folder, name))) return join(folder, name);
  }
  return null;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(yes, no);
}

const yes = () => true;
const no = () => false;

async function closeBrowser(browser: Browser, note: string): Promise<void> {
  const patience = new AbortController().signal;
  await within(closeTimeoutMs, patience, browser.close()).catch(() => {});
  await endNoted(note);
}
