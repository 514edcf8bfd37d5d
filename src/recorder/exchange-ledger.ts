/**
 * Every request of a capture and what came of it, put together from what several sessions tell
 * in any order. A redirect keeps its network id, so an id stands for a chain of entries.
 */

import { randomUUID } from 'node:crypto';
import type { BodyTrouble, BrowserRule } from '../base/reasons.ts';
import type { BodyFile } from './body-store.ts';
import { HeaderSets } from './header-sets.ts';
import type { PassingBody } from './passing-body.ts';
import type { ProtocolEvent, ProtocolSession, RequestPaused } from './protocol.ts';

export interface EntryFailure {
  /** Chromium's words: `net::ERR_…`. */
  words: string;
  canceled: boolean;
  /** The browser's own rule that stopped it: `csp`, `mixed-content`, `cors`, `orb` … */
  rule: BrowserRule | null;
}

export interface EntryResponse {
  status: number;
  statusText: string;
  headers: [name: string, value: string][];
  protocol: string | null;
  tls: string | null;
  /** Answered without the network: by a cache, by the page's own service worker, or by Chromium's PDF viewer. */
  answeredBy: 'cache' | 'service-worker' | 'pdf-viewer' | null;
}

export interface Entry {
  id: string;
  networkId: string;
  loaderId: string | null;
  frameId: string | null;
  view: string | null;
  pageUrl: string | null;
  url: string;
  method: string;
  /** Chromium's word, in lower case. */
  type: string;
  startedAtMs: number;
  endedAtMs: number | null;
  requestHeaders: Record<string, string>;
  requestBody: BodyFile | null;
  response: EntryResponse | null;
  /** False: no second set of headers will tell of this hop. */
  hasExtraInfo: boolean;
  /** The session of the page, frame or worker that asked. */
  session: ProtocolSession | null;
  body: BodyFile | null;
  /** `body` was taken whole before the page got it. */
  isWhole: boolean;
  /** `body` is made of the pieces that the page is given. */
  isStreamed: boolean;
  /** Of a body that is fetched again: what the page is given of it meanwhile. */
  passing: PassingBody | null;
  /** Bytes over the wire until the body began. */
  headBytes: number;
  /** Its answer is paused here: nobody has been given anything of it yet. */
  isHeld: boolean;
  /** Bytes of the body that the page was given, decoded, and when the last of them. */
  givenBytes: number;
  givenAtMs: number | null;
  /** Why the body isn't here whole although there was one. */
  bodyTrouble: BodyTrouble | null;
  /** Media and large files: fetched again whole, under this address, and compared. */
  refetched: boolean;
  state: 'open' | 'finished' | 'failed';
  failure: EntryFailure | null;
}

/** Nobody waits for it any more. */
export const abandoned: EntryFailure = { words: 'net::ERR_ABORTED', canceled: true, rule: null };

type ExtraResponse = Pick<
  ProtocolEvent<'Network.responseReceivedExtraInfo'>,
  'statusCode' | 'headers' | 'headersText'
>;

type SentEvent = ProtocolEvent<'Network.requestWillBeSent'>;
/** As much of it as is read here; a WebSocket, which has no such event, is told of in its shape. */
type SentRequest = Omit<SentEvent, 'request' | 'timestamp' | 'initiator'> & {
  request: Pick<SentEvent['request'], 'url' | 'method' | 'headers'>;
};

/** Beyond this many a page is attacking; what is beyond is counted. */
const mostEntries = 20_000;

export class ExchangeLedger {
  readonly entries: Entry[] = [];
  readonly headerSets = new HeaderSets();
  dropped = 0;
  readonly #open = new Set<Entry>();
  readonly #chains = new Map<string, Entry[]>();
  readonly #requestExtras = new Map<string, Record<string, string>[]>();
  readonly #responseExtras = new Map<string, ExtraResponse[]>();
  readonly #told = new Map<string, PromiseWithResolvers<void>>();
  readonly #changed: (entry: Entry) => void;

  /** `changed`: an entry was opened or has ended. */
  constructor(changed: (entry: Entry) => void) {
    this.#changed = changed;
  }

  open(): IteratorObject<Entry> {
    return this.#open.values();
  }

  /** The last hop of a chain. */
  last(networkId: string): Entry | undefined {
    return this.#chains.get(networkId)?.at(-1);
  }

