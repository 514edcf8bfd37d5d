/** Every request that a visit made, as Playwright tells of it, and how quiet the network is. */
import type { Frame, Page, Request, Response } from 'playwright';
import type { Door, DoorConnection } from '../egress/egress.ts';
import { within } from '../time-limit.ts';

export interface Exchange {
  url: string;
  method: string;
  resourceType: string;
  /** Null: no response came. */
  status: number | null;
  statusText: string | null;
  protocol: string | null;
  mediaType: string | null;
  /** From the door: the address that this host was reached at. Null behind an upstream proxy. */
  remoteAddress: string | null;
  startedAt: string;
  /** Milliseconds from the start; -1 where a phase didn't happen. */
  timing: Record<string, number>;
  bodyBytes: number | null;
  requestHeaders: [name: string, value: string][];
  responseHeaders: [name: string, value: string][];
  /** Chromium's words for why nothing came, and the door's. Null: it came whole. */
  failure: string | null;
  doorOutcome: string | null;
  redirectedFrom: string | null;
  /** TLS version, subject, issuer and validity; chains are kept an origin at a time. */
  security: object | null;
}

/** Never part of what a page waits for. */
const neverAwaited = new Set([
  'eventsource',
  'websocket',
  'media',
  'ping',
  'beacon',
  'cspreport',
  'preflight',
]);
/** A fetch that is still unanswered after this long is a long poll. */
const longPollMs = 8_000;
const mostExchanges = 5_000;
const detailLimitMs = 2_000;

interface Seen {
  request: Request;
  startedAtMs: number;
  finished: boolean;
  failure: string | null;
}

/** One document that the main frame asked for, redirects being documents of their own. */
export interface MainDocument {
  response: Response | null;
  request: Request;
  url: string;
  finished: boolean;
  failure: string | null;
  body: Promise<Buffer | null>;
}

export class ExchangeWatch {
  /** Requests beyond the cap are counted, not kept. */
  dropped = 0;
  /** The document that the page shows. */
  shown: MainDocument | null = null;
  readonly #asked: MainDocument[] = [];
  readonly #seen = new Map<Request, Seen>();
  #lastChangeMs = performance.now();

  constructor(page: Page) {
    const context = page.context();
    context.on('request', (request) => this.#started(request, page.mainFrame()));
    context.on('response', (response) => this.#answered(response));
    context.on('requestfinished', (request) => this.#ended(request, null));
    context.on('requestfailed', (request) =>
      this.#ended(request, request.failure()?.errorText ?? 'failed'),
    );
    page.on('framenavigated', (frame) => {
      if (frame !== page.mainFrame()) return;
      const url = frame.url().replace(/#.*$/s, '');
      this.shown = this.#asked.findLast((document) => document.url === url) ?? this.shown;
    });
  }

  /** The document that was asked for last; it may never have come. */
  get lastAsked(): MainDocument | null {
    return this.#asked.at(-1) ?? null;
  }

  /** Milliseconds since anything that the page waits for began or ended; 0 while something is under way. */
  quietMs(): number {
    const now = performance.now();
    for (const { request, startedAtMs, finished } of this.#seen.values()) {
      if (finished || neverAwaited.has(request.resourceType())) continue;
      const patience = ['fetch', 'xhr'].includes(request.resourceType()) ? longPollMs : Infinity;
      if (now - startedAtMs < patience) return 0;
    }
    return now - this.#lastChangeMs;
  }

  responses(): Promise<(Response | null)[]> {
    const answers = [...this.#seen.values()].filter(
      ({ finished, failure }) => finished && failure === null,
    );
    return Promise.all(answers.map(({ request }) => limited(request.response(), null)));
  }

  /** All of them, with details, in the order in which they began. */
  async exchanges(door: Door): Promise<Exchange[]> {
    const connections = door.connections();
    return Promise.all([...this.#seen.values()].map((seen) => exchangeOf(seen, connections)));
  }

  #started(request: Request, mainFrame: Frame): void {
    if (!/^https?:/i.test(request.url())) return;
    if (isMainNavigation(request, mainFrame)) {
      const nothing = {
        response: null,
        finished: false,
        failure: null,
        body: Promise.resolve(null),
      };
      this.#asked.push({ ...nothing, request, url: request.url().replace(/#.*$/s, '') });
    }
    if (this.#seen.size >= mostExchanges) {
      this.dropped += 1;
      return;
    }
    this.#seen.set(request, {
      request,
      startedAtMs: performance.now(),
      finished: false,
      failure: null,
    });
    this.#changed(request);
  }

  #answered(response: Response): void {
    const document = this.#documentOf(response.request());
    if (document !== undefined) document.response = response;
  }

  #ended(request: Request, failure: string | null): void {
    const seen = this.#seen.get(request);
    if (seen !== undefined) Object.assign(seen, { finished: true, failure });
    this.#changed(request);
    const document = this.#documentOf(request);
    if (document === undefined) return;
    Object.assign(document, { finished: true, failure });
    // Asked for at once: the browser forgets bodies when the page goes on to another document.
    if (failure === null && document.response !== null) {
      document.body = document.response.body().catch(() => null);
    }
  }

  #documentOf(request: Request): MainDocument | undefined {
    return this.#asked.find((document) => document.request === request);
  }

