/** An entry of the ledger in the form in which it is kept. */
import type { DoorConnection } from '../egress/egress.ts';
import type { RecordedExchange, RecordedResponse } from '../warc/exchange.ts';
import { hasNoBody } from './body-strategy.ts';
import type { Ending } from './exchange-class.ts';
import { type Entry, type ExchangeLedger, splitHeaders } from './exchange-ledger.ts';
import { connectionFor } from './failures.ts';

/** Ends the entry's bodies. @throws StorageError */
export async function recordedExchange(
  entry: Entry,
  view: string,
  ending: Ending,
  ledger: ExchangeLedger,
  connections: DoorConnection[],
): Promise<RecordedExchange> {
  const extras = ledger.extrasOf(entry);
  const reached = entry.response !== null && entry.response.answeredBy === null;
  return {
    id: entry.id,
    method: entry.method,
    url: entry.url,
    startedAt: new Date(entry.startedAtMs).toISOString(),
    finishedAt: entry.endedAtMs === null ? null : new Date(entry.endedAtMs).toISOString(),
    resourceType: entry.type,
    request: {
      headers: ledger.headerSets.shared(requestHeaders(entry, extras.request)),
      body: (await entry.requestBody?.end()) ?? null,
    },
    response: await responseOf(entry, ending, extras.response, ledger),
    protocol: entry.response?.protocol ?? null,
    tls: entry.response?.tls ?? null,
    remoteAddress: reached ? (connectionFor(entry.url, connections)?.address ?? null) : null,
    class: ending.class,
    reason: ending.reason,
    refetched: false,
    view,
    pageUrl: entry.pageUrl,
  };
}

/** In Chromium's spelling; it doesn't tell in which order it sent them. */
function requestHeaders(
  entry: Entry,
  sent: Record<string, string> | null,
): [name: string, value: string][] {
  const told = Object.entries(sent ?? entry.requestHeaders);
  // Pseudo-headers are none, and what Chromium says to our door the door keeps for itself.
  const headers = told.filter(([name]) => !/^(:|proxy-)/i.test(name));
  // HTTP/2 has the host among its pseudo-headers.
  const authority = told.find(([name]) => name === ':authority')?.[1] ?? new URL(entry.url).host;
  const hasHost = headers.some(([name]) => name.toLowerCase() === 'host');
  return hasHost ? headers : [['Host', authority], ...headers];
}

type ExtraResponse = ReturnType<ExchangeLedger['extrasOf']>['response'];

async function responseOf(
  entry: Entry,
  ending: Ending,
  extra: ExtraResponse,
  ledger: ExchangeLedger,
): Promise<RecordedResponse | null> {
  const { response } = entry;
  if (response === null) return null;
  // A 304 over the wire is told to the page as the 200 that lies in the browser's cache.
  const isRevalidated = extra?.statusCode === 304;
  const status = isRevalidated ? 304 : response.status;
  const isSocket = entry.type === 'websocket';
  const hasBody = response.answeredBy === null && (isSocket || !hasNoBody(status));
  const body = hasBody ? ((await entry.body?.end()) ?? null) : null;
  const lines = extra?.headersText?.split(/\r?\n/) ?? [];
  return {
    status,
    statusText: extra?.headersText ? reasonPhrase(lines[0] ?? '') : response.statusText,
    headers: ledger.headerSets.shared(
      extra?.headersText ? parsedHeaders(lines.slice(1)) : withCookies(response, extra),
    ),
    body,
    decoded: true,
    truncated: body === null ? null : truncation(entry, ending),
  };
}

function reasonPhrase(statusLine: string): string {
  return /^HTTP\/\S+ \d{3} (.*)$/.exec(statusLine)?.[1] ?? '';
}

function parsedHeaders(lines: string[]): [name: string, value: string][] {
  return lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon < 1
      ? []
      : [[line.slice(0, colon), line.slice(colon + 1).trim()] as [string, string]];
  });
}

/** What is paused has no cookies; the page's session tells of each in a line of its own. */
function withCookies(
  { headers }: NonNullable<Entry['response']>,
  extra: ExtraResponse,
): [name: string, value: string][] {
  if (headers.length === 0 && extra !== null) return splitHeaders(extra.headers);
  const cookies = splitHeaders(extra?.headers ?? {}).filter(([name]) => /^set-cookie$/i.test(name));
  const others = headers.filter(([name]) => cookies.length === 0 || !/^set-cookie$/i.test(name));
  return [...others, ...cookies];
}

function truncation(entry: Entry, ending: Ending): RecordedResponse['truncated'] {
  if (entry.bodyTrouble === 'capped') return 'length';
  if (entry.state === 'open') return entry.isWhole ? null : 'time';
  return ending.class === 'recorded' ? null : 'disconnect';
}
