/**
 * The door: a CONNECT and plain-HTTP forward proxy on loopback, for programs that bring
 * their own HTTP (Chromium, yt-dlp). It never opens TLS, so it sees names, addresses, bytes
 * on the wire and time, and nothing else.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { errorCode, HoldfastError, PermanentError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { MayCall } from './callers.ts';
import type { Dial, DialOutcome } from './dial.ts';
import { type DoorConnection, doorLog } from './door-log.ts';
import { parseAuthority, type Target, targetOfUrl } from './target.ts';

export type { DoorConnection } from './door-log.ts';

export interface Door extends AsyncDisposable {
  /** `http://127.0.0.1:port`, for a program's proxy setting. */
  url: string;
  /** Every connection asked for so far, in the order in which its fate was known. */
  connections(): DoorConnection[];
}

const maxHeaderBytes = 256 * 1024;

/** Whom a door lets in, and where it leads nobody. */
export interface DoorGuard {
  mayCall: MayCall;
  refusedHosts: ReadonlySet<string>;
}

/** Opens a listener of its own, so that what passes belongs to whoever it was opened for. */
export async function openDoor(
  dial: Dial,
  { mayCall, refusedHosts }: DoorGuard,
  log: Log,
  whenClosed: () => void,
): Promise<Door> {
  const entries = doorLog();
  const closing = new AbortController();
  const sockets = new Set<Socket>();

  /** Dials for one client, and gives up when that client goes or the door closes. */
  const reach = async (target: Target, client: Socket): Promise<Socket> => {
    const record = { address: null, outcome: 'given-up' as DialOutcome };
    const gone = new AbortController();
    const leave = () => gone.abort(new Error('the client went away'));
    client.once('close', leave);
    let socket: Socket | null = null;
    try {
      if (refusedHosts.has(target.host)) {
        record.outcome = 'refused-by-policy';
        throw new PermanentError(
          'address-refused',
          `${target.host} is an address that browsers call on their own account`,
        );
      }
      socket = await dial(target, record, AbortSignal.any([closing.signal, gone.signal]));
      // It may have gone in the very moment in which the connection was there.
      if (client.destroyed) {
        socket.destroy();
        throw new Error('the client went away');
      }
      return socket;
    } finally {
      client.off('close', leave);
      entries.add(target, record, socket);
      log.debug({ host: target.host, port: target.port, ...record }, 'door');
    }
  };

  const server = createServer({ maxHeaderSize: maxHeaderBytes, keepAliveTimeout: 60_000 });
  server.requestTimeout = 0;
  const admitted = new WeakMap<Socket, Promise<boolean>>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    admitted.set(socket, mayCall(socket));
  });
  /** A stranger is cut off without a word, and stands in no record. */
  const letIn = async (client: Socket, go: () => Promise<void>) => {
    if (await admitted.get(client)) return go();
    log.warn({ port: client.remotePort }, 'a stranger at the door');
    client.destroy();
  };
  server.on('connect', (asked: IncomingMessage, client: Socket, head: Buffer) => {
    void letIn(client, () => tunnel(asked, client, head, reach));
  });
  server.on('request', (asked: IncomingMessage, answer: ServerResponse) => {
    void letIn(asked.socket, () => forward(asked, answer, reach));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const close = async () => {
    closing.abort(new Error('the door is closed'));
    server.close();
    for (const socket of sockets) socket.destroy();
    entries.closeAll();
    await once(server, 'close');
    whenClosed();
  };
  let closed: Promise<void> | null = null;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: entries.connections,
    [Symbol.asyncDispose]() {
      // Its opener and whoever closes the whole program may do this at once: both wait for the end.
      closed ??= close();
      return closed;
    },
  };
}

type Reach = (target: Target, client: Socket) => Promise<Socket>;

async function tunnel(
  asked: IncomingMessage,
  client: Socket,
  head: Buffer,
  reach: Reach,
): Promise<void> {
  client.on('error', () => {});
  try {
    const origin = await reach(parseAuthority(asked.url ?? ''), client);
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) origin.write(head);
    join(client, origin);
  } catch (error) {
    // Read on, or nobody would notice that the client leaves.
    if (!client.destroyed) client.end(refusal(error)).resume();
  }
}

