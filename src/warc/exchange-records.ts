/** The records of one exchange: its response, its request, and what was withheld from them. */
import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { RecordedExchange, RecordedResponse } from './exchange.ts';
import { type HeaderLine, uriValue, warcFields } from './header-lines.ts';
import { requestHead, responseHead } from './http-head.ts';
import { idFrom, urn, type WarcRecord } from './record.ts';
import { withheldNames } from './withheld.ts';

export interface ExchangeRecords {
  response: WarcRecord;
  request: WarcRecord;
  /** For the restricted part. */
  withheld: WarcRecord[];
}

const emptySha256 = createHash('sha256').digest('hex');

/**
 * Null where there is nothing to replay: no response came, the request was excluded, or the
 * address is none of HTTP (WebSocket, `data:`). `urn:pageinfo` names those too.
 */
export function exchangeRecords(
  exchange: RecordedExchange,
  withhold: boolean,
): ExchangeRecords | null {
  const { response } = exchange;
  if (response === null || exchange.class === 'excluded') return null;
  if (!/^https?:\/\//i.test(exchange.url) || !URL.canParse(exchange.url)) return null;
  const received = responseHead(exchange, response, withhold);
  const sent = requestHead(exchange, withhold);
  const about = circumstances(exchange);
  const responseId = recordIdOf(exchange);
  const requestId = idFrom(exchange.id, 'request');
  return {
    response: {
      type: 'response',
      id: responseId,
      fields: [
        ...about,
        ...payload(response.body?.sha256 ?? emptySha256),
        ...truncation(exchange, response),
        ...refetchNote(exchange),
        ...withheldNote(received.withheld),
        ['Content-Type', 'application/http;msgtype=response'],
      ],
      httpHeader: received.text,
      body: response.body,
    },
    request: {
      type: 'request',
      id: requestId,
      fields: [
        ...about,
        ['WARC-Concurrent-To', urn(responseId)],
        ...payload(exchange.request.body?.sha256 ?? emptySha256),
        ...withheldNote(sent.withheld),
        ['Content-Type', 'application/http;msgtype=request'],
      ],
      httpHeader: sent.text,
      body: exchange.request.body,
    },
    withheld: [
      ...withheldRecord(exchange, responseId, received.withheld),
      ...withheldRecord(exchange, requestId, sent.withheld),
    ],
  };
}

/** Id of the response record. */
export function recordIdOf({ id }: RecordedExchange): string {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
  return uuid.test(id.toLowerCase()) ? id.toLowerCase() : idFrom(id, 'response');
}

/** Whether something of the body is missing, so that the record must say so. */
export function isCut(exchange: RecordedExchange): boolean {
  const { response } = exchange;
  return response !== null && (response.truncated !== null || exchange.class !== 'recorded');
}

/** What request and response have in common: the moment the exchange began, where, how. */
function circumstances(exchange: RecordedExchange): HeaderLine[] {
  const fields: HeaderLine[] = [
    ['WARC-Date', exchange.startedAt],
    ['WARC-Target-URI', uriValue(exchange.url)],
  ];
  const address = exchange.remoteAddress;
  if (address !== null && ipaddr.isValid(address)) fields.push(['WARC-IP-Address', address]);
  if (exchange.protocol) fields.push(['WARC-Protocol', exchange.protocol.toLowerCase()]);
  const tls = /\bTLS\s*v?(1\.\d)/i.exec(exchange.tls ?? '')?.[1];
  if (tls) fields.push(['WARC-Protocol', `tls/${tls}`]);
  if (exchange.resourceType) fields.push(['WARC-Resource-Type', exchange.resourceType]);
  return fields;
}

function payload(sha256: string): HeaderLine[] {
  return [['WARC-Payload-Digest', `sha256:${sha256}`]];
}

function truncation(exchange: RecordedExchange, { truncated }: RecordedResponse): HeaderLine[] {
  return isCut(exchange) ? [['WARC-Truncated', truncated ?? 'unspecified']] : [];
}

/** Whatever the browser was not given itself says so, and how much of it the browser was given. */
function refetchNote({ refetched, comparedBytes }: RecordedExchange): HeaderLine[] {
  return refetched ? [['X-Holdfast-Refetched', `yes; compared-bytes=${comparedBytes ?? 0}`]] : [];
}

function withheldNote(withheld: HeaderLine[]): HeaderLine[] {
  return withheld.length === 0 ? [] : [['X-Holdfast-Withheld', withheldNames(withheld)]];
}

function withheldRecord(
  exchange: RecordedExchange,
  refersTo: string,
  withheld: HeaderLine[],
): WarcRecord[] {
  if (withheld.length === 0) return [];
  return [
    {
      type: 'metadata',
      id: idFrom(refersTo, 'withheld'),
      fields: [
        ['WARC-Date', exchange.startedAt],
        ['WARC-Target-URI', uriValue(exchange.url)],
        ['WARC-Refers-To', urn(refersTo)],
        ['Content-Type', 'application/warc-fields'],
      ],
      httpHeader: '',
      body: Buffer.from(warcFields(withheld)),
    },
  ];
}
