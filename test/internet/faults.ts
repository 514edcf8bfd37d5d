/** Everything that can go wrong on command, and how each trouble ends. */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, SiteRequest } from './answer.ts';
import { json } from './answer.ts';

/** How one answer goes out: whole at once, unless a fault says otherwise. */
export interface Delivery {
  pieces(body: Buffer): AsyncIterable<Buffer>;
  /** Bytes after which the connection is cut; `null` = never. */
  cutsAfter: number | null;
  etag(body: Buffer): string | null;
}

export type ConnectionFault = 'dns' | 'refused' | 'tls';

/** A lie turns the honest answer into another. */
export type Lie = (honest: Answer, request: SiteRequest) => Answer | Promise<Answer>;

interface Truncation {
  bytes: number;
  times: number;
  /** What the entity tag does between the cut answer and the next. */
  etag: 'keeps' | 'changes' | 'none';
}

interface RateLimit {
  times: number;
  retryAfterSeconds: number;
}

export class Faults {
  readonly #connections = new Map<string, ConnectionFault>();
  readonly #rateLimits = new Map<string, RateLimit>();
  readonly #delays = new Map<string, number>();
  readonly #truncations = new Map<string, Truncation>();
  readonly #drips = new Map<string, { bytes: number; everyMs: number }>();
  readonly #lies = new Map<string, Lie>();
  readonly #tags = new Map<string, string | null>();

  /** The name doesn't resolve (the proxy answers 502). */
  failDns(host: string): void {
    this.#unreachable(host, 'dns');
  }
  /** Nobody listens there (the proxy answers 502). */
  refuse(host: string): void {
    this.#unreachable(host, 'refused');
  }
  /** The host shows a certificate that no trusted authority signed. */
  failTls(host: string): void {
    this.#unreachable(host, 'tls');
  }
  /** The next `times` requests to the host get 429. */
  rateLimit(host: string, { times = 1, retryAfterSeconds = 1 }: Partial<RateLimit> = {}): void {
    this.#rateLimits.set(host, { times, retryAfterSeconds });
  }
  /** Every answer of the host waits before its first byte. */
  slow(host: string, ms: number): void {
    this.#delays.set(host, ms);
  }
  /** The next `times` answers of the address claim their full length and break off after `bytes`. */
  truncate(
    url: string,
    bytes: number,
    { etag = 'keeps', times = 1 }: Partial<Omit<Truncation, 'bytes'>> = {},
  ): void {
    this.#truncations.set(address(url), { bytes, times, etag });
    if (etag === 'none') this.#tags.set(address(url), null);
  }
  /** The body comes in small pieces with a pause before each. */
  drip(url: string, { bytes = 1024, everyMs = 100 } = {}): void {
    this.#drips.set(address(url), { bytes, everyMs });
  }
  /** The address answers what the lie makes of the honest answer. */
  lie(url: string, lie: Lie): void {
    this.#lies.set(address(url), lie);
  }
  /** Ends every trouble of a host, or of one address. */
  heal(hostOrUrl: string): void {
    const hosts = [this.#connections, this.#rateLimits, this.#delays];
    for (const troubles of hosts) troubles.delete(hostOrUrl);
    const addresses = [this.#truncations, this.#drips, this.#lies, this.#tags];
    const prefix = hostOrUrl.includes('://') ? address(hostOrUrl) : `${hostOrUrl}/`;
    for (const troubles of addresses) {
      for (const key of troubles.keys()) if (key.startsWith(prefix)) troubles.delete(key);
    }
  }

  /** Set by whoever holds the connections: those to a host that fails now are cut. */
  cutConnections: (host: string) => void = () => {};

  #unreachable(host: string, fault: ConnectionFault): void {
    this.#connections.set(host, fault);
    this.cutConnections(host);
  }

  connectionFault(host: string): ConnectionFault | null {
    return this.#connections.get(host) ?? null;
  }

  /** What a host says instead of answering; `null` when nothing is wrong. */
  async before(request: SiteRequest): Promise<Answer | null> {
    const { hostname } = request.url;
    const delayMs = this.#delays.get(hostname);
    if (delayMs !== undefined) await pause(delayMs);
    const limit = this.#rateLimits.get(hostname);
    if (!limit || limit.times <= 0) return null;
    limit.times -= 1;
    const reset = Math.ceil(Date.now() / 1000) + limit.retryAfterSeconds;
    const refusal = json({ errors: [{ code: 88, message: 'Rate limit exceeded.' }] }, 429);
    refusal.headers = {
      ...refusal.headers,
      'retry-after': String(limit.retryAfterSeconds),
      'x-rate-limit-remaining': '0',
      'x-rate-limit-reset': String(reset),
    };
    return refusal;
  }

  async bend(request: SiteRequest, honest: Answer): Promise<Answer> {
    return (await this.#lies.get(address(request.url.href))?.(honest, request)) ?? honest;
  }

  delivery(request: SiteRequest): Delivery {
    const key = address(request.url.href);
    const truncation = this.#truncations.get(key);
    const cuts = truncation !== undefined && truncation.times > 0;
    const cutsAfter = cuts ? truncation.bytes : null;
    const drip = this.#drips.get(key);
    const tag = this.#tags.get(key);
    if (cuts) {
      truncation.times -= 1;
      if (truncation.etag === 'changes') this.#tags.set(key, `"after-cut-${truncation.times}"`);
    }
    return {
      cutsAfter,
      etag: (body) => (tag === undefined ? strongTag(body) : tag),
      async *pieces(body) {
        const end = cutsAfter ?? body.length;
        for (let at = 0; at < end; at += drip?.bytes ?? end) {
          if (drip) await pause(drip.everyMs);
          yield body.subarray(at, Math.min(at + (drip?.bytes ?? end), end));
        }
      },
    };
  }
}

/** Ready-made lies. */
export const lies = {
  /** Another body under the same status and headers. */
  body:
    (body: string | Buffer): Lie =>
    (honest) => ({ ...honest, body }),
  /** Claims a media type that the body hasn't. */
  mediaType:
    (type: string): Lie =>
    (honest) => ({
      ...honest,
      headers: { ...honest.headers, 'content-type': type },
    }),
  status:
    (status: number, body = ''): Lie =>
    () => ({ status, body }),
  /** A 200 with an HTML page where JSON or a file should be, as interceptions give. */
  interception: (): Lie => () => ({
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<!doctype html><title>Sign in to the network</title><p>Accept the terms first.</p>',
  }),
  /** Other bytes at every request. */
  changingBytes: (): Lie => {
    let count = 0;
    return (honest) => {
      count += 1;
      return {
        ...honest,
        body: Buffer.concat([Buffer.from(honest.body ?? ''), Buffer.from(`\n<!-- ${count} -->`)]),
      };
    };
  },
};

/** Host and path: the query of an address is not part of what a fault is about. */
function address(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function strongTag(body: Buffer): string {
  return `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
}
