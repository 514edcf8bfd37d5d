/**
 * Records every exchange of one browser, without changing any: a session with the browser itself
 * pauses each response, whoever asked (pages, frames of other sites, workers, service workers);
 * sessions with the pages and all below them tell of true headers, protocol, TLS and sockets.
 *
 * What is paused is read whole (documents, small files of announced size), or goes on at once
 * while the page's session passes on each piece that the page is given. Of media and large files
 * those pieces are only counted and hashed; the file is fetched again whole and must hold them.
 * Redirects, 204s and the like have no body.
 */

import type { CDPSession, Page } from 'playwright';
import type { BrowserRule } from '../base/reasons.ts';
import { within } from '../base/time-limit.ts';
import type { OpenBrowser } from '../browser/browser.ts';
import { browserLimits } from '../browser/watch-limits.ts';
import type { HttpClient } from '../egress/egress.ts';
import { BodyStore } from './body-store.ts';
import { type Entry, ExchangeLedger } from './exchange-ledger.ts';
import { isBadlyEncoded } from './failures.ts';
import { type MetWindow, OpenedWindows } from './opened-windows.ts';
import { type PageRecord, pageRecord } from './page-record.ts';
import { PassingBody } from './passing-body.ts';
import { PausedAnswers } from './paused-answers.ts';
import { type Listeners, type ProtocolSession, sessionOf } from './protocol.ts';
import { MemoryReclaimer } from './reclaim-memory.ts';
import { Refetches } from './refetch.ts';
import { Streams } from './streams.ts';
import { ServiceWorkerScripts } from './targets/service-worker-scripts.ts';
import { TargetTree, type TargetWatcher } from './targets/target-tree.ts';
import { webSocketListeners } from './web-socket-log.ts';

export interface RecorderOptions {
  browser: OpenBrowser;
  /** For media and large files; behind the same policy as the door. */
  client: HttpClient;
  /** Scratch of the vault, where bodies wait for their place. */
  folder: string;
  /** Decoded bytes of all bodies together. */
  maxBytes: number;
  /** A document that hasn't come whole by then is asked for again and shown as it comes. */
  documentTimeoutMs?: number;
  signal: AbortSignal;
}

export interface Recorder extends AsyncDisposable {
  /** Records what this page does. Before it goes anywhere; `view` names it in every exchange. */
  watch(page: Page, view: string): Promise<PageRecord>;
}

/** Before the browser has any page that should be recorded. */
export async function openRecorder(options: RecorderOptions): Promise<Recorder> {
  const session = await options.browser.newSession();
  const recorder = new BrowserRecorder(options, session);
  await recorder.start();
  return recorder;
}

class BrowserRecorder implements Recorder {
  readonly #options: RecorderOptions;
  readonly #browser: ProtocolSession;
  readonly #session: CDPSession;
  readonly #bodies: BodyStore;
  readonly #ledger: ExchangeLedger;
  readonly #refetches: Refetches;
  readonly #streams: Streams;
  readonly #paused: PausedAnswers;
  readonly #pages = new Map<string, PageRecord>();
  /** By the browser context, one a view. */
  readonly #views = new Map<string, string>();
  readonly #windows = new Map<string, OpenedWindows>();
  /** Documents that didn't come whole in time: next time they are shown as they come. */
  readonly #late = new Set<string>();
  /** What they fetch for a page passes them by unseen: it is read before. */
  readonly #serviceWorkers = new Set<ProtocolSession>();
  readonly #memory = new MemoryReclaimer();
  readonly #busy = new Set<Promise<void>>();
  #tree: TargetTree | null = null;

