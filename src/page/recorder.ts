/**
 * Records every exchange of one browser, without changing any: a session with the browser itself
 * pauses each response, whoever asked (pages, frames of other sites, workers, service workers);
 * sessions with the pages and all below them tell of true headers, protocol, TLS and sockets.
 *
 * What is paused is read whole (documents, small files of announced size), or goes on at once
 * while the page's session passes on each piece that the page is given, or, for media and large
 * files, goes on at once and is fetched again whole. Redirects, 204s and the like have no body.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright';
import type { HttpClient } from '../egress/egress.ts';
import { within } from '../time-limit.ts';
import { type BodyFile, BodyStore, Budget } from './body-store.ts';
import type { OpenBrowser } from './browser.ts';
import { type Entry, ExchangeLedger } from './exchange-ledger.ts';
import { announcedBytes, largestStreamBytes, type Way, wayToKeep } from './keeping-way.ts';
import { type PageRecord, pageRecord } from './page-record.ts';
import {
  type Listeners,
  type ProtocolEvents,
  type ProtocolSession,
  type RequestPaused,
  sessionOf,
} from './protocol.ts';
import { Refetches } from './refetch.ts';
import { watchTree } from './target-tree.ts';
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
  documentPatienceMs?: number;
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
const streamPatienceMs = 2_000;
const patienceMs = 10_000;
const lookEveryMs = 200;
/** Beyond the cap of a stream its pieces are thrown away; beyond this they are stopped. */
const mostGivenBytes = 3 * largestStreamBytes;
/** How long a page may take to say that a body that it was given whole has ended. */
const endPatienceMs = 1_000;
/** A body that makes the browser grow by this is a decompression bomb, or as good as one. */
const mostGrowthBytes = 384 * 1024 * 1024;

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
  /** Documents that didn't come whole in time: next time they are shown as they come. */
  readonly #late = new Set<string>();
  /** Pieces of streams whose beginning is being asked for. */
  readonly #early = new Map<Entry, Buffer[]>();
  /** What they fetch for a page passes them by unseen: it is read before. */
  readonly #serviceWorkers = new Set<ProtocolSession>();
  readonly #busy = new Set<Promise<void>>();

  constructor(options: RecorderOptions, session: CDPSession) {
    this.#options = options;
    this.#session = session;
    this.#browser = sessionOf(session);
    this.#bodies = new BodyStore(options.folder, options.maxBytes);
    this.#ledger = new ExchangeLedger((entry) => this.#pages.get(entry.view ?? '')?.changed(entry));
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
      settled: () => Promise.all(this.#busy).then(() => {}),
    });
    this.#pages.set(view, record);
    await watchTree(session, {
      opened: (below, target) => {
        if (target?.type === 'service_worker') this.#serviceWorkers.add(below);
        below.listen(this.#listeners(below, view));
        below.send('Network.enable').catch(() => {});
      },
      closed: (below) => this.#ledger.abandon((entry) => entry.session === below),
    });
    await record.begin();
    return record;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await within(2_000, new AbortController().signal, this.#session.detach()).catch(() => {});
    for (const entry of this.#ledger.entries) {
      await entry.body?.end().catch(() => {});
      await entry.requestBody?.end().catch(() => {});
    }
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
        if (entry?.isStreamed && lacksPieces(entry, encodedDataLength))
          entry.bodyTrouble ??= 'evicted';
        ledger.end(entry, null);
      },
      'Network.loadingFailed': (event) => {
        const { errorText, canceled = false, blockedReason, corsErrorStatus } = event;
        const rule = corsErrorStatus !== undefined ? 'cors' : (blockedReason ?? null);
        ledger.end(ledger.toldBy(session, view, event.requestId), {
          words: errorText,
          canceled,
          rule,
        });
      },
      ...webSocketListeners(ledger, this.#bodies, (requestId, url) => {
        const opened = {
          requestId,
          loaderId: '',
          documentURL: '',
          request: { url, method: 'GET', headers: {} },
          wallTime: Date.now() / 1000,
          redirectHasExtraInfo: false,
          type: 'WebSocket',
        };
        const entry = ledger.willBeSent(opened, session, view);
        if (entry !== null) entry.hasExtraInfo = false;
      }),
    };
  }

  /** A piece of a body as the page was given it; with its bytes where they were asked for. */
  #given({ requestId, dataLength, data }: ProtocolEvents['Network.dataReceived']): void {
    const entry = this.#ledger.last(requestId);
    if (entry === undefined) return;
    entry.givenBytes += dataLength;
    if (!entry.isStreamed || !data) return;
    const bytes = Buffer.from(data, 'base64');
    // What comes before the beginning has come waits for it.
    const early = this.#early.get(entry);
    if (early !== undefined) early.push(bytes);
    else if (entry.body !== null) this.#appendPiece(entry, entry.body, bytes);
  }

  #appendPiece(entry: Entry, body: BodyFile, bytes: Buffer): void {
    const left = largestStreamBytes - body.sizeBytes;
    if (entry.bodyTrouble === null) {
      this.#append(entry, body, bytes.subarray(0, left));
      if (bytes.length > left) entry.bodyTrouble = 'capped';
    } else if (entry.givenBytes > mostGivenBytes) {
      void this.#stopStreams(entry.session);
    }
  }

  /** There is no end to one stream alone: all of this session end, and say so. */
  async #stopStreams(session: ProtocolSession | null): Promise<void> {
    for (const entry of this.#ledger.open()) {
      if (entry.session !== session || !entry.isStreamed) continue;
      entry.bodyTrouble ??= 'capped';
      entry.isStreamed = false;
    }
    await session?.send('Network.disable').catch(() => {});
    await session?.send('Network.enable').catch(() => {});
  }

  /** One paused response: keeps its body in the way that fits, and lets it go on whatever happens. */
  async #pass(event: RequestPaused): Promise<void> {
    let failed = false;
    try {
      failed = await this.#keep(event);
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
      await goOn.catch(() => {});
      if (event.networkId !== undefined) this.#expectEnd(this.#ledger.last(event.networkId));
    }
  }

  /** Of the script of a worker nobody may tell that it has ended, because the worker was met too late. */
  #expectEnd(entry: Entry | undefined): void {
    if (entry === undefined || !entry.isWhole || entry.type === 'document') return;
    const isSure = announcedBytes(entry) === entry.body?.sizeBytes;
    if (!isSure && !isAskedByBrowser(entry)) return;
    setTimeout(() => this.#ledger.end(entry, null), endPatienceMs).unref();
  }

  /** Whether the request must fail, because it can't be let go on. */
  async #keep(event: RequestPaused): Promise<boolean> {
    if (event.networkId === undefined || !/^https?:/i.test(event.request.url)) return false;
    const entry = this.#ledger.paused(event, event.networkId);
    if (entry === null || event.responseErrorReason !== undefined) return false;
    this.#keepRequestBody(entry, event);
    const way = wayToKeep(entry, {
      isLate: this.#late.has(entry.url),
      isFull: this.#bodies.isFull,
    });
    if (way.name === 'stream') {
      await this.#ledger.toldOf(entry.networkId, toldPatienceMs);
      const { session } = entry;
      const passesBy = session === null || this.#serviceWorkers.has(session);
      if (!passesBy && (await this.#stream(entry, session))) return false;
      return this.#read(entry, event.requestId, way);
    }
    if (way.name === 'read') return this.#read(entry, event.requestId, way);
    if (way.name === 'refetch') this.#refetches.want(entry);
    if (way.trouble !== null) entry.bodyTrouble = way.trouble;
    return false;
  }

  #keepRequestBody(entry: Entry, { request }: RequestPaused): void {
    if (entry.requestBody !== null || request.hasPostData !== true) return;
    const body = this.#bodies.newBody();
    entry.requestBody = body;
    for (const { bytes } of request.postDataEntries ?? [])
      if (bytes !== undefined) this.#append(entry, body, Buffer.from(bytes, 'base64'));
  }

  /** From here on the page's session passes on what the page is given. False: it can't. */
  async #stream(entry: Entry, session: ProtocolSession): Promise<boolean> {
    const body = this.#bodies.newBody();
    const early: Buffer[] = [];
    this.#early.set(entry, early);
    entry.isStreamed = true;
    const asked = session.send('Network.streamResourceContent', { requestId: entry.networkId });
    try {
      const begun = (await within(streamPatienceMs, this.#options.signal, asked)) as {
        bufferedData: string;
      };
      entry.body = body;
      for (const bytes of [Buffer.from(begun.bufferedData, 'base64'), ...early])
        this.#appendPiece(entry, body, bytes);
      return true;
    } catch {
      entry.isStreamed = false;
      return false;
    } finally {
      this.#early.delete(entry);
    }
  }

  /** Takes the whole body before the page gets it. True: it must not get it, because it has no end. */
  async #read(entry: Entry, requestId: string, { bytes }: Way): Promise<boolean> {
    return this.#budget.spend(bytes ?? unknownBytes, async () => {
      const asked = this.#browser.send('Fetch.getResponseBody', { requestId });
      const came = await Promise.race([asked.catch(() => null), this.#impatience(asked)]);
      if (came === 'slow' || came === 'swollen') {
        const isDocument = entry.type === 'document' && came === 'slow';
        if (isDocument) this.#late.add(entry.url);
        entry.bodyTrouble = isDocument ? 'asked-again' : came === 'slow' ? 'timed-out' : 'capped';
        return true;
      }
      if (came === null) {
        entry.bodyTrouble = 'evicted';
        return false;
      }
      const { body, base64Encoded } = came as { body: string; base64Encoded: boolean };
      entry.body = this.#bodies.newBody();
      entry.isWhole = true;
      this.#append(entry, entry.body, Buffer.from(body, base64Encoded ? 'base64' : 'utf8'));
      return false;
    });
  }

  /** Says when waiting for a body must end: it takes too long, or the browser swells from it. */
  async #impatience(asked: Promise<unknown>): Promise<'slow' | 'swollen' | null> {
    const { browser, documentPatienceMs = patienceMs, signal } = this.#options;
    const lateAtMs = performance.now() + documentPatienceMs;
    const before = await browser.residentBytes();
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    asked.then(over, over);
    while (!isOver && !signal.aborted) {
      await sleep(Math.min(lookEveryMs, documentPatienceMs));
      if (isOver) break;
      if (performance.now() >= lateAtMs) return 'slow';
      const now = await browser.residentBytes();
      if (now !== null && before !== null && now - before > mostGrowthBytes) return 'swollen';
    }
    return null;
  }

  #append(entry: Entry, body: BodyFile, bytes: Buffer): void {
    void body.append(bytes).catch(() => {}); // told when the body ends
    if (body.isCapped) entry.bodyTrouble = 'capped';
  }
}

/** The end of a chunked body (RFC 9112 7.1), which is all that an empty one has. */
const emptyChunkedBytes = 5;

/** Whether the page got bytes that this didn't. */
function lacksPieces(entry: Entry, wireBytes: number): boolean {
  const { body, givenBytes, headBytes } = entry;
  if (body === null || body.isCapped) return false;
  const camePastUs = givenBytes === 0 && wireBytes - headBytes > emptyChunkedBytes;
  return body.sizeBytes !== givenBytes || camePastUs;
}

/** Not by a page: Chromium numbers those otherwise. The scripts of workers, documents aside. */
function isAskedByBrowser({ networkId }: Entry): boolean {
  return /^[0-9A-F]{32}$/.test(networkId);
}
