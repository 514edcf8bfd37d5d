/** HTTP for our own requests, through the same way out as the door's. Never follows redirects. */
import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestPlain,
} from 'node:http';
import { request as requestSecure } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { createSecureContext, getCACertificates, type SecureContext, TLSSocket } from 'node:tls';
import { HoldfastError, PermanentError, TransientError } from '../base/errors.ts';
import { timeLimit } from '../base/time-limit.ts';
import type { Dial } from './dial.ts';
import { idleLimit } from './idle-limit.ts';
import { parseWebUrl, targetOfUrl } from './target.ts';
import { transportCode } from './tcp.ts';
import { secured } from './tls.ts';

export interface HttpRequest {
  /** http or https, without credentials. */
  url: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Stops the request at any time, the body included. */
  signal: AbortSignal;
  /** From the start to the end of the response's headers. */
  timeoutMs?: number;
  /** Longest silence within the body. */
  idleTimeoutMs?: number;
  /** Sees every chunk of the body as it comes. */
  onBytes?: (chunk: Buffer) => void;
}

export interface HttpResponse {
  url: string;
  status: number;
  /** As they came: order, case and repetitions. */
  headers: [name: string, value: string][];
  /** As they were sent, but for `Connection`. */
  sentHeaders: [name: string, value: string][];
  /** TLS version and cipher; null for plain HTTP. */
  tls: string | null;
  /** Null where an upstream proxy chose the address. */
  remoteAddress: string | null;
  /** As served (`identity` was asked for). The caller reads it to its end or destroys it. */
  body: Readable;
}

export interface HttpClient {
  /**
   * @throws TransientError `dns`, `refused`, `reset`, `unreachable`, `timed-out`, `tls`, `upstream-failed`;
   * the body may end with `reset` or `timed-out`
   * @throws PermanentError `address-refused`, `bad-url`, `bad-request`
   */
  request(request: HttpRequest): Promise<HttpResponse>;
}

export interface ClosableClient extends HttpClient {
  close(): void;
}

const headersTimeoutMs = 30_000;
const bodyIdleTimeoutMs = 30_000;
const userAgent = 'Mozilla/5.0 (compatible; Holdfast)';

