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
import type { HttpClient } from '../egress/egress.ts';
import { type BodyFile, BodyStore, Budget } from './body-store.ts';
import {
  type BodyStrategy,
  bodyStrategy,
  largestStreamBytes,
  type Situation,
} from './body-strategy.ts';
import { cameWhole, untoldPrefix } from './content-length.ts';
import { abandoned, type Entry, ExchangeLedger } from './exchange-ledger.ts';
import { isBadlyEncoded } from './failures.ts';
import { isFile } from './file-answer.ts';
import { type PageRecord, pageRecord } from './page-record.ts';
import { PassingBody } from './passing-body.ts';
import {
  type Listeners,
  type ProtocolEvent,
  type ProtocolSession,
  type RequestPaused,
  sessionOf,
} from './protocol.ts';
import { exceededLimit, stopFlood } from './read-limits.ts';
import { MemoryReclaimer } from './reclaim-memory.ts';
import { Refetches } from './refetch.ts';
import { type TargetWatcher, watchSharedWorkers, watchTree } from './target-tree.ts';
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

/** Bytes of bodies that may be on their way through memory at once. */
const budgetBytes = 16 * 1024 * 1024;
/** For a body of unknown size. */
const unknownBytes = 4 * 1024 * 1024;
const toldPatienceMs = 500;
/** A page that is too busy to answer gets nothing before it is read. */
const streamPatienceMs = 2_000;
/** Beyond the cap of a stream its pieces are thrown away; beyond this they are stopped. */
const mostGivenBytes = 3 * largestStreamBytes;
/** What is only hashed may be more: nothing of it is kept. */
const mostPassingBytes = 8 * mostGivenBytes;
/** How long a page may take to say that a body that it was given whole has ended. */
const endPatienceMs = 1_000;

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
  readonly #budget = new Budget(budgetBytes);
  readonly #ledger: ExchangeLedger;
  readonly #refetches: Refetches;
  readonly #pages = new Map<string, PageRecord>();
  /** By the browser context, one a view. */
  readonly #views = new Map<string, string>();
  /** Documents that didn't come whole in time: next time they are shown as they come. */
  readonly #late = new Set<string>();
  /** Pieces of streams whose beginning is being asked for. */
  readonly #early = new Map<Entry, Buffer[]>();
  /** What they fetch for a page passes them by unseen: it is read before. */
  readonly #serviceWorkers = new Set<ProtocolSession>();
  /** Sessions that are being told to pass on no more pieces. */
  readonly #stopping = new Set<ProtocolSession>();
  readonly #memory = new MemoryReclaimer();
  readonly #busy = new Set<Promise<void>>();

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
    this.#refetches = new Refetches(options.client, this.#bodies, this.#ledger, options.signal);
  }

  async start(): Promise<void> {
    this.#browser.listen({
      'Fetch.requestPaused': (event) => {
        const handled = this.#pass(event).finally(() => this.#busy.delete(handled));
        this.#busy.add(handled);
      },
    });
    await this.#browser.send('Fetch.enable', {
      patterns: [{ urlPattern: '*', requestStage: 'Response' }],
    });
    await watchSharedWorkers(this.#browser, (contextId) =>
      this.#watcher(this.#views.get(contextId ?? '') ?? this.#firstView()),
    );
  }

  async watch(page: Page, view: string): Promise<PageRecord> {
    const session = sessionOf(await page.context().newCDPSession(page));
    const record = pageRecord({
      view,
      page,
      session,
      ledger: this.#ledger,
      refetches: this.#refetches,
      door: this.#options.browser.door,
      isFirst: this.#pages.size === 0,
      isLate: (url) => this.#late.has(url),
      settled: async () => {
        await Promise.all(this.#busy);
        this.#memory.look();
      },
    });
    this.#pages.set(view, record);
    const { targetInfo } = await session.send('Target.getTargetInfo');
    this.#views.set(targetInfo.browserContextId ?? '', view);
    await watchTree(session, this.#watcher(view));
    await record.begin(targetInfo.targetId);
    return record;
  }

  #changed(entry: Entry): void {
    this.#pages.get(entry.view ?? this.#firstView())?.changed(entry);
  }

  #firstView(): string {
    return this.#pages.keys().next().value ?? '';
  }

  #watcher(view: string): TargetWatcher {
    return {
      opened: (below, target) => {
        if (target?.type === 'service_worker') this.#serviceWorkers.add(below);
        below.listen(this.#listeners(below, view));
        below.send('Network.enable').catch(() => {});
      },
      closed: (below) => this.#ledger.abandon((entry) => entry.session === below),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await within(2_000, new AbortController().signal, this.#session.detach()).catch(() => {});
    await Promise.all(this.#ledger.entries.map(endBodies));
  }

  /** What a session of a page, or of something below it, tells. */
  #listeners(session: ProtocolSession, view: string): Listeners {
    const ledger = this.#ledger;
    return {
      'Network.requestWillBeSent': (event) => {
        if (!/^https?:/i.test(event.request.url)) return;
        const entry = ledger.willBeSent(event, session, view);
        if (entry !== null) this.#pages.get(view)?.asked(entry);
      },
      'Network.requestWillBeSentExtraInfo': (event) =>
        ledger.requestExtra(event.requestId, event.headers),
      'Network.responseReceivedExtraInfo': (event) => ledger.responseExtra(event),
      'Network.responseReceived': (event) => {
        const entry = ledger.received(event, session, view);
        if (entry !== undefined && this.#late.has(entry.url) && entry.type === 'document')
          this.#stream(entry, session).catch(() => {});
      },
      'Network.requestServedFromCache': ({ requestId }) => ledger.servedFromCache(requestId),
      'Network.dataReceived': (event) => this.#given(event),
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
        const opened = {
          requestId,
          loaderId: '',
          documentURL: '',
          request: { url, method: 'GET', headers: {} },
          wallTime: Date.now() / 1000,
          redirectHasExtraInfo: false,
          type: 'WebSocket' as const,
        };
        const entry = ledger.willBeSent(opened, session, view);
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

  /** A piece of a body as the page was given it; with its bytes where they were asked for. */
  #given({ requestId, dataLength, data }: ProtocolEvent<'Network.dataReceived'>): void {
    const entry = this.#ledger.last(requestId);
    if (entry === undefined) return;
    entry.givenBytes += dataLength;
    entry.givenAtMs = Date.now();
    // Without its bytes here it still came through the door, in pieces of this process.
    this.#memory.piece(dataLength);
    if (!data) return;
    const most = entry.passing === null ? mostGivenBytes : mostPassingBytes;
    if (entry.givenBytes > most) this.#stopStreams(entry.session);
    if (!entry.isStreamed || entry.bodyTrouble !== null) return;
    const bytes = Buffer.from(data, 'base64');
    // What comes before the beginning has come waits for it.
    const early = this.#early.get(entry);
    if (early !== undefined) early.push(bytes);
    else this.#takePiece(entry, bytes);
  }

  #takePiece(entry: Entry, bytes: Buffer): void {
    const { body, passing } = entry;
    if (entry.bodyTrouble !== null) return;
    if (passing !== null) passing.append(bytes);
    else if (body !== null) this.#appendPiece(entry, body, bytes);
  }

  #appendPiece(entry: Entry, body: BodyFile, bytes: Buffer): void {
    const left = largestStreamBytes - body.sizeBytes;
    this.#append(entry, body, bytes.subarray(0, left));
    if (bytes.length > left) entry.bodyTrouble = 'capped';
  }

  /** There is no end to one stream alone: all of this session end, and say so. */
  #stopStreams(session: ProtocolSession | null): void {
    if (session === null || this.#stopping.has(session)) return;
    for (const entry of this.#ledger.open()) {
      if (entry.session !== session || !entry.isStreamed) continue;
      entry.bodyTrouble ??= 'capped';
      entry.isStreamed = false;
    }
    this.#stopping.add(session);
    const over = () => void this.#stopping.delete(session);
    session.send('Network.disable').catch(() => {});
    session.send('Network.enable').then(over, over);
  }

  /** One paused response: keeps its body in the way that fits, and lets it go on whatever happens. */
  async #pass(event: RequestPaused): Promise<void> {
    let failed = false;
    let entry: Entry | null = null;
    try {
      entry = this.#pausedEntry(event);
      failed = entry !== null && (await this.#recordBody(entry, event));
    } catch {
      // The page, or its browser, is gone: what is missing then is told by the entry.
    } finally {
      const goOn = failed
        ? this.#browser.send('Fetch.failRequest', {
            requestId: event.requestId,
            errorReason: 'Aborted',
          })
        : this.#browser.send(
            event.responseErrorReason === undefined
              ? 'Fetch.continueResponse'
              : 'Fetch.continueRequest',
            { requestId: event.requestId },
          );
      const isGone = await goOn.then(
        () => false,
        () => true,
      );
      if (entry !== null) this.#passed(entry, event, isGone);
    }
  }

  #pausedEntry(event: RequestPaused): Entry | null {
    if (!/^https?:/i.test(event.request.url)) return null;
    return this.#ledger.paused(event, networkIdOf(event));
  }

  #passed(entry: Entry, event: RequestPaused, isGone: boolean): void {
    entry.isHeld = false;
    this.#changed(entry);
    if (isGone && entry.body === null && entry.bodyTrouble === 'evicted') {
      // It was given up while it was paused: nobody was given anything.
      entry.bodyTrouble = null;
      this.#ledger.end(entry, abandoned);
    }
    if (event.networkId === undefined) this.#ledger.end(entry, null);
    else this.#expectEnd(entry);
  }

  /** Of the script of a worker nobody may tell that it has ended, because the worker was met too late. */
  #expectEnd(entry: Entry): void {
    if (!cameWhole(entry)) return;
    setTimeout(() => this.#ledger.end(entry, null), endPatienceMs).unref();
  }

  /** Whether the request must fail, because it can't be let go on. */
  async #recordBody(entry: Entry, event: RequestPaused): Promise<boolean> {
    if (event.responseErrorReason !== undefined) return false;
    entry.isHeld = true;
    this.#recordRequestBody(entry, event);
    const isAwaited = [...this.#pages.values()].some((page) => page.isAwaited(entry));
    const situation = {
      isLate: this.#late.has(entry.url),
      isFull: this.#bodies.isFull,
      isFile: isAwaited && isFile(entry),
    };
    const mustFail = await this.#keepBody(entry, event.requestId, situation);
    return mustFail || situation.isFile;
  }

  async #keepBody(entry: Entry, requestId: string, situation: Situation): Promise<boolean> {
    const strategy = bodyStrategy(entry, situation);
    if (strategy.trouble !== null) entry.bodyTrouble = strategy.trouble;
    if (strategy.name === 'none') return false;
    if (/refetch/.test(strategy.name)) this.#refetches.want(entry);
    if (strategy.name !== 'read') {
      const isKept = strategy.name !== 'refetch';
      const isSeen = await this.#streamSeen(entry, isKept);
      if (isSeen || !isKept) return false;
    }
    return this.#read(entry, requestId, strategy);
  }

  /** Whether the page's session passes on what the page is given of this body. */
  async #streamSeen(entry: Entry, isKept: boolean): Promise<boolean> {
    await this.#ledger.toldOf(entry.networkId, toldPatienceMs);
    const { session } = entry;
    if (session === null || this.#serviceWorkers.has(session)) return false;
    if (!isKept) entry.passing = new PassingBody();
    return this.#stream(entry, session);
  }

  #recordRequestBody(entry: Entry, { request }: RequestPaused): void {
    if (entry.requestBody !== null || request.hasPostData !== true) return;
    const body = this.#bodies.newBody();
    entry.requestBody = body;
    for (const { bytes } of request.postDataEntries ?? [])
      if (bytes !== undefined) this.#append(entry, body, Buffer.from(bytes, 'base64'));
  }

  /** From here on the page's session passes on what the page is given. False: it can't. */
  async #stream(entry: Entry, session: ProtocolSession): Promise<boolean> {
    const early: Buffer[] = [];
    this.#early.set(entry, early);
    entry.isStreamed = true;
    const asked = session.send('Network.streamResourceContent', { requestId: entry.networkId });
    try {
      const begun = await within(streamPatienceMs, this.#options.signal, asked);
      if (entry.passing === null) entry.body = this.#bodies.newBody();
      for (const bytes of [Buffer.from(begun.bufferedData, 'base64'), ...early])
        this.#takePiece(entry, bytes);
      return true;
    } catch {
      entry.isStreamed = false;
      return false;
    } finally {
      this.#early.delete(entry);
    }
  }

  /** Takes the whole body before the page gets it. True: it must not get it, because it has no end. */
  async #read(entry: Entry, requestId: string, { bytes }: BodyStrategy): Promise<boolean> {
    const { browser, documentTimeoutMs: timeoutMs = 10_000, signal } = this.#options;
    return this.#budget.spend(bytes ?? unknownBytes, async () => {
      const asked = this.#browser.send('Fetch.getResponseBody', { requestId });
      const waiting = { browser, timeoutMs, hasUnknownSize: bytes === null, signal };
      stopFlood(asked, waiting).catch(() => {}); // whoever closes the browser hears of it
      const came = await Promise.race([asked.catch(() => null), exceededLimit(asked, waiting)]);
      if (came === 'slow' || came === 'too-large') {
        const isDocument = entry.type === 'document' && came === 'slow';
        if (isDocument) this.#late.add(entry.url);
        entry.bodyTrouble = isDocument ? 'asked-again' : came === 'slow' ? 'timed-out' : 'capped';
        return true;
      }
      if (came === null) {
        entry.bodyTrouble = 'evicted';
        return false;
      }
      const { body, base64Encoded } = came;
      entry.body = this.#bodies.newBody();
      entry.isWhole = true;
      this.#append(entry, entry.body, Buffer.from(body, base64Encoded ? 'base64' : 'utf8'));
      return false;
    });
  }

  #append(entry: Entry, body: BodyFile, bytes: Buffer): void {
    void body.append(bytes).catch(() => {}); // told when the body ends
    if (body.isCapped) entry.bodyTrouble = 'capped';
  }
}

/** What no session will ever tell of has no number of the network; its pause has one. */
function networkIdOf({ networkId, requestId }: RequestPaused): string {
  return networkId ?? `${untoldPrefix}${requestId}`;
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