  willBeSent(event: SentRequest, session: ProtocolSession, view: string): Entry | null {
    const before = this.last(event.requestId);
    if (event.redirectResponse !== undefined && before !== undefined)
      this.#redirected(before, event);
    // The pause of a hop may have been told of first.
    const known = this.#chains
      .get(event.requestId)
      ?.find((entry) => entry.session === null && entry.url === withoutFragment(event.request.url));
    const entry = known ?? this.#add(event.requestId, event.request.url, event.request.method);
    if (entry === null) return null;
    Object.assign(entry, {
      session,
      view,
      loaderId: this.headerSets.shared(event.loaderId),
      frameId: event.frameId ? this.headerSets.shared(event.frameId) : entry.frameId,
      pageUrl: event.documentURL ? this.headerSets.shared(event.documentURL) : null,
      type: (event.type ?? entry.type).toLowerCase(),
      startedAtMs: event.wallTime * 1000,
      requestHeaders: this.headerSets.shared(event.request.headers),
    });
    this.#told.get(event.requestId)?.resolve();
    this.#changed(entry);
    return entry;
  }

  /** Resolves when a session has told of this request, or after the patience. */
  async toldOf(networkId: string, patienceMs: number): Promise<void> {
    if (this.last(networkId)?.session) return;
    const told = Promise.withResolvers<void>();
    this.#told.set(networkId, told);
    const timer = setTimeout(told.resolve, patienceMs);
    await told.promise;
    clearTimeout(timer);
    this.#told.delete(networkId);
  }

  paused(event: RequestPaused, networkId: string): Entry | null {
    const url = withoutFragment(event.request.url);
    const hops = this.#chains.get(networkId) ?? [];
    // One that fails after its response is paused a second time.
    const isFailure = event.responseErrorReason !== undefined;
    const entry =
      hops.findLast((one) => one.url === url && (isFailure || one.response === null)) ??
      this.#add(networkId, url, event.request.method);
    if (entry === null) return null;
    entry.frameId ??= this.headerSets.shared(event.frameId);
    if (entry.session === null) {
      entry.type = event.resourceType.toLowerCase();
      entry.requestHeaders = this.headerSets.shared(event.request.headers);
    }
    if (event.responseStatusCode !== undefined && event.responseErrorReason === undefined) {
      entry.response = {
        status: event.responseStatusCode,
        statusText: event.responseStatusText ?? '',
        headers: this.headerSets.shared(
          (event.responseHeaders ?? []).map(({ name, value }) => [name, value]),
        ),
        protocol: null,
        tls: null,
        answeredBy: null,
      };
    }
    return entry;
  }

  received(
    { requestId, response, hasExtraInfo, type }: ProtocolEvent<'Network.responseReceived'>,
    session: ProtocolSession,
    view: string,
  ): Entry | undefined {
    const entry = this.toldBy(session, view, requestId);
    if (entry === undefined) return undefined;
    if (entry.type === 'other') entry.type = type.toLowerCase();
    entry.headBytes = response.encodedDataLength ?? 0;
    answer(entry, response, hasExtraInfo);
    return entry;
  }

  /** The entry that a session tells something of; a worker tells of its script, which others asked for. */
  toldBy(session: ProtocolSession, view: string, networkId: string): Entry | undefined {
    const entry = this.last(networkId);
    if (entry?.session === null) Object.assign(entry, { session, view });
    return entry;
  }

