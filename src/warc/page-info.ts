/** The honest list: every request of a page in its class, recorded or not. */
import type { ExchangeClass, RecordedExchange } from './exchange.ts';
import { recordIdOf } from './exchange-records.ts';
import { headerOf } from './http-head.ts';
import type { WarcPage } from './part.ts';

const classes: ExchangeClass[] = [
  'recorded',
  'origin-failed',
  'page-cancelled',
  'not-kept',
  'excluded',
];

/** Addresses that carry their content (`data:`) are named, not repeated. */
const longestOtherAddress = 512;

/**
 * Content of a `urn:pageinfo:URL` record.
 * @param recorded ids of the exchanges that have a response record
 */
export function pageInfo(
  page: Omit<WarcPage, 'startedAt'> & { startedAt: string | null },
  exchanges: RecordedExchange[],
  recorded: ReadonlySet<string>,
): string {
  const counts = Object.fromEntries(
    classes.map((name) => [name, exchanges.filter((one) => one.class === name).length]),
  );
  const requests = exchanges.map((exchange) => request(exchange, recorded.has(exchange.id)));
  return JSON.stringify({ schema: 'holdfast.pageinfo/1', ...page, counts, requests });
}

function request(exchange: RecordedExchange, recorded: boolean): Record<string, unknown> {
  const { response } = exchange;
  return {
    url: shortened(exchange.url),
    method: exchange.method,
    type: exchange.resourceType,
    class: exchange.class,
    reason: exchange.reason,
    status: response?.status ?? null,
    mediaType: response === null ? null : mediaTypeOf(response.headers),
    startedAt: exchange.startedAt,
    finishedAt: exchange.finishedAt,
    protocol: exchange.protocol,
    tls: exchange.tls,
    remoteAddress: exchange.remoteAddress,
    refetched: exchange.refetched,
    comparedBytes: exchange.comparedBytes,
    cache: exchange.cache,
    truncated: response?.truncated ?? null,
    bodySizeBytes: response?.body?.sizeBytes ?? null,
    bodySha256: response?.body?.sha256 ?? null,
    /** The record that holds the response; null where there is none. */
    record: recorded ? `urn:uuid:${recordIdOf(exchange)}` : null,
  };
}

export function mediaTypeOf(headers: [string, string][]): string | null {
  return headerOf(headers, 'content-type')?.split(';')[0]?.trim().toLowerCase() || null;
}

function shortened(url: string): string {
  if (/^https?:/i.test(url) || url.length <= longestOtherAddress) return url;
  return `${url.slice(0, longestOtherAddress)}…`;
}
