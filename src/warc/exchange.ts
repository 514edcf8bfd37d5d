/** One request and what came of it: what the recorder hands to the writer of WARC files. */

/**
 * How a request ended: kept, whatever its status · DNS, TLS or the connection failed · aborted
 * by the page · lost or refused on our side · left out on purpose (beacons, preflights, caches).
 */
export type ExchangeClass =
  | 'recorded'
  | 'origin-failed'
  | 'page-cancelled'
  | 'not-kept'
  | 'excluded';

/** Bytes on disk, hashed while they were written. */
export interface RecordedBody {
  /** A file of the capture's scratch folder, or of the vault. */
  path: string;
  sizeBytes: number;
  sha256: string;
}

export interface RecordedRequest {
  /** True headers in the order and spelling in which they were sent, repetitions included. */
  headers: [name: string, value: string][];
  body: RecordedBody | null;
}

export interface RecordedResponse {
  status: number;
  /** Empty for HTTP/2 and later, which have none. */
  statusText: string;
  /** As received, every `Set-Cookie` apart. The writer renames what no longer holds for a decoded body. */
  headers: [name: string, value: string][];
  /** Null: a response that has none (204, 304, redirects, HEAD), or none was kept. */
  body: RecordedBody | null;
  /** Whether `body` is what was left after content decoding; media fetched again come undecoded. */
  decoded: boolean;
  /** Why the body is shorter than what was announced or sent; null where it is whole. */
  truncated: 'length' | 'time' | 'disconnect' | null;
}

export interface RecordedExchange {
  /** UUID; names the records in the WARC. */
  id: string;
  method: string;
  /** Absolute, without fragment. */
  url: string;
  /** When the request was sent; UTC, ISO 8601 with milliseconds. */
  startedAt: string;
  finishedAt: string | null;
  /** Chromium's word for what asked: `document`, `image`, `media`, `fetch`, `websocket` … */
  resourceType: string;
  request: RecordedRequest;
  response: RecordedResponse | null;
  /** As negotiated: `http/1.1`, `h2`; null where no response came. */
  protocol: string | null;
  /** TLS version and cipher in words; null for plain HTTP. */
  tls: string | null;
  /** The address that the door connected to; null behind an upstream proxy. */
  remoteAddress: string | null;
  class: ExchangeClass;
  /** Stable code: `capped`, `evicted`, `policy`, `dns`, `in-flight`, `beacon` …; null when recorded. */
  reason: string | null;
  /** The body was fetched a second time, by the client, whole and without a range. */
  refetched: boolean;
  /**
   * Of what was fetched again: how many bytes that the page was given were found in it; 0 where
   * it was given none. Null for whatever the browser itself was given.
   */
  comparedBytes: number | null;
  /**
   * Where a cache of the browser answered: id of the exchange that filled it. `filledBy` is null
   * where there is no other, and the answer was kept as the cache gave it.
   */
  cache: { filledBy: string | null } | null;
  /** Which view of the capture asked: `page`, `embed`, `site`; `record` and `media` for the client's own. */
  view: string;
  /** URL of the page or frame that asked, where known. */
  pageUrl: string | null;
}
