/** An entry of the ledger in the form in which it is kept. */
import type { DoorConnection } from '../egress/egress.ts';
import type { RecordedExchange, RecordedResponse } from '../warc/exchange.ts';
import { type Ended, isRevalidated } from './cache-origin.ts';
import { cameShort, hasNoBody } from './content-length.ts';
import { type Entry, type ExchangeLedger, splitHeaders } from './exchange-ledger.ts';
import { connectionFor } from './failures.ts';

/** Ends the entry's bodies. @throws StorageError */
export async function recordedExchange(
  ended: Ended,
  view: string,
  ledger: ExchangeLedger,
  connections: DoorConnection[],
): Promise<RecordedExchange> {
  const { entry, ending, cache } = ended;
  const extras = ledger.extrasOf(entry);
  const response = await responseOf(ended, ledger);
  const reached = response !== null && (entry.response?.answeredBy ?? null) === null;
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
    response,
    protocol: entry.response?.protocol ?? null,
    tls: entry.response?.tls ?? null,
    remoteAddress: reached ? (connectionFor(entry.url, connections)?.address ?? null) : null,
    class: ending.class,
    reason: ending.reason,
    refetched: false,
    comparedBytes: null,
    cache,
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
  { entry, ending, cache }: Ended,
  ledger: ExchangeLedger,
): Promise<RecordedResponse | null> {
  const extra = ledger.extrasOf(entry).response;
  const response = entry.response ?? unshown(extra);
  if (response === null) return null;
  const isOrigin = cache === null || cache.filledBy === null;
  const status = !isOrigin && isRevalidated(entry, ledger) ? 304 : response.status;
  const hasBody = isOrigin && response.answeredBy !== 'service-worker';
  const isSocket = entry.type === 'websocket';
  const expected = hasBody && (isSocket || !hasNoBody({ status, headers: response.headers }));
  const body = expected ? ((await entry.body?.end()) ?? null) : null;
  const lines = extra?.headersText?.split(/\r?\n/) ?? [];
  const isOver = extra?.statusCode === status;
  return {
    status,
    statusText: isOver && extra?.headersText ? reasonPhrase(lines[0] ?? '') : response.statusText,
    headers: ledger.headerSets.shared(
      isOver && extra?.headersText ? parsedHeaders(lines.slice(1)) : withCookies(response, extra),
    ),
    body,
    decoded: true,
    truncated: body === null ? null : truncation(entry, ending),
  };
}

/** An answer that the browser kept from the page by a rule of its own (ORB): only its head is told. */
function unshown(extra: ExtraResponse): Entry['response'] {
  if (extra === null) return null;
  const { statusCode: status, headers } = extra;
  const told = { statusText: '', protocol: null, tls: null, answeredBy: null };
  return { status, headers: splitHeaders(headers), ...told };
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

function truncation(entry: Entry, ending: Ended['ending']): RecordedResponse['truncated'] {
  if (entry.bodyTrouble === 'capped') return 'length';
  if (cameShort(entry)) return 'disconnect';
  if (entry.state === 'open') return entry.isWhole ? null : 'time';
  return ending.class === 'recorded' ? null : 'disconnect';
}
