/** A vault, a way out, and one browser with its recorder a visit: what the recorder is tested and proved with. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../../src/base/log.ts';
import { launchBrowser, type OpenBrowser } from '../../src/browser/browser.ts';
import { type BrowserLimits, browserLimits } from '../../src/browser/watch-limits.ts';
import { type Egress, type HttpClient, openEgress } from '../../src/egress/egress.ts';
import type { PageRecipe } from '../../src/model/plan.ts';
import { openRecorder } from '../../src/recorder/recorder.ts';
import { openFileVault } from '../../src/vault/files.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { type CaptureOptions, type PageVisit, visitPage } from '../../src/visit/visit-page.ts';
import { makeAuthority, type TestAuthority } from './authority.ts';
import { openPageServer, type PageServer, type Served } from './page-server.ts';
import type { PageSet } from './page-sets.ts';

export interface RecordingRig extends AsyncDisposable {
  folder: string;
  vault: Vault;
  egress: Egress;
  authority: TestAuthority;
  visit(url: string, options?: RigOptions): Promise<PageVisit>;
  visitSet(set: PageSet, options?: RigOptions): Promise<SetVisit>;
}

export type RigOptions = Partial<CaptureOptions> & {
  maxBytes?: number;
  documentTimeoutMs?: number;
  recipe?: Partial<PageRecipe>;
  /** Fetches again what the browser gives in pieces. */
  client?: HttpClient;
  /** Of the browser; `browserLimits` unless told otherwise. */
  limits?: BrowserLimits;
  signal?: AbortSignal;
  /** The browser as recorder and visit are to see it. */
  seenAs?(browser: OpenBrowser): OpenBrowser;
};

export interface SetVisit {
  made: PageVisit;
  served: Served[];
  sent: PageServer['sent'];
  url(path: string, host?: string): string;
}

export async function openRecordingRig(): Promise<RecordingRig> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-recorder-'));
  const authority = makeAuthority(folder, ['localhost', '127.0.0.1']);
  const vault = await openFileVault(join(folder, 'vault'));
  const egress = await openEgress(
    {
      upstreamProxy: null,
      dnsServers: [],
      extraCaFile: authority.file,
      allowPrivate: ['127.0.0.1/32', '::1/128'],
      exitLabel: null,
      hostIntervalMs: 0,
    },
    openLog('silent'),
  );
  const visit = (url: string, options: RigOptions = {}) =>
    visitOnce({ folder, vault, egress, authority }, url, options);
  return {
    folder,
    vault,
    egress,
    authority,
    visit,
    async visitSet(set, options = {}) {
      const { isSecure, routes, upgrade, path } = set;
      await using server = await openPageServer(routes, isSecure ? authority : null, upgrade);
      const { served, sent, url } = server;
      return { made: await visit(url(path), options), served, sent, url };
    },
    async [Symbol.asyncDispose]() {
      await egress[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function visitOnce(
  {
    folder,
    vault,
    egress,
    authority,
  }: Pick<RecordingRig, 'folder' | 'vault' | 'egress' | 'authority'>,
  url: string,
  {
    maxBytes = 1024 ** 3,
    documentTimeoutMs = 10_000,
    recipe = {},
    client = egress.client,
    seenAs = (browser) => browser,
    limits = browserLimits,
    signal = new AbortController().signal,
    ...options
  }: RigOptions,
): Promise<PageVisit> {
  await using door = await egress.openDoor();
  await using launched = await launchBrowser({
    tools: { chromium: null, chromiumSandbox: true },
    door,
    extraCaFile: authority.file,
    folder,
    limits,
    signal,
  });
  const browser = seenAs(launched);
  const bodies = await mkdtemp(join(folder, 'bodies-'));
  await using recorder = await openRecorder({
    browser,
    client,
    folder: bodies,
    maxBytes,
    documentTimeoutMs,
    signal,
  });
  const all = { timeoutMs: 20_000, maxHeightPx: 4_000, settleMs: 500, ...options };
  return await visitPage({ browser, recorder, vault }, pageRecipe(url, recipe), all, signal);
}

/** A page as it is, with nothing known of its platform. */
export function pageRecipe(url: string, more: Partial<PageRecipe> = {}): PageRecipe {
  return {
    view: 'page',
    url,
    focalSelector: null,
    overlays: [],
    wallMarkers: [],
    collectMedia: false,
    ...more,
  };
}
