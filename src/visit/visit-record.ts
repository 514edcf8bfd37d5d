/** The list of a visit that people read: every request in its class, redirects, certificates, console. */
import { Readable } from 'node:stream';
import { fontFamilies } from '../browser/fonts.ts';
import type { OriginCertificates } from '../recorder/certificates.ts';
import type { ViewRecord } from '../recorder/page-record.ts';
import type { RecordedExchange } from '../warc/exchange.ts';
import { sortOut } from '../warc/withheld.ts';
import type { VisitArtifacts } from './visit-artifacts.ts';
import type { PageVisit } from './visit-page.ts';

interface VisitParts {
  artifacts: VisitArtifacts;
  certificates: OriginCertificates[];
  consoleLines: object[];
  /** A logged-in profile was used: no cookie of it in what people read. */
  withhold: boolean;
}

/** Keeps `exchanges.json` and `console.jsonl`, and says in the visit's facts what is missing. */
export async function storeVisitRecord(
  visit: PageVisit,
  record: ViewRecord,
  { artifacts, certificates, consoleLines, withhold }: VisitParts,
): Promise<void> {
  const { exchanges } = record;
  visit.exchanges = exchanges;
  const before = {
    schema: 'holdfast.exchanges/2',
    recordedBy: 'devtools-protocol',
    requestedUrl: visit.requestedUrl,
    finalUrl: visit.finalUrl,
    startedAt: visit.startedAt,
    redirects: redirectsOf(exchanges, visit.finalUrl),
  };
  const listed = exchanges.values().map((exchange) => listedExchange(exchange, withhold));
  const { windows, connections: door } = record;
  const after = { windows, certificates, door, fonts: await fontFamilies() };
  const list = Readable.from(jsonPieces(before, listed, after));
  await artifacts.add('exchanges', 'exchanges.json', 'application/json', list, {});
  const lines = consoleLines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await artifacts.add('console', 'console.jsonl', 'application/jsonl', lines, {});
  Object.assign(visit.facts, {
    recordedBy: 'devtools-protocol',
    serviceWorkers: 'allowed',
    requests: countsOf(exchanges, record.dropped),
    notKept: notKeptOf(record),
    fetchedAgain: fetchedAgain(exchanges),
    startedAt: visit.startedAt,
    endedAt: new Date().toISOString(),
  });
}

const pieceLength = 64 * 1024;

/** One JSON object with the list `exchanges` in its middle, a piece at a time: there may be thousands. */
function* jsonPieces(
  before: object,
  exchanges: IteratorObject<object>,
  after: object,
): Generator<Buffer> {
  let piece = `${JSON.stringify(before).slice(0, -1)},"exchanges":[`;
  let comma = '';
  for (const exchange of exchanges) {
    piece += `${comma}${JSON.stringify(exchange)}`;
    comma = ',';
    if (piece.length < pieceLength) continue;
    yield Buffer.from(piece);
    piece = '';
  }
  yield Buffer.from(`${piece}],${JSON.stringify(after).slice(1)}\n`);
}

/** How many requests ended in which class. */
function countsOf(exchanges: RecordedExchange[], dropped: number): Record<string, number> {
  const counts: Record<string, number> = { all: exchanges.length + dropped };
  for (const one of exchanges) counts[one.class] = (counts[one.class] ?? 0) + 1;
  return counts;
}

export interface NotKept {
  url: string;
  reason: string;
}

const mostNamed = 100;

/** What was asked for and isn't kept, for a step's detail; the whole list is in `exchanges.json`. */
function notKeptOf({ exchanges, dropped, windows }: ViewRecord): NotKept[] {
  const unread = exchanges.filter((one) => one.class === 'not-kept');
  const closed = windows.filter(({ ended }) => ended === 'refused');
  const named = [
    ...unread.map(({ url, reason }) => ({ url, reason: reason ?? 'unknown' })),
    ...closed.map(({ url }) => ({ url, reason: 'page-windows' })),
  ].slice(0, mostNamed);
  const listed = named.map(({ url, reason }) => ({ url: url.slice(0, 2_000), reason }));
  if (dropped > 0) listed.push({ url: `${dropped} more requests`, reason: 'capped' });
  return listed;
}

/** What our client fetched because it was too large to keep as it passed, and how much of it the page was given. */
function fetchedAgain(exchanges: RecordedExchange[]): { url: string; comparedBytes: number }[] {
  return exchanges
    .filter(({ refetched }) => refetched)
    .slice(0, mostNamed)
    .map(({ url, comparedBytes }) => ({
      url: url.slice(0, 2_000),
      comparedBytes: comparedBytes ?? 0,
    }));
}

/** Where the bodies lie now is nobody's business later. */
function listedExchange(exchange: RecordedExchange, withhold: boolean): object {
  const { request, response } = exchange;
  const bodyOf = (body: { sizeBytes: number; sha256: string } | null) =>
    body === null ? null : { sizeBytes: body.sizeBytes, sha256: body.sha256 };
  return {
    ...exchange,
    request: {
      ...request,
      headers: sortOut(request.headers, withhold).open,
      body: bodyOf(request.body),
    },
    response: response && {
      ...response,
      headers: sortOut(response.headers, withhold).open,
      body: bodyOf(response.body),
    },
  };
}

/** The chain of redirects that ends at the final address, first hop first. */
function redirectsOf(
  exchanges: RecordedExchange[],
  finalUrl: string | null,
): { url: string; status: number | null }[] {
  const documents = exchanges.filter(({ resourceType }) => resourceType === 'document');
  const chain: { url: string; status: number | null }[] = [];
  let url = finalUrl?.replace(/#.*$/s, '') ?? null;
  while (url !== null && chain.length < 50) {
    const hop = documents.find(
      (one) => one.url === url && !chain.some((known) => known.url === one.url),
    );
    if (hop === undefined) break;
    chain.unshift({ url: hop.url, status: hop.response?.status ?? null });
    url = documents.find((one) => locationOf(one) === hop.url)?.url ?? null;
  }
  return chain;
}

function locationOf({ url, response }: RecordedExchange): string | null {
  if (response === null || response.status < 300 || response.status > 399) return null;
  const location = response.headers.find(([name]) => name.toLowerCase() === 'location')?.[1];
  if (location === undefined || !URL.canParse(location, url)) return null;
  return new URL(location, url).href.replace(/#.*$/s, '');
}