/** Couples two connections: an end is passed on as an end, a cut as a cut. */
function join(client: Socket, origin: Socket): void {
  client.pipe(origin).pipe(client);
  client.once('close', () => origin.destroy());
  origin.on('error', () => {}); // its close comes next
  origin.once('close', () => {
    // What ended before it was cut has ended. Node resets no connection that is being shut down,
    // and would take it for closed while it stays open: a process with such a one never exits.
    if (client.writableEnded) client.resume();
    else client.resetAndDestroy();
  });
}

/** The answer to a CONNECT that failed, with the reason as RFC 9209 spells it. */
function refusal(error: unknown): string {
  const code = errorCode(error);
  const [status, proxyError] = refusals[code] ?? ['502 Bad Gateway', 'proxy_internal_error'];
  const words = error instanceof HoldfastError ? error.message : code;
  const text = `${words.replace(/[^\x20-\x7e]/g, '?')}\n`;
  return [
    `HTTP/1.1 ${status}`,
    `Proxy-Status: holdfast; error=${proxyError}`,
    'Content-Type: text/plain',
    `Content-Length: ${text.length}`,
    'Connection: close',
    '',
    text,
  ].join('\r\n');
}

const refusals: Record<string, [status: string, proxyError: string]> = {
  'bad-url': ['400 Bad Request', 'http_request_error'],
  'address-refused': ['403 Forbidden', 'destination_ip_prohibited'],
  dns: ['502 Bad Gateway', 'dns_error'],
  refused: ['502 Bad Gateway', 'connection_refused'],
  reset: ['502 Bad Gateway', 'connection_terminated'],
  unreachable: ['502 Bad Gateway', 'destination_ip_unroutable'],
  'timed-out': ['504 Gateway Timeout', 'connection_timeout'],
};

/**
 * Plain HTTP: one connection to the origin a request, headers as they came except those
 * that belong to a connection (RFC 9110 7.6.1). A failure closes the client's connection
 * without a word, because any answer made up here could be taken for the origin's.
 */
async function forward(
  asked: IncomingMessage,
  answer: ServerResponse,
  reach: Reach,
): Promise<void> {
  const client = asked.socket;
  try {
    const url = plainUrl(asked.url ?? '');
    const origin = await reach(targetOfUrl(url), client);
    // The client's connection may outlive many of these.
    const leave = () => origin.destroy();
    client.once('close', leave);
    origin.once('close', () => client.off('close', leave));
    answer.once('close', () => origin.destroy());
    const sent = request({
      createConnection: () => origin,
      method: asked.method,
      path: (asked.url ?? '').replace(/^http:\/\/[^/?#]*/i, '').replace(/^(?!\/)/, '/'),
      headers: ['Connection', 'keep-alive', ...endToEnd(asked.rawHeaders)],
      setHost: false,
      insecureHTTPParser: true,
      maxHeaderSize: maxHeaderBytes,
    });
    sent.on('error', () => client.destroy());
    sent.on('response', (came) => passOn(came, answer, client));
    asked.pipe(sent);
  } catch {
    client.destroy();
  }
}

function plainUrl(text: string): URL {
  if (!/^http:\/\//i.test(text) || !URL.canParse(text)) {
    throw new PermanentError('bad-url', 'a proxy request must name a whole http address');
  }
  return new URL(text);
}

function passOn(came: IncomingMessage, answer: ServerResponse, client: Socket): void {
  came.on('error', () => client.destroy());
  try {
    answer.sendDate = false;
    answer.writeHead(came.statusCode ?? 502, came.statusMessage ?? '', endToEnd(came.rawHeaders));
    came.pipe(answer);
  } catch {
    client.destroy(); // a header that must not be sent on
  }
}

const connectionHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Raw headers (name, value, name, value …) without those of the connection. */
function endToEnd(raw: string[]): string[] {
  return raw.filter(
    (_, index) => !connectionHeaders.has((raw[index - (index % 2)] ?? '').toLowerCase()),
  );
}
