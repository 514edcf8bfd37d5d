/** Why a page could not be reached, as a stable code, from Chromium's words and the door's record. */
import type { Reason } from '../base/reasons.ts';
import type { DoorConnection } from '../egress/egress.ts';

/** Chromium only says that the way was closed; the door knows why. */
const doorKnows = new Set([
  'ERR_TUNNEL_CONNECTION_FAILED',
  'ERR_EMPTY_RESPONSE',
  'ERR_CONNECTION_CLOSED',
  'ERR_CONNECTION_RESET',
  'ERR_PROXY_CONNECTION_FAILED',
  'ERR_SOCKET_NOT_CONNECTED',
]);

/** The body is not in the coding that its server names. */
export function isBadlyEncoded(words: string): boolean {
  return /ERR_CONTENT_DECODING/.test(words);
}

const meanings: [pattern: RegExp, reason: Reason][] = [
  [/^ERR_(CERT_|SSL_|BAD_SSL|ECH_)/, 'tls'],
  [/^ERR_TOO_MANY_REDIRECTS$/, 'redirect-loop'],
  [/^ERR_(TIMED_OUT|CONNECTION_TIMED_OUT)$/, 'timed-out'],
  [/^ERR_(CONNECTION_REFUSED)$/, 'refused'],
  [/^ERR_(CONNECTION_|EMPTY_RESPONSE|CONTENT_LENGTH_MISMATCH|INCOMPLETE_CHUNKED)/, 'reset'],
  [/^ERR_CONTENT_DECODING/, 'bad-content-encoding'],
  [/^ERR_NAME_/, 'dns'],
  [/^ERR_(INVALID_URL|UNKNOWN_URL_SCHEME|DISALLOWED_URL_SCHEME|UNSAFE_PORT)$/, 'bad-url'],
  [
    /^ERR_(INVALID_HTTP_RESPONSE|INVALID_RESPONSE|RESPONSE_HEADERS|HTTP2_|INVALID_REDIRECT|UNSAFE_REDIRECT)/,
    'bad-response',
  ],
];

export function failureReason(words: string, connection: DoorConnection | null): Reason {
  const code = /\b(ERR_[A-Z0-9_]+)/.exec(words)?.[1] ?? '';
  if (doorKnows.has(code) && connection !== null && connection.outcome !== 'connected') {
    return connection.outcome === 'refused-by-policy' ? 'address-refused' : connection.outcome;
  }
  if (/Timeout \d+ms exceeded/.test(words)) return 'timed-out';
  return meanings.find(([pattern]) => pattern.test(code))?.[1] ?? 'navigation-failed';
}

/** The last connection of a request's host: the one that carried it, or the one that failed it. */
export function connectionFor(url: string, connections: DoorConnection[]): DoorConnection | null {
  if (!URL.canParse(url)) return null;
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isSecure = protocol === 'https:' || protocol === 'wss:';
  const wanted = Number(port || (isSecure ? 443 : 80));
  return connections.findLast((one) => one.host === host && one.port === wanted) ?? null;
}