  constructor(options: RecorderOptions, session: CDPSession) {
    this.#options = options;
    this.#session = session;
    this.#browser = sessionOf(session);
    this.#bodies = new BodyStore(options.folder, options.maxBytes);
    this.#ledger = new ExchangeLedger((entry) => {
      // A page may have thousands of them: no file is held open for longer than it is written to.
      if (entry.state !== 'open') void endBodies(entry);
      this.#memory.request();
      this.#changed(entry);
    });
    const { signal } = options;
    this.#refetches = new Refetches(options.client, this.#bodies, this.#ledger, signal);
    this.#streams = new Streams(this.#ledger, this.#bodies, this.#memory, signal);
    this.#paused = new PausedAnswers({
      ...options,
      session: this.#browser,
      bodies: this.#bodies,
      ledger: this.#ledger,
      refetches: this.#refetches,
      streams: this.#streams,
      late: this.#late,
      serviceWorkers: this.#serviceWorkers,
      isAwaited: (entry) => [...this.#pages.values()].some((page) => page.isAwaited(entry)),
      mustNotCome: (entry) => [...this.#pages.values()].some((page) => page.mustNotCome(entry)),
      changed: (entry) => this.#changed(entry),
    });
  }

  async start(): Promise<void> {
    this.#browser.listen({
      'Fetch.requestPaused': (event) => {
        const handled = this.#paused.pass(event).finally(() => this.#busy.delete(handled));
        this.#busy.add(handled);
      },
    });
    await this.#browser.send('Fetch.enable', {
      patterns: [{ urlPattern: '*', requestStage: 'Response' }],
    });
    this.#tree = await TargetTree.open(this.#browser, (target) => {
      const view = this.#views.get(target.browserContextId ?? '');
      if (target.type !== 'page') return this.#watcher(view ?? this.#firstView());
      if (view === undefined) return 'unwatched';
      const window = this.#windows.get(view)?.meet(target) ?? null;
      return window === null ? 'unwanted' : this.#watcher(view, window);
    });
  }

  async watch(page: Page, view: string): Promise<PageRecord> {
    const session = sessionOf(await page.context().newCDPSession(page));
    const windows = new OpenedWindows({
      most: (this.#options.browser.facts.limits ?? browserLimits).windows - 1,
      ledger: this.#ledger,
      close: async (targetId) => this.#tree?.close(targetId),
      signal: this.#options.signal,
    });
    this.#windows.set(view, windows);
    const scripts = new ServiceWorkerScripts(this.#ledger);
    const record = pageRecord({
      view,
      windows,
      page,
      session,
      ledger: this.#ledger,
      refetches: this.#refetches,
      door: this.#options.browser.door,
      tellUnheardOf: () => {
        for (const url of scripts.unheardOf())
          this.#ledger.willBeSent(begun(`unheard-of:${url}`, url, 'Script'), session, view);
      },
      isFirst: this.#pages.size === 0,
      isLate: (url) => this.#late.has(url),
      settled: async () => {
        await Promise.all(this.#busy);
        this.#memory.look();
      },
    });
    this.#pages.set(view, record);
    const { targetInfo } = await session.send('Target.getTargetInfo');
    await this.#listen(session, view);
    windows.hear(session);
    await scripts.hear(session);
    await this.#tree?.watchBelow(targetInfo.targetId, this.#watcher(view));
    // Whatever page comes from here on in this context, this one has opened.
    this.#views.set(targetInfo.browserContextId ?? '', view);
    await record.begin(targetInfo.targetId);
    return record;
  }

  #changed(entry: Entry): void {
    this.#pages.get(entry.view ?? this.#firstView())?.changed(entry);
  }

  #firstView(): string {
    return this.#pages.keys().next().value ?? '';
  }

  #watcher(view: string, window: MetWindow | null = null): TargetWatcher {
    return {
      opened: (below, { type }) => {
        if (type === 'service_worker') this.#serviceWorkers.add(below);
        if (type === 'page' || type === 'iframe') this.#windows.get(view)?.hear(below);
        window?.sessions.add(below);
        if (type === 'page') this.#followWindow(below);
        this.#listen(below, view, window).catch(() => {});
      },
      closed: (below) => {
        if (window?.sessions.values().next().value === below) window.isGone = true;
        this.#ledger.abandon((entry) => entry.session === below);
      },
    };
  }

  /** Nobody tells how the requests of the document before ended, once another is shown. */
  #followWindow(session: ProtocolSession): void {
    session.listen({
      'Page.frameNavigated': ({ frame: { id, loaderId } }) =>
        this.#ledger.abandon(
          (one) => one.frameId === id && one.loaderId !== loaderId && one.type !== 'document',
        ),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await within(2_000, new AbortController().signal, this.#session.detach()).catch(() => {});
    await Promise.all(this.#ledger.entries.map(endBodies));
  }

  async #listen(
    session: ProtocolSession,
    view: string,
    window: MetWindow | null = null,
  ): Promise<void> {
    const asked = (entry: Entry) => {
      if (window !== null) window.hasBegun = true;
      this.#pages.get(view)?.asked(entry);
    };
    session.listen(this.#listeners(session, view, asked));
    await session.send('Network.enable');
  }

  /** What a session of a page, or of something below it, tells. */
  #listeners(session: ProtocolSession, view: string, asked: (entry: Entry) => void): Listeners {
    const ledger = this.#ledger;
    return {
      'Network.requestWillBeSent': (event) => {
        if (!/^https?:/i.test(event.request.url)) return;
        const entry = ledger.willBeSent(event, session, view);
        if (entry !== null) asked(entry);
      },
      'Network.requestWillBeSentExtraInfo': (event) =>
        ledger.requestExtra(event.requestId, event.headers),
      'Network.responseReceivedExtraInfo': (event) => ledger.responseExtra(event),
      'Network.responseReceived': (event) => {
        const entry = ledger.received(event, session, view);
        if (entry !== undefined && this.#late.has(entry.url) && entry.type === 'document')
          this.#streams.begin(entry, session).catch(() => {});
      },
      'Network.requestServedFromCache': ({ requestId }) => ledger.servedFromCache(requestId),
      'Network.dataReceived': (event) => this.#streams.given(event),
      'Network.loadingFinished': ({ requestId, encodedDataLength }) => {
        const entry = ledger.toldBy(session, view, requestId);
        if (entry !== undefined && lacksPieces(entry, encodedDataLength))
          entry.bodyTrouble ??= 'evicted';
        ledger.end(entry, null);
      },
      'Network.loadingFailed': (event) => {
        const { errorText, canceled = false, blockedReason, corsErrorStatus } = event;
        const rule = (corsErrorStatus !== undefined ? 'cors' : blockedReason) as BrowserRule;
        const entry = ledger.toldBy(session, view, event.requestId);
        ledger.end(entry, { words: errorText, canceled, rule: rule ?? null });
        if (entry !== undefined && isBadlyEncoded(errorText)) this.#refetchAsSent(entry);
      },
      ...webSocketListeners(ledger, this.#bodies, (requestId, url) => {
        const entry = ledger.willBeSent(begun(requestId, url, 'WebSocket'), session, view);
        if (entry !== null) entry.hasExtraInfo = false;
      }),
    };
  }

  /** Nothing of it was given to the page, and what came can't be read as it is called. */
  #refetchAsSent(entry: Entry): void {
    if (entry.method !== 'GET') {
      entry.bodyTrouble = 'evicted';
      return;
    }
    const passing = new PassingBody();
    Object.assign(entry, {
      body: null,
      isWhole: false,
      isStreamed: false,
      bodyTrouble: null,
      passing,
    });
    this.#refetches.want(entry);
  }
}

/** A request of which Chromium tells no more than that. */
function begun(requestId: string, url: string, type: 'WebSocket' | 'Script') {
  return {
    ...{ requestId, type, loaderId: '', documentURL: '' },
    request: { url, method: 'GET', headers: {} },
    wallTime: Date.now() / 1000,
    redirectHasExtraInfo: false,
  };
}

/** Never an error: whoever asks for the body later is told. */
async function endBodies({ body, requestBody }: Entry): Promise<void> {
  await body?.end().catch(() => {});
  await requestBody?.end().catch(() => {});
}

/** The end of a chunked body (RFC 9112 7.1), which is all that an empty one has. */
const emptyChunkedBytes = 5;

/** Whether the page got bytes that this didn't. */
function lacksPieces(entry: Entry, wireBytes: number): boolean {
  const { body, passing, isStreamed, givenBytes, headBytes } = entry;
  const seen = passing ?? (isStreamed ? body : null);
  if (seen === null || body?.isCapped) return false;
  const camePastUs = givenBytes === 0 && wireBytes - headBytes > emptyChunkedBytes;
  return seen.sizeBytes !== givenBytes || camePastUs;
}