  requestExtra(networkId: string, headers: Record<string, string>): void {
    list(this.#requestExtras, networkId, this.headerSets.shared(headers));
  }

  responseExtra(event: ProtocolEvent<'Network.responseReceivedExtraInfo'>): void {
    const { requestId, statusCode, headers, headersText } = event;
    const said = headersText
      ? { headers: {}, headersText: this.headerSets.shared(headersText) }
      : { headers: this.headerSets.shared(headers) };
    list(this.#responseExtras, requestId, { statusCode, ...said });
  }

  servedFromCache(networkId: string): void {
    const entry = this.last(networkId);
    if (entry?.response) entry.response.answeredBy = 'cache';
    else if (entry !== undefined) entry.response = { ...noResponse, answeredBy: 'cache' };
  }

  end(entry: Entry | undefined, failure: EntryFailure | null): void {
    if (entry === undefined || entry.state !== 'open') return;
    entry.state = failure === null ? 'finished' : 'failed';
    entry.failure = failure;
    entry.endedAtMs = Date.now();
    this.#open.delete(entry);
    this.#changed(entry);
  }

  /** Ends whatever is open and fits, because nobody will tell how it ended. */
  abandon(fits: (entry: Entry) => boolean): void {
    for (const entry of [...this.#open]) {
      if (fits(entry)) this.end(entry, abandoned);
    }
  }

  /** What really went over the wire for this entry, where the browser told. */
  extrasOf(entry: Entry): {
    request: Record<string, string> | null;
    response: ExtraResponse | null;
  } {
    const telling = (this.#chains.get(entry.networkId) ?? []).filter((one) => one.hasExtraInfo);
    const place = telling.indexOf(entry);
    return {
      request: this.#requestExtras.get(entry.networkId)?.[place] ?? null,
      response: this.#responseExtras.get(entry.networkId)?.[place] ?? null,
    };
  }

  #redirected(entry: Entry, event: SentRequest): void {
    if (event.redirectResponse !== undefined)
      answer(entry, event.redirectResponse, event.redirectHasExtraInfo);
    this.end(entry, null);
  }

  #add(networkId: string, url: string, method: string): Entry | null {
    if (this.entries.length >= mostEntries) {
      this.dropped += 1;
      return null;
    }
    const entry: Entry = {
      id: newId(),
      networkId,
      loaderId: null,
      frameId: null,
      view: null,
      pageUrl: null,
      url: withoutFragment(url),
      method,
      type: 'other',
      startedAtMs: Date.now(),
      endedAtMs: null,
      requestHeaders: {},
      requestBody: null,
      response: null,
      hasExtraInfo: true,
      session: null,
      body: null,
      isWhole: false,
      isStreamed: false,
      passing: null,
      headBytes: 0,
      isHeld: false,
      givenBytes: 0,
      givenAtMs: null,
      bodyTrouble: null,
      refetched: false,
      state: 'open',
      failure: null,
    };
    this.entries.push(entry);
    this.#open.add(entry);
    list(this.#chains, networkId, entry);
    return entry;
  }
}

/** Node puts a UUID together from a dozen parts, and keeps them all; this is one of its own. */
function newId(): string {
  return Buffer.from(randomUUID(), 'latin1').toString('latin1');
}

const noResponse: EntryResponse = {
  status: 200,
  statusText: '',
  headers: [],
  protocol: null,
  tls: null,
  answeredBy: null,
};

type ToldResponse = ProtocolEvent<'Network.responseReceived'>['response'];

/** Adds what only the page's session knows; headers of the pause, with order and repetitions, stay. */
function answer(entry: Entry, told: ToldResponse, hasExtraInfo: boolean): void {
  const { securityDetails: tls } = told;
  const { fromDiskCache, fromPrefetchCache, fromEarlyHints } = told;
  const cached = fromDiskCache === true || fromPrefetchCache === true || fromEarlyHints === true;
  entry.hasExtraInfo = hasExtraInfo;
  entry.response = {
    status: entry.response?.status ?? told.status,
    statusText: entry.response?.statusText || told.statusText,
    headers: entry.response?.headers ?? splitHeaders(told.headers),
    protocol: told.protocol ?? null,
    tls: tls === undefined ? null : [tls.protocol, tls.cipher].filter(Boolean).join(', '),
    answeredBy: madeByWorker(told)
      ? 'service-worker'
      : cached
        ? 'cache'
        : madeByViewer(entry, told)
          ? 'pdf-viewer'
          : (entry.response?.answeredBy ?? null),
  };
}

/** It shows a PDF in a document of its own, under the address of the PDF; no server is asked for that. */
function madeByViewer({ type }: Entry, told: ToldResponse): boolean {
  const { connectionId, remoteIPAddress, timing, headers } = told;
  const cameFromNobody = connectionId === 0 && !remoteIPAddress && timing === undefined;
  return type === 'document' && cameFromNobody && Object.keys(headers).length === 0;
}

/** A race that the network wins is told as the worker's answer too, and passes neither it nor us. */
function madeByWorker({ fromServiceWorker, serviceWorkerRouterInfo }: ToldResponse): boolean {
  return fromServiceWorker === true && serviceWorkerRouterInfo?.actualSourceType !== 'network';
}

/** Several values of one name come in one text, a line each. */
export function splitHeaders(headers: Record<string, string>): [string, string][] {
  return Object.entries(headers).flatMap(([name, values]) =>
    values.split('\n').map((value): [string, string] => [name, value]),
  );
}

export function withoutFragment(url: string): string {
  return url.replace(/#.*$/s, '');
}

/** An array that was pushed to has room for 17; most chains have one hop, and there may be thousands. */
function list<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const known = map.get(key);
  map.set(key, known === undefined ? [value] : [...known, value]);
}
