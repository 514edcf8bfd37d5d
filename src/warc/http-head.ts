/** The HTTP header blocks of an exchange, as they stand in WARC records. */
import type { RecordedExchange, RecordedResponse } from './exchange.ts';
import { type HeaderLine, headerBlock } from './header-lines.ts';
import { sortOut } from './withheld.ts';

export interface HttpHead {
  text: string;
  withheld: HeaderLine[];
}

/**
 * Always in the form of HTTP/1.1, whatever was spoken (`WARC-Protocol` has that): readers know no
 * other. Pseudo-headers of HTTP/2 are in the request line; `Host` is added where it was one of them.
 */
export function requestHead(exchange: RecordedExchange, withhold: boolean): HttpHead {
  const { pathname, search, host } = new URL(exchange.url);
  const { open, withheld } = sortOut(plain(exchange.request.headers), withhold);
  if (!open.some(([name]) => is(name, 'host'))) open.unshift(['Host', host]);
  // Chunks on the wire, and lengths of bodies that were cut, are no more what is stored.
  const { body } = exchange.request;
  const kept = body === null ? unframed(open) : fitted(open, body.sizeBytes, false);
  const method = exchange.method.replace(/[^A-Za-z-]/g, '') || 'GET';
  return { text: headerBlock(`${method} ${pathname}${search} HTTP/1.1`, kept), withheld };
}

/**
 * Status line and headers as received, save that what no longer holds for the stored body
 * (framing, content coding, length) keeps its value under the name `X-Orig-…`.
 */
export function responseHead(
  exchange: RecordedExchange,
  response: RecordedResponse,
  withhold: boolean,
): HttpHead {
  const received = plain(response.headers);
  const { open, withheld } = sortOut(received, withhold);
  const { body, decoded } = response;
  const kept = bodiless(exchange, response)
    ? unframed(open)
    : fitted(open, body?.sizeBytes ?? 0, decoded || body === null);
  return {
    text: headerBlock(`HTTP/1.1 ${response.status} ${response.statusText}`, kept),
    withheld,
  };
}

/** HEAD, 204 and 304 have no body by definition: their `Content-Length` speaks of another. */
function bodiless(exchange: RecordedExchange, { status, body }: RecordedResponse): boolean {
  return body === null && (exchange.method === 'HEAD' || status === 204 || status === 304);
}

function unframed(headers: HeaderLine[]): HeaderLine[] {
  return headers.map(([name, value]) => [original(name, ['transfer-encoding']), value]);
}

function fitted(headers: HeaderLine[], sizeBytes: number, decoded: boolean): HeaderLine[] {
  const gone = ['transfer-encoding'];
  if (decoded) gone.push('content-encoding');
  const lengths = headers.filter(([name]) => is(name, 'content-length'));
  const right = lengths.length === 1 && lengths[0]?.[1].trim() === String(sizeBytes);
  if (!right) gone.push('content-length');
  const kept = headers.map(([name, value]): HeaderLine => [original(name, gone), value]);
  return right ? kept : [...kept, ['Content-Length', String(sizeBytes)]];
}

function original(name: string, gone: string[]): string {
  return gone.some((one) => is(name, one)) ? `X-Orig-${name.trim()}` : name;
}

function plain(headers: HeaderLine[]): HeaderLine[] {
  return headers.filter(([name]) => !name.startsWith(':'));
}

function is(name: string, lowerCase: string): boolean {
  return name.trim().toLowerCase() === lowerCase;
}

/** The first header of this name; `null` when there is none. */
export function headerOf(headers: HeaderLine[], lowerCase: string): string | null {
  return headers.find(([name]) => is(name, lowerCase))?.[1].trim() ?? null;
}
