/** Visits one page and keeps what it showed: every exchange, HTML, DOM, text, pictures, and which media are in it. */

import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright';
import { PermanentError, TransientError } from '../base/errors.ts';
import type { Reason } from '../base/reasons.ts';
import { within } from '../base/time-limit.ts';
import { type OpenBrowser, viewDefaults } from '../browser/browser.ts';
import type { ProgramDigests } from '../browser/browser-programs.ts';
import { sizeWindow, toldToPages } from '../browser/page-window.ts';
import type { StorageState } from '../browser/profiles.ts';
import type { NewArtifact } from '../model/artifact.ts';
import type { MediaRef, PageRecipe } from '../model/plan.ts';
import { isBadlyEncoded } from '../recorder/failures.ts';
import type { MainDocument, PageRecord } from '../recorder/page-record.ts';
import type { Recorder } from '../recorder/recorder.ts';
import type { Vault } from '../vault/vault.ts';
import type { RecordedExchange } from '../warc/exchange.ts';
import { followRefreshes, type PassedPage } from './follow-refresh.ts';
import { namesElement } from './fragment-target.ts';
import { FrameWorlds } from './frame-worlds.ts';
import { type Navigation, navigate } from './navigate.ts';
import { type Note, PageEvents } from './page-events.ts';
import { PageLook, type Settled } from './page-look.ts';
import { pageMedia } from './page-media.ts';
import { playerSigns } from './player-signs.ts';
import type { Shot } from './screenshots.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { withoutNul } from './visible-text.ts';
import { VisitArtifacts, viewport } from './visit-artifacts.ts';
import { storeVisitRecord } from './visit-record.ts';
import { isSoftNotFound } from './walls.ts';

export interface PageVisit extends Verdict {
  view: string;
  /** Why it isn't `done`; stable codes, see `failureReason`, and `focal-missing`, `is-download`, `too-large`, `renderer-crashed`, `page-closed`, `no-picture`. */
  reason: Reason | null;
  requestedUrl: string;
  /** Null: no page came. */
  finalUrl: string | null;
  httpStatus: number | null;
  title: string | null;
  text: string | null;
  /** Pages that led on to this one by themselves, in order. */
  passed: PassedPage[];
  /** The fragment of the address only names an element of the page. */
  namesElement: boolean;
  startedAt: string;
  artifacts: NewArtifact[];
  media: MediaRef[];
  /** What in the page speaks of a player; `null`: nobody looked, or nobody could. */
  players: string[] | null;
  /** Videos and sounds that played from memory, where no file has their name. */
  played: number;
  /** Bodies are files of the recorder's folder. */
  exchanges: RecordedExchange[];
  notes: Note[];
  /** How the page was visited and what was seen of it beyond the artifacts. Plain JSON. */
  facts: Record<string, unknown>;
}

export interface CaptureDeps {
  browser: OpenBrowser;
  recorder: Recorder;
  vault: Vault;
}

export interface CaptureOptions {
  /** The cut: from the start of the visit, load and scrolling included. Keeping what came takes a little longer. */
  timeoutMs: number;
  maxHeightPx: number;
  /** The page is settled when nothing was under way for so long. */
  settleMs: number;
  /** Cookies and storage of a named profile. */
  storageState?: StorageState;
}

/** For pictures, DOM and text after the cut: a page may keep its renderer busy without end. */
const keepingLimitMs = 90_000;
/** Of a context whose page does not answer; it ends with its browser at the latest. */
const closeLimitMs = 2_000;
/** For media that are fetched again. */
const refetchLimitMs = 90_000;

/**
 * Never throws for what a page does: that is the visit's state, reason and notes. Throws when
 * aborted, when the vault can't keep, and when the browser itself is gone.
 */