  #changed(request: Request): void {
    if (!neverAwaited.has(request.resourceType())) this.#lastChangeMs = performance.now();
  }
}

function isMainNavigation(request: Request, mainFrame: Frame): boolean {
  if (!request.isNavigationRequest()) return false;
  try {
    return request.frame() === mainFrame;
  } catch {
    return false; // a pop-up that has no page yet
  }
}

async function exchangeOf(seen: Seen, connections: DoorConnection[]): Promise<Exchange> {
  const { request, finished, failure } = seen;
  const response = finished ? await limited(request.response(), null) : request.existingResponse();
  const connection = connectionFor(request.url(), connections);
  const { startTime, ...timing } = request.timing();
  const headers = response?.headers()['content-type'] ?? null;
  return {
    url: request.url(),
    method: request.method(),
    resourceType: request.resourceType(),
    status: response?.status() ?? null,
    statusText: response?.statusText() || null,
    protocol: response === null ? null : await limited(response.httpVersion(), null),
    mediaType: headers?.split(';')[0]?.trim().toLowerCase() || null,
    remoteAddress: connection?.address ?? null,
    startedAt: new Date(
      startTime > 0 ? startTime : performance.timeOrigin + seen.startedAtMs,
    ).toISOString(),
    timing,
    bodyBytes: finished && failure === null ? await limited(bodyBytes(request), null) : null,
    requestHeaders: await limited(
      headerPairs(request, finished),
      Object.entries(request.headers()),
    ),
    responseHeaders:
      response === null
        ? []
        : await limited(headerPairs(response, finished), Object.entries(response.headers())),
    failure: finished ? failure : 'still under way at the cut',
    doorOutcome: failure === null ? null : (connection?.outcome ?? null),
    redirectedFrom: request.redirectedFrom()?.url() ?? null,
    security: response === null ? null : await limited(response.securityDetails(), null),
  };
}

async function bodyBytes(request: Request): Promise<number> {
  return (await request.sizes()).responseBodySize;
}

/** True headers, repetitions included; of something unfinished only what is known so far. */
async function headerPairs(of: Request | Response, finished: boolean): Promise<[string, string][]> {
  if (!finished) return Object.entries(of.headers());
  return (await of.headersArray()).map(({ name, value }) => [name, value]);
}

/** The last connection of a request's host: the one that carried it, or the one that failed it. */
export function connectionFor(url: string, connections: DoorConnection[]): DoorConnection | null {
  if (!URL.canParse(url)) return null;
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const wanted = Number(port || (protocol === 'https:' ? 443 : 80));
  return connections.findLast((one) => one.host === host && one.port === wanted) ?? null;
}

/** Playwright waits for some details without end, for example when the page is gone. */
function limited<Value, Other>(wanted: Promise<Value>, otherwise: Other): Promise<Value | Other> {
  return within(detailLimitMs, new AbortController().signal, wanted).catch(() => otherwise);
}