export function openClient(dial: Dial, extraCaPem: string | null): ClosableClient {
  const authorities = extraCaPem === null ? [] : [extraCaPem];
  const trust = createSecureContext({ ca: [...getCACertificates('default'), ...authorities] });
  const closing = new AbortController();
  const agents = {
    'http:': new DialAgent('http:', dial, trust, closing.signal),
    'https:': new DialAgent('https:', dial, trust, closing.signal),
  };
  return {
    async request(asked) {
      const url = parseWebUrl(asked.url);
      const agent = agents[url.protocol as keyof typeof agents];
      const limitMs = asked.timeoutMs ?? headersTimeoutMs;
      using limit = timeLimit(limitMs, asked.signal, closing.signal);
      try {
        return await exchange(asked, url, agent, limit.signal);
      } catch (error) {
        asked.signal.throwIfAborted();
        if (limit.isOver)
          throw new TransientError('timed-out', `${url.host} did not answer in time`);
        throw error;
      }
    },
    close() {
      closing.abort(new Error('the client is closed'));
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** Sends, waits for the headers, and hands over the body; one more try on a kept connection that had died. */
async function exchange(
  asked: HttpRequest,
  url: URL,
  agent: DialAgent,
  signal: AbortSignal,
): Promise<HttpResponse> {
  for (;;) {
    signal.throwIfAborted();
    const sent = send(asked, url, agent);
    try {
      const came = await headersOf(sent, signal);
      return responseOf(asked, url, { sent, came }, agent);
    } catch (error) {
      sent.destroy();
      signal.throwIfAborted();
      if (sent.reusedSocket && transportCode(error) === 'reset') continue;
      throw meaningOf(error, url);
    }
  }
}

function send(asked: HttpRequest, url: URL, agent: DialAgent): ClientRequest {
  const request = url.protocol === 'https:' ? requestSecure : requestPlain;
  try {
    const sent = request(url, {
      agent,
      method: asked.method ?? 'GET',
      headers: {
        'user-agent': userAgent,
        accept: '*/*',
        'accept-encoding': 'identity',
        ...lowerCased(asked.headers),
      },
      maxHeaderSize: 256 * 1024,
    });
    sent.on('error', () => {});
    sent.end(asked.body);
    return sent;
  } catch (cause) {
    throw new PermanentError(
      'bad-request',
      `the request to ${url.host} is not valid: ${String(cause)}`,
      {
        cause,
      },
    );
  }
}

function headersOf(sent: ClientRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  sent.once('response', resolve).once('error', reject);
  // Node hands the connection over with it, and no longer counts it to the request.
  sent.once('upgrade', (_came, socket) => {
    socket.destroy();
    reject(new TransientError('reset', 'the server changed the protocol'));
  });
  return promise.finally(() => signal.removeEventListener('abort', stop));
}

function responseOf(
  asked: HttpRequest,
  url: URL,
  { sent, came }: { sent: ClientRequest; came: IncomingMessage },
  agent: DialAgent,
): HttpResponse {
  const raw = came.rawHeaders;
  return {
    url: url.href,
    status: came.statusCode ?? 0,
    headers: Array.from({ length: raw.length / 2 }, (_, index) => [
      raw[2 * index] ?? '',
      raw[2 * index + 1] ?? '',
    ]),
    sentHeaders: sent.getRawHeaderNames().map((name) => [name, String(sent.getHeader(name))]),
    tls: tlsInWords(came.socket),
    remoteAddress: agent.addressOf(came.socket),
    body: idleLimit(came, {
      idleTimeoutMs: asked.idleTimeoutMs ?? bodyIdleTimeoutMs,
      signal: asked.signal,
      failure: (error) => meaningOf(error, url),
      onBytes: asked.onBytes,
    }),
  };
}

function tlsInWords(socket: Socket): string | null {
  if (!(socket instanceof TLSSocket)) return null;
  return [socket.getProtocol(), socket.getCipher()?.name].filter(Boolean).join(' ');
}

function meaningOf(error: unknown, url: URL): Error {
  if (error instanceof HoldfastError) return error;
  const code = transportCode(error);
  // Whatever is neither ours nor the socket's was said by the HTTP parser: the answer broke off in nonsense.
  const meant = code === 'unreachable' && !isSystemError(error) ? 'reset' : code;
  return new TransientError(
    meant,
    `${url.host}: ${error instanceof Error ? error.message : meant}`,
    { cause: error },
  );
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function lowerCased(headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

/** Keeps connections for reuse; each is dialled, and for https checked, before it is handed out. */
class DialAgent extends HttpAgent {
  readonly protocol: string;
  readonly defaultPort: number;
  readonly #dial: Dial;
  readonly #trust: SecureContext;
  readonly #closing: AbortSignal;
  readonly #addresses = new WeakMap<Duplex, string | null>();

  constructor(
    protocol: 'http:' | 'https:',
    dial: Dial,
    trust: SecureContext,
    closing: AbortSignal,
  ) {
    super({ keepAlive: true, maxFreeSockets: 16, timeout: 60_000 });
    this.protocol = protocol;
    this.defaultPort = protocol === 'https:' ? 443 : 80;
    this.#dial = dial;
    this.#trust = trust;
    this.#closing = closing;
  }

  addressOf(socket: Duplex): string | null {
    return this.#addresses.get(socket) ?? null;
  }

  override createConnection(
    options: { host?: string | null; port?: string | number | null },
    done?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.#open(options.host ?? '', Number(options.port ?? this.defaultPort)).then(
      (socket) => done?.(null, socket),
      (error: Error) => done?.(error, undefined as never),
    );
  }

  async #open(host: string, port: number): Promise<Socket> {
    const bare = host.replace(/^\[|\]$/g, '');
    const record = { address: null, outcome: 'given-up' as const };
    const target = targetOfUrl(
      new URL(`${this.protocol}//${isIP(bare) === 6 ? `[${bare}]` : bare}:${port}`),
    );
    const socket = await this.#dial(target, record, this.#closing);
    const ready = this.protocol === 'https:' ? await this.#secure(socket, bare) : socket;
    if (this.#closing.aborted) {
      // Closed in the very moment in which the connection was there: the agent would keep it.
      ready.destroy();
      throw this.#closing.reason;
    }
    this.#addresses.set(ready, record.address);
    return ready;
  }

  /** Takes the connection over: it is destroyed where TLS fails. */
  async #secure(socket: Socket, host: string): Promise<Socket> {
    using limit = timeLimit(headersTimeoutMs, this.#closing);
    try {
      return await secured(
        socket,
        {
          host,
          servername: isIP(host) === 0 ? host : '',
          secureContext: this.#trust,
          ALPNProtocols: ['http/1.1'],
        },
        limit.signal,
      );
    } catch (error) {
      this.#closing.throwIfAborted();
      if (limit.isOver) throw new TransientError('timed-out', `${host}: no TLS in time`);
      throw tlsMeaning(error, host);
    }
  }
}

function tlsMeaning(error: unknown, host: string): unknown {
  if (!(error instanceof Error) || error instanceof HoldfastError) return error;
  const cut = transportCode(error) === 'reset';
  return new TransientError(cut ? 'reset' : 'tls', `${host}: ${error.message}`, { cause: error });
}
