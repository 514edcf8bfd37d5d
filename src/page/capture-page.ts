/** Visits one page and keeps what it showed: exchanges, HTML, DOM, text, pictures, and which media are in it. */
import type { BrowserContext, Page } from 'playwright';
import type { NewArtifact } from '../artifact.ts';
import { TransientError } from '../errors.ts';
import type { MediaRef, PageRecipe } from '../plan.ts';
import { within } from '../time-limit.ts';
import type { Vault } from '../vault/vault.ts';
import { type OpenBrowser, viewDefaults } from './browser.ts';
import { type CertificateWatch, watchCertificates } from './certificates.ts';
import { connectionFor, ExchangeWatch } from './exchanges.ts';
import { failureReason } from './failures.ts';
import { fontFamilies } from './fonts.ts';
import { Incidents, type Note } from './incidents.ts';
import { pageMedia } from './page-media.ts';
import {
  pngSize,
  type Shot,
  shootClean,
  shootFocal,
  shootFull,
  shootViewport,
} from './screenshots.ts';
import { type Settled, settle } from './settle.ts';
import { visibleText, withoutNul } from './visible-text.ts';
import { findWall } from './walls.ts';

export interface PageVisit {
  view: string;
  state: 'done' | 'failed' | 'blocked';
  /** Why it isn't `done`; stable codes, see `failureReason`, and `focal-missing`, `is-download`, `renderer-crashed`, `page-closed`, `no-picture`. */
  reason: string | null;
  requestedUrl: string;
  /** Null: no page came. */
  finalUrl: string | null;
  httpStatus: number | null;
  title: string | null;
  text: string | null;
  artifacts: NewArtifact[];
  media: MediaRef[];
  notes: Note[];
  /** How the page was visited and what was seen of it beyond the artifacts. Plain JSON. */
  facts: Record<string, unknown>;
}

export interface CaptureDeps {
  browser: OpenBrowser;
  vault: Vault;
}

export interface CaptureOptions {
  /** The cut: from the start of the visit, load and scrolling included. Keeping what came takes a little longer. */
  timeoutMs: number;
  maxHeightPx: number;
  /** The page is settled when nothing was under way for so long; 2 s by default. */
  settleMs?: number;
}

const viewport = { widthPx: 1280, heightPx: 900 };
/** For pictures, DOM and text after the cut: a page may keep its renderer busy without end. */
const keepingLimitMs = 90_000;

/**
 * Never throws for what a page does: that is the visit's state, reason and notes. Throws when
 * aborted, when the vault can't keep, and when the browser itself is gone.
 */
export async function capturePage(
  deps: CaptureDeps,
  recipe: PageRecipe,
  options: CaptureOptions,
  signal: AbortSignal,
): Promise<PageVisit> {
  signal.throwIfAborted();
  try {
    return await visitIn(await deps.browser.newContext(viewport), deps, recipe, options, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(await deps.browser.hasEnded())) throw error;
    throw new TransientError('browser-crashed', 'the browser ended during a visit', {
      cause: error,
    });
  }
}

async function visitIn(
  context: BrowserContext,
  deps: CaptureDeps,
  recipe: PageRecipe,
  options: CaptureOptions,
  signal: AbortSignal,
): Promise<PageVisit> {
  try {
    const page = await context.newPage();
    const certificates = await watchCertificates(page);
    return await new Visit(deps, recipe, options, page, certificates, signal).run();
  } finally {
    await within(5_000, new AbortController().signal, context.close()).catch(() => {});
  }
}

/** One visit in the making: what is kept so far, and what the page has done. */
class Visit {
  readonly #deps: CaptureDeps;
  readonly #recipe: PageRecipe;
  readonly #options: CaptureOptions;
  readonly #page: Page;
  readonly #certificates: CertificateWatch;
  readonly #signal: AbortSignal;
  readonly #watch: ExchangeWatch;
  readonly #incidents: Incidents;
  /** Resolves when there is no page any more to look at. */
  readonly #gone: Promise<void>;
  #hasCrashed = false;
  readonly #visit: PageVisit;