export async function visitPage(
  deps: CaptureDeps,
  recipe: PageRecipe,
  options: CaptureOptions,
  signal: AbortSignal,
): Promise<PageVisit> {
  signal.throwIfAborted();
  try {
    const { storageState } = options;
    const settings = { ...viewport, ...(storageState === undefined ? {} : { storageState }) };
    return await visitIn(await deps.browser.newContext(settings), deps, recipe, options, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(await deps.browser.hasEnded())) throw error;
    const limit = deps.browser.limitReached();
    if (limit !== null)
      throw new PermanentError(limit, 'the page wanted more of this machine than it may', {
        cause: error,
      });
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
  let visit: Visit;
  try {
    const page = await context.newPage();
    await sizeWindow(page, viewport).catch(() => {}); // what it became is recorded
    const record = await deps.recorder.watch(page, recipe.view);
    visit = new Visit(deps, recipe, options, page, record, signal);
    await visit.run();
  } finally {
    await within(closeLimitMs, new AbortController().signal, context.close()).catch(() => {});
  }
  return visit.end();
}

/** A page that does not answer for so long is busy without end. */
const answerLimitMs = 8_000;

/** One visit in the making: what is kept so far, and what the page has done. */
class Visit {
  readonly #deps: CaptureDeps;
  readonly #recipe: PageRecipe;
  readonly #options: CaptureOptions;
  readonly #page: Page;
  readonly #record: PageRecord;
  readonly #signal: AbortSignal;
  /** The same for looks at the page: over when nobody waits for them any more. */
  readonly #looking: AbortSignal;
  readonly #looked = new AbortController();
  readonly #events: PageEvents;
  readonly #artifacts: VisitArtifacts;
  /** Resolves when there is no page any more to look at. */
  readonly #gone: Promise<void>;
  #hasCrashed = false;
  #lacksPage = false;
  readonly #programs: Promise<ProgramDigests>;
  readonly #visit: PageVisit;
  #certificates: Awaited<ReturnType<PageRecord['certificates']>> = [];

  constructor(
    deps: CaptureDeps,
    recipe: PageRecipe,
    options: CaptureOptions,
    page: Page,
    record: PageRecord,
    signal: AbortSignal,
  ) {
    this.#deps = deps;
    this.#recipe = recipe;
    this.#options = options;
    this.#page = page;
    this.#record = record;
    this.#signal = signal;
    this.#looking = AbortSignal.any([signal, this.#looked.signal]);
    this.#programs = deps.browser.programs(); // while it runs
    this.#events = new PageEvents(page);
    const note = this.#note.bind(this);
    this.#artifacts = new VisitArtifacts(recipe.view, deps.vault, note, this.#looking);
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
      passed: [],
      namesElement: false,
      startedAt: new Date().toISOString(),
      artifacts: this.#artifacts.artifacts,
      media: [],
      players: null,
      played: 0,
      exchanges: [],
      notes: this.#events.notes,
      facts: {},
    };
  }

  /** All that needs the page. */
  async run(): Promise<void> {
    const cutAtMs = performance.now() + this.#options.timeoutMs;
    const limitMs = this.#options.timeoutMs + keepingLimitMs;
    this.#signal.throwIfAborted(); // while the page was opened: nobody would hear how its visit ends
    const looked = within(limitMs, this.#signal, this.#look(cutAtMs)).catch((error: unknown) => {
      this.#signal.throwIfAborted();
      if (!(error instanceof Error) || error.name !== 'TimeoutError') throw error;
      this.#end('failed', 'timed-out');
    });
    looked.catch(() => {}); // nobody waits for it once the page is gone
    // A page that leads on without end would be another one in each look at it.
    const staying = setTimeout(() => this.#record.stay(), this.#options.timeoutMs);
    const over = new AbortController();
    const mute = this.#untilMute(cutAtMs, AbortSignal.any([this.#signal, over.signal]));
    const isMute = await Promise.race([looked, this.#gone, mute]).finally(() => {
      clearTimeout(staying);
      over.abort();
      // What is still being looked at is of a page that is gone, or that does not answer.
      this.#looked.abort();
    });
    this.#signal.throwIfAborted();
    if (isMute === true) this.#end('failed', 'timed-out');
    if (this.#page.isClosed() && (await this.#deps.browser.hasEnded())) {
      throw new Error('the browser ended');
    }
    if (this.#page.isClosed()) this.#end('failed', 'page-closed');
    if (this.#hasCrashed)
      this.#end('failed', this.#deps.browser.limitReached() ?? 'renderer-crashed');
    this.#record.cut();
    this.#certificates = await this.#record.certificates(this.#signal);
  }

  /** Resolves where the page no longer answers at the cut; otherwise it never does. */
  #untilMute(cutAtMs: number, signal: AbortSignal): Promise<true> {
    const { promise, resolve } = Promise.withResolvers<true>();
    const ask = async () => {
      await sleep(Math.max(0, cutAtMs - performance.now()), null, { signal });
      await within(answerLimitMs, signal, this.#page.evaluate('0'));
    };
    ask().catch((error: unknown) => {
      if (!signal.aborted && error instanceof Error && error.name === 'TimeoutError') resolve(true);
    });
    return promise;
  }

  /** What is true of every visit, also of one that failed: exchanges, console, how it was made. */
  async end(): Promise<PageVisit> {
    const record = await this.#record.finish(refetchLimitMs);
    if (record.dropped > 0)
      this.#note('exchanges-capped', `${record.dropped} more requests were made than are listed`);
    if (this.#visit.reason === 'bad-content-encoding') await this.#storeAsSent(record.exchanges);
    Object.assign(this.#visit.facts, {
      browser: { ...this.#deps.browser.facts, programs: await this.#programs },
      viewport,
      ...viewDefaults,
    });
    await storeVisitRecord(this.#visit, record, {
      artifacts: this.#artifacts.goingOn(this.#signal),
      certificates: this.#certificates,
      consoleLines: this.#events.consoleLines,
      withhold: this.#options.storageState !== undefined,
    });
    return this.#visit;
  }

  async #look(cutAtMs: number): Promise<void> {
    const { door } = this.#deps.browser;
    const navigation = await navigate({
      page: this.#page,
      record: this.#record,
      door,
      url: this.#recipe.url,
      cutAtMs,
      signal: this.#looking,
    });
    if (navigation.came !== 'page') return this.#endWithoutPage(navigation);
    await this.#followRefreshes(cutAtMs);
    const worlds = await FrameWorlds.open(this.#page);
    const look = this.#lookInto(worlds, cutAtMs);
    const settled = await look.settle();
    Object.assign(this.#visit.facts, { settled, toldToPages: await this.#told(worlds) });
    const hasFocal = await this.#hasFocal(cutAtMs);
    const { shown } = this.#record;
    if (shown?.failure != null && isBadlyEncoded(shown.failure)) {
      Object.assign(this.#visit, { finalUrl: shown.url, httpStatus: shown.status });
      const [came, reason, words] = ['none', 'bad-content-encoding', shown.failure] as const;
      return this.#endWithoutPage({ came, reason, url: shown.url, words });
    }
    const selector = hasFocal ? this.#recipe.focalSelector : null;
    const shots = await look.shootWindow(selector);
    for (const shot of shots) await this.#artifacts.addShot(shot);
    await look.openWide();
    await this.#readPage(look);
    const verdict = await verdictOf({
      page: this.#page,
      recipe: this.#recipe,
      shown: this.#record.shown,
      hasFocal,
      text: this.#visit.text ?? '',
      connections: door.connections(),
      signal: this.#looking,
    });
    this.#found(verdict.state, verdict.reason);
    this.#noteHowItCame(settled);
    await this.#shootWhole(look, shots[0] ?? null);
    const recipe = { ...this.#recipe, focalSelector: selector };
    await this.#artifacts.addShot(await look.shootClean(recipe));
    if (this.#recipe.collectMedia)
      this.#visit.players = await playerSigns(this.#page, this.#record.files(), this.#looking);
  }

  /** What leads on by itself is kept, and followed as a visitor's browser would. */
  async #followRefreshes(cutAtMs: number): Promise<void> {
    const { passed, followed } = await followRefreshes({
      page: this.#page,
      record: this.#record,
      artifacts: this.#artifacts,
      view: this.#recipe.view,
      cutAtMs,
      keepReceived: (document, folder) => this.#storeReceived(document, `${folder}/`),
      signal: this.#looking,
    });
    this.#visit.passed = passed;
    if (followed.length > 0) this.#visit.facts.refreshes = followed;
  }

  /** What came is a file, or an answer without a page, or nothing. */
  async #endWithoutPage({ came, reason, url, words }: Navigation): Promise<void> {
    const isWanted = came === 'file' && this.#recipe.collectMedia;
    this.#found(isWanted ? 'skipped' : 'failed', reason);
    this.#lacksPage = true;
    if (came === 'none') this.#visit.facts.failure = { url, words };
    if (came === 'file') {
      this.#visit.players = [];
      this.#visit.httpStatus = this.#record.lastAsked?.status ?? null;
    }
    if (came === 'answer') await this.#keepAnswer(url, words);
    await this.#findMedia(came === 'file' ? url : null);
  }

  /** Status and headers are what was said; they are among the exchanges. */
  async #keepAnswer(url: string, words: string | null): Promise<void> {
    const { lastAsked: answer } = this.#record;
    const status = answer?.status ?? null;
    Object.assign(this.#visit, { finalUrl: url, httpStatus: status });
    if (answer !== null && (await answer.body())?.sizeBytes) await this.#storeReceived(answer);
    if (this.#recipe.focalSelector !== null) return this.#found('failed', 'focal-missing');
    if (status === 401) return this.#found('blocked', 'login-wall');
    if (status === 429) return this.#found('blocked', 'rate-limited');
    this.#found('done', null);
    this.#note('no-page', `the server answered ${status} and sent no page (${words})`);
  }

  #lookInto(worlds: FrameWorlds, cutAtMs: number): PageLook {
    const { settleMs, maxHeightPx } = this.#options;
    return new PageLook({
      page: this.#page,
      worlds,
      traffic: this.#record,
      artifacts: this.#artifacts,
      note: this.#note.bind(this),
      options: { cutAtMs, settleMs, maxHeightPx, signal: this.#looking },
    });
  }

  #told(worlds: FrameWorlds): Promise<unknown> {
    return this.#artifacts.attempt('facts', () => worlds.main.run<unknown>(toldToPages));
  }

  /** Whether the page has the element that the recipe is about, allowing it a moment to appear. */
  async #hasFocal(cutAtMs: number): Promise<boolean> {
    const selector = this.#recipe.focalSelector;
    if (selector === null) return true;
    const timeout = Math.min(5_000, Math.max(1_000, cutAtMs - performance.now()));
    const element = this.#page.locator(selector).first();
    return element.waitFor({ state: 'visible', timeout }).then(
      () => true,
      () => false,
    );
  }

  async #readPage(look: PageLook): Promise<void> {
    const page = this.#page;
    const visit = this.#visit;
    const artifacts = this.#artifacts;
    visit.finalUrl = page.url();
    visit.namesElement = await namesElement(page, this.#recipe.url, this.#looking);
    visit.httpStatus = this.#record.shown?.status ?? null;
    visit.title = await artifacts.attempt('title', async () => withoutNul(await page.title()));
    if (this.#record.shown !== null) await this.#storeReceived(this.#record.shown);
    visit.text = await look.read();
    if (visit.text !== null)
      await artifacts.add('text', 'text.txt', 'text/plain', visit.text, { charset: 'utf-8' });
  }

  async #storeReceived(answer: MainDocument, folder = ''): Promise<void> {
    if (!answer.finished || (answer.failure !== null && !answer.isWhole)) return;
    const body = await answer.body();
    if (body === null) return;
    const named = answer.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
    const mediaType = named?.split(';')[0]?.trim().toLowerCase() || 'application/octet-stream';
    const name = mediaType.includes('html') ? 'html.received.html' : 'html.received.bin';
    const bytes = createReadStream(body.path);
    await this.#artifacts.add('html.received', folder + name, mediaType, bytes, {
      url: folder === '' ? this.#visit.finalUrl : answer.url,
      bytes: 'the payload as Chromium decoded it from its transfer and content encodings',
    });
  }

  /** What is not in the coding that its server names can't be decoded: it is kept as it was sent. */
  async #storeAsSent(exchanges: RecordedExchange[]): Promise<void> {
    const url = this.#visit.finalUrl?.replace(/#.*$/s, '');
    const sent = exchanges.find((one) => one.refetched && one.url === url)?.response?.body ?? null;
    if (sent === null) return;
    const facts = { url: this.#visit.finalUrl, bytes: 'as they were sent, in whatever coding' };
    const [name, type] = ['html.received.bin', 'application/octet-stream'];
    const artifacts = this.#artifacts.goingOn(this.#signal);
    await artifacts.add('html.received', name, type, createReadStream(sent.path), facts);
  }

  #noteHowItCame(settled: Settled): void {
    if (!settled.quiet) {
      const [first] = settled.underWay ?? [];
      const waiting = first === undefined ? '' : ` (among others for ${first.slice(0, 300)})`;
      this.#note(
        'not-settled',
        `the page was still loading or asking at the cut${waiting}; it was kept as it stood`,
      );
    }
    if (!settled.loaded && this.#visit.state === 'done')
      this.#note('not-loaded', 'the page had not finished loading at the cut');
    if (isSoftNotFound(this.#visit.httpStatus, this.#visit.title))
      this.#note('soft-404', 'the page says that there is nothing at its address, with status 200');
  }

  async #shootWhole(look: PageLook, first: Shot | null): Promise<void> {
    const shots = await look.shootWhole(() => this.#findMedia(null));
    for (const shot of shots) await this.#artifacts.addShot(shot);
    const [whole] = shots;
    if (first !== null && whole !== undefined) await look.compare(first, whole);
    if (first === null && whole === undefined && this.#visit.state === 'done')
      this.#found('failed', 'no-picture');
  }

  /** `file`: the address of what came instead of a page. */
  async #findMedia(file: string | null): Promise<void> {
    if (!this.#recipe.collectMedia) return;
    const { media, omitted, played } = await pageMedia(
      this.#page,
      {
        files: this.#record.files(),
        downloads: this.#events.downloads.filter((url) => url !== file),
        file,
        isShown: this.#visit.finalUrl !== null && !this.#lacksPage,
      },
      this.#looking,
    );
    Object.assign(this.#visit, { media, played });
    if (omitted > 0)
      this.#note('media-capped', `${omitted} more pictures or videos were seen than are kept`);
  }

  #note(code: Note['code'], message: string): void {
    this.#events.note(code, message);
  }

  /** What a look came to; too late, it is nothing. */
  #found(state: PageVisit['state'], reason: Reason | null): void {
    this.#looking.throwIfAborted();
    this.#end(state, reason);
  }

  #end(state: PageVisit['state'], reason: Reason | null): void {
    Object.assign(this.#visit, { state, reason });
  }
}
