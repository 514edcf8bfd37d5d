/**
 * A proxy behind the door: a VPN exit, Tor, a partner's network. Names are resolved there;
 * addresses were checked before they get here.
 */

import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { ConfigError, type HoldfastError, TransientError } from '../base/errors.ts';
import { timeLimit } from '../base/time-limit.ts';
import type { Target } from './target.ts';
import { openSocket, readExactly, readHead, type TransportCode } from './tcp.ts';
import { secured } from './tls.ts';

export interface Upstream {
  /** `host:port`, without credentials: this is written into manifests. */
  label: string;
  /**
   * @throws TransientError `dns`, `refused`, `reset`, `unreachable`, `timed-out` when the proxy says so of
   * the target; `upstream-failed` when the proxy itself can't be used or doesn't say why
   */
  connect(target: Target, timeoutMs: number, signal: AbortSignal): Promise<Socket>;
}

/** @throws ConfigError */
export function upstreamOf(text: string): Upstream {
  const url = URL.canParse(text) ? new URL(text) : null;
  const handshake = url === null ? undefined : handshakes[url.protocol];
  if (url === null || handshake === undefined || url.hostname === '') {
    throw new ConfigError([
      'HOLDFAST_UPSTREAM_PROXY: must look like http://host:port or socks5://host:port',
    ]);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || defaultPorts[url.protocol]);
  const credentials = {
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  return {
    label: `${url.hostname}:${port}`,
    async connect(target, timeoutMs, signal) {
      using limit = timeLimit(timeoutMs, signal);
      let socket: Socket | null = null;
      try {
        socket = await openSocket(host, port, timeoutMs, limit.signal);
        if (url.protocol === 'https:') {
          const servername = isIP(host) === 0 ? host : '';
          socket = await secured(socket, { host, servername }, limit.signal);
        }
        await handshake(socket, target, credentials, limit.signal);
        return socket;
      } catch (error) {
        socket?.on('error', () => {});
        socket?.destroy();
        signal.throwIfAborted();
        throw error instanceof TargetFailure
          ? error.meaning
          : new TransientError('upstream-failed', `the upstream proxy ${url.host} can't be used`, {
              cause: error,
            });
      }
    },
  };
}

type Credentials = { user: string; password: string };
type Handshake = (
  socket: Socket,
  target: Target,
  credentials: Credentials,
  signal: AbortSignal,
) => Promise<void>;

const defaultPorts: Record<string, string> = { 'http:': '80', 'https:': '443', 'socks5:': '1080' };
const handshakes: Record<string, Handshake> = {
  'http:': httpConnect,
  'https:': httpConnect,
  'socks5:': socks5,
};

/** The proxy works, and says that the target doesn't. */
class TargetFailure extends Error {
  readonly meaning: HoldfastError;
  constructor(code: TransportCode, target: Target, words: string) {
    super(words);
    this.meaning = new TransientError(
      code,
      `${target.host} port ${target.port}: the upstream proxy says ${words}`,
    );
  }
}

/** HTTP CONNECT (RFC 9110 9.3.6). Why it failed is read from Proxy-Status (RFC 9209) where it is sent. */
async function httpConnect(
  socket: Socket,
  target: Target,
  { user, password }: Credentials,
  signal: AbortSignal,
): Promise<void> {
  const place = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
  const proof = Buffer.from(`${user}:${password}`).toString('base64');
  const lines = [`CONNECT ${place} HTTP/1.1`, `Host: ${place}`];
  if (user !== '') lines.push(`Proxy-Authorization: Basic ${proof}`);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const head = await readHead(socket, 64 * 1024, signal);
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 0);
  if (status >= 200 && status < 300) return;
  const error = /^proxy-status:.*?\berror="?([a-z_]+)/im.exec(head)?.[1] ?? '';
  const code = proxyErrors[error] ?? (status === 504 ? 'timed-out' : undefined);
  if (code !== undefined) throw new TargetFailure(code, target, error || String(status));
  throw new Error(`the proxy answered CONNECT with ${status}`);
}

/** Error types of RFC 9209 2.3 that speak about the target. */
const proxyErrors: Record<string, TransportCode> = {
  dns_timeout: 'dns',
  dns_error: 'dns',
  destination_not_found: 'dns',
  connection_refused: 'refused',
  connection_terminated: 'reset',
  connection_timeout: 'timed-out',
  destination_unavailable: 'unreachable',
  destination_ip_unroutable: 'unreachable',
};

/** SOCKS5 (RFC 1928) with no authentication or a user name and password (RFC 1929). */
async function socks5(
  socket: Socket,
  target: Target,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<void> {
  socket.write(Buffer.from(credentials.user === '' ? [5, 1, 0] : [5, 2, 0, 2]));
  const [, method] = await readExactly(socket, 2, signal);
  if (method === 2) await logIn(socket, credentials, signal);
  else if (method !== 0) throw new Error('the SOCKS proxy accepts none of our ways to log in');
  const port = Buffer.from([target.port >> 8, target.port & 255]);
  socket.write(Buffer.concat([Buffer.from([5, 1, 0]), socksAddress(target), port]));
  const [, reply = 1, , kind] = await readExactly(socket, 4, signal);
  const code = socksReplies[reply];
  if (code !== undefined) throw new TargetFailure(code, target, `SOCKS reply ${reply}`);
  if (reply !== 0) throw new Error(`the SOCKS proxy answered ${reply}`);
  // The address that the proxy bound follows, in a length of its own; nobody needs it.
  const sizeBytes =
    kind === 1 ? 4 : kind === 4 ? 16 : ((await readExactly(socket, 1, signal))[0] ?? 0);
  await readExactly(socket, sizeBytes + 2, signal);
}

/** Reply codes of RFC 1928 6 that speak about the target. */
const socksReplies: Record<number, TransportCode> = {
  3: 'unreachable',
  4: 'unreachable',
  5: 'refused',
  6: 'timed-out',
};

async function logIn(
  socket: Socket,
  { user, password }: Credentials,
  signal: AbortSignal,
): Promise<void> {
  const [name, secret] = [Buffer.from(user), Buffer.from(password)];
  if (name.length > 255 || secret.length > 255) throw new Error('SOCKS credentials are too long');
  socket.write(
    Buffer.concat([Buffer.from([1, name.length]), name, Buffer.from([secret.length]), secret]),
  );
  const [, status] = await readExactly(socket, 2, signal);
  if (status !== 0) throw new Error('the SOCKS proxy refused the credentials');
}

function socksAddress({ host, isAddress }: Target): Buffer {
  if (isAddress) {
    const bytes = ipaddr.parse(host).toByteArray();
    return Buffer.from([bytes.length === 4 ? 1 : 4, ...bytes]);
  }
  const name = Buffer.from(host, 'latin1');
  if (name.length > 255) throw new Error('the name is too long for SOCKS');
  return Buffer.concat([Buffer.from([3, name.length]), name]);
}