  constructor(
    deps: CaptureDeps,
    recipe: PageRecipe,
    options: CaptureOptions,
    page: Page,
    certificates: CertificateWatch,
    signal: AbortSignal,
  ) {
    this.#deps = deps;
    this.#recipe = recipe;
    this.#options = options;
    this.#page = page;
    this.#certificates = certificates;
    this.#signal = signal;
    // The seam for a fuller recorder: whatever watches the exchanges answers the same few questions.
    this.#watch = new ExchangeWatch(page);
    this.#incidents = new Incidents(page);
    this.#gone = new Promise((resolve) => {
      page.once('close', () => resolve());
      page.once('crash', () => {
        this.#hasCrashed = true;
        resolve();
      });
    });
    this.#visit = {
      view: recipe.view,
      state: 'failed',
      reason: null,
      requestedUrl: recipe.url,
      finalUrl: null,
      httpStatus: null,
      title: null,
      text: null,
      artifacts: [],
      media: [],
      notes: this.#incidents.notes,
      facts: {},
    };
  }

  async run(): Promise<PageVisit> {
    const startedAt = new Date();
    const cutAtMs = performance.now() + this.#options.timeoutMs;
    const limitMs = this.#options.timeoutMs + keepingLimitMs;
    const looked = within(limitMs, this.#signal, this.#look(cutAtMs)).catch((error: unknown) => {
      this.#signal.throwIfAborted();
      if (!(error instanceof Error) || error.name !== 'TimeoutError') throw error;
      this.#end('failed', 'timed-out');
    });
    looked.catch(() => {}); // nobody waits for it once the page is gone
    await Promise.race([looked, this.#gone]);
    this.#signal.throwIfAborted();
    if (this.#page.isClosed() && (await this.#deps.browser.hasEnded())) {
      throw new Error('the browser ended');
    }
    if (this.#page.isClosed()) this.#end('failed', 'page-closed');
    if (this.#hasCrashed) this.#end('failed', 'renderer-crashed');
    await this.#keepRecord(startedAt);
    return this.#visit;
  }

  async #look(cutAtMs: number): Promise<void> {
    const failure = await this.#arrive(cutAtMs);
    if (failure !== null) {
      this.#end('failed', failure);
      await this.#findMedia();
      return;
    }
    const settled = await settle(this.#page, this.#watch, {
      cutAtMs,
      settleMs: this.#options.settleMs ?? 2_000,
      maxHeightPx: this.#options.maxHeightPx,
      signal: this.#signal,
    });
    if (!settled.quiet)
      this.#note(
        'not-settled',
        'the page was still loading or asking at the cut; it was kept as it stood',
      );
    Object.assign(this.#visit.facts, { settled });
    const focal = await this.#focalIsThere(cutAtMs);
    await this.#readPage();
    await this.#judge(focal, settled);
    await this.#shoot(focal);
    await this.#findMedia();
  }

  /** Goes to the address. The reason code when no page came of it. */
  async #arrive(cutAtMs: number): Promise<string | null> {
    try {
      const timeout = Math.max(1, Math.ceil(cutAtMs - performance.now()));
      await this.#page.goto(this.#recipe.url, { waitUntil: 'commit', timeout });
      return null;
    } catch (error) {
      this.#signal.throwIfAborted();
      const told = error instanceof Error ? error.message : String(error);
      const words = /ERR_|Timeout|Download/.test(told)
        ? told
        : (this.#watch.lastAsked?.failure ?? told);
      const url = this.#watch.lastAsked?.url ?? this.#recipe.url;
      if (/Download is starting/.test(told)) return this.#isDownload(url);
      const reason = failureReason(
        words,
        connectionFor(url, this.#deps.browser.door.connections()),
      );
      this.#visit.facts.failure = { url, words: words.slice(0, 500) };
      return reason;
    }
  }

  #isDownload(url: string): 'is-download' {
    if (!this.#incidents.downloads.includes(url)) this.#incidents.downloads.push(url);
    return 'is-download';
  }

  /** Whether the page has the element that the recipe is about, allowing it a moment to appear. */
  async #focalIsThere(cutAtMs: number): Promise<boolean> {
    const selector = this.#recipe.focalSelector;
    if (selector === null) return true;
    const timeout = Math.min(5_000, Math.max(1_000, cutAtMs - performance.now()));
    const element = this.#page.locator(selector).first();
    return element.waitFor({ state: 'visible', timeout }).then(
      () => true,
      () => false,
    );
  }

  async #readPage(): Promise<void> {
    const page = this.#page;
    const visit = this.#visit;
    const response = this.#watch.shown?.response ?? null;
    visit.finalUrl = page.url();
    visit.httpStatus = response?.status() ?? null;
    visit.title = await this.#attempt('title', async () => withoutNul(await page.title()));
    const received = await this.#attempt(
      'html.received',
      () => this.#watch.shown?.body ?? Promise.resolve(null),
    );
    if (received !== null) {
      const mediaType =
        response?.headers()['content-type']?.split(';')[0]?.trim().toLowerCase() ||
        'application/octet-stream';
      await this.#keep(
        'html.received',
        mediaType.includes('html') ? 'html.received.html' : 'html.received.bin',
        mediaType,
        received,
        {
          url: visit.finalUrl,
          bytes: 'the payload as Chromium decoded it from its transfer and content encodings',
        },
      );
    }
    const dom = await this.#attempt('dom.rendered', () => page.content());
    if (dom !== null)
      await this.#keep('dom.rendered', 'dom.rendered.html', 'text/html', dom, { charset: 'utf-8' });
    visit.text = await this.#attempt('text', () => visibleText(page, this.#signal));
    if (visit.text !== null)
      await this.#keep('text', 'text.txt', 'text/plain', visit.text, { charset: 'utf-8' });
  }

  /** Content, a wall, or neither. The thing itself in the page outweighs every sign of a wall. */
  async #judge(focal: boolean, settled: Settled): Promise<void> {
    const main = this.#watch.shown;
    const aboutOneThing = this.#recipe.focalSelector !== null;
    if (!(aboutOneThing && focal)) {
      const wall = await findWall({
        page: this.#page,
        response: main?.response ?? null,
        markers: this.#recipe.wallMarkers,
        text: this.#visit.text ?? '',
        signal: this.#signal,
      });
      if (wall !== null) return this.#end('blocked', wall);
    }
    if (!focal) return this.#end('failed', 'focal-missing');
    if (main !== null && !main.finished) return this.#end('failed', 'timed-out');
    if (main?.failure) {
      const connection = connectionFor(main.url, this.#deps.browser.door.connections());
      return this.#end('failed', failureReason(main.failure, connection));
    }
    if (!settled.loaded) this.#note('not-loaded', 'the page had not finished loading at the cut');
    this.#end('done', null);
  }

  async #shoot(focal: boolean): Promise<void> {
    const { maxHeightPx } = this.#options;
    const selector = focal ? this.#recipe.focalSelector : null;
    const first = await this.#attempt('screenshot.viewport', () => shootViewport(this.#page));
    await this.#keepShot(first);
    const full = await this.#attempt('screenshot.full', () => shootFull(this.#page, maxHeightPx));
    await this.#keepShot(full);
    if (full?.facts.cappedAtPx)
      this.#note(
        'height-capped',
        `the page is ${full.facts.pageHeightPx} px high; the picture ends at ${maxHeightPx} px`,
      );
    if (selector !== null)
      await this.#keepShot(
        await this.#attempt('screenshot.focal', () => shootFocal(this.#page, selector)),
      );
    await this.#keepShot(
      await this.#attempt('screenshot.clean', () =>
        shootClean(this.#page, { ...this.#recipe, focalSelector: selector }),
      ),
    );
    if (first === null && full === null && this.#visit.state === 'done')
      this.#end('failed', 'no-picture');
  }

  async #findMedia(): Promise<void> {
    if (!this.#recipe.collectMedia) return;
    const { media, omitted } = await pageMedia(
      this.#page,
      await this.#watch.responses(),
      this.#incidents.downloads,
      this.#signal,
    );
    this.#visit.media = media;
    if (omitted > 0)
      this.#note('media-capped', `${omitted} more pictures or videos were seen than are kept`);
  }

  /** What is true of every visit, also of one that failed: exchanges, console, how it was made. */
  async #keepRecord(startedAt: Date): Promise<void> {
    const { browser } = this.#deps;
    const exchanges = await this.#watch.exchanges(browser.door);
    const urls = exchanges.filter(({ status }) => status !== null).map(({ url }) => url);
    const certificates = await this.#certificates(urls, this.#signal);
    if (this.#watch.dropped > 0)
      this.#note(
        'exchanges-capped',
        `${this.#watch.dropped} more requests were made than are listed`,
      );
    const record = {
      schema: 'holdfast.exchanges/1',
      recordedBy: 'playwright',
      requestedUrl: this.#recipe.url,
      finalUrl: this.#visit.finalUrl,
      startedAt: startedAt.toISOString(),
      redirects: redirectsOf(exchanges, this.#visit.finalUrl),
      exchanges,
      certificates,
      webSockets: this.#incidents.webSockets,
      door: browser.door.connections(),
      fonts: await fontFamilies(),
    };
    await this.#keep(
      'exchanges',
      'exchanges.json',
      'application/json',
      `${JSON.stringify(record)}\n`,
      {},
    );
    const lines = this.#incidents.consoleLines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await this.#keep('console', 'console.jsonl', 'application/jsonl', lines, {});
    const counts = {
      requests: exchanges.length + this.#watch.dropped,
      failed: exchanges.filter(({ failure }) => failure !== null).length,
    };
    Object.assign(this.#visit.facts, {
      ...this.#view(),
      ...counts,
      startedAt: startedAt.toISOString(),
      endedAt: new Date().toISOString(),
    });
  }

  #view(): Record<string, unknown> {
    return {
      recordedBy: 'playwright',
      browser: this.#deps.browser.facts,
      viewport,
      ...viewDefaults,
      serviceWorkers: 'blocked',
    };
  }

  async #keepShot(shot: Shot | null): Promise<void> {
    if (shot === null) return;
    const artifact = await this.#keep(shot.role, `${shot.role}.png`, 'image/png', shot.png, {
      ...shot.facts,
      viewport,
      ...viewDefaults,
    });
    artifact.media = pngSize(shot.png);
  }

  async #keep(
    role: string,
    name: string,
    mediaType: string,
    bytes: Uint8Array | string,
    facts: Record<string, unknown>,
  ): Promise<NewArtifact> {
    const stored = await this.#deps.vault.put(bytes, { signal: this.#signal });
    const artifact: NewArtifact = {
      role,
      name: `${this.#recipe.view}/${name}`,
      mediaType,
      ...stored,
      derivedFrom: null,
      facts: { view: this.#recipe.view, ...facts },
    };
    this.#visit.artifacts.push(artifact);
    return artifact;
  }

  /** One look at the page. A page that doesn't let itself be looked at costs that one thing, and a note. */
  async #attempt<Value>(what: string, look: () => Promise<Value>): Promise<Value | null> {
    try {
      return await within(25_000, this.#signal, look());
    } catch (error) {
      this.#signal.throwIfAborted();
      const words = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      this.#note('not-kept', `${what}: ${words.slice(0, 300)}`);
      return null;
    }
  }

  #note(code: string, message: string): void {
    this.#incidents.note(code, message);
  }

  #end(state: PageVisit['state'], reason: string | null): void {
    Object.assign(this.#visit, { state, reason });
  }
}

/** The chain of redirects that ends at the final address, first hop first. */
function redirectsOf(
  exchanges: {
    url: string;
    status: number | null;
    redirectedFrom: string | null;
    startedAt: string;
  }[],
  finalUrl: string | null,
): { url: string; status: number | null }[] {
  const chain: { url: string; status: number | null }[] = [];
  let url = finalUrl?.replace(/#.*$/s, '') ?? null;
  while (url !== null && chain.length < 50) {
    const exchange = exchanges.find(
      (one) => one.url === url && !chain.some((hop) => hop.url === url),
    );
    if (exchange === undefined) break;
    chain.unshift({ url: exchange.url, status: exchange.status });
    url = exchange.redirectedFrom;
  }
  return chain;
}
