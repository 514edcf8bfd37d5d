/** The index of a web archive: one line a record, found by reversed host name and time. */
import { getSurt, postToGetUrl } from 'warcio/utils';
import { uriValue } from './header-lines.ts';

/** Longer request bodies don't make longer keys: the same limit as the replayers'. */
const longestQuery = 4096;

export interface IndexEntry {
  url: string;
  /** UTC, ISO 8601. */
  at: string;
  mediaType: string | null;
  status: number;
  /** Lower-case hex. */
  payloadSha256: string;
  /** Of the record as it is stored, its compression included; null where that would cost another reading. */
  storedSha256: string | null;
  filename: string;
  offset: number;
  length: number;
  /** Null for GET and for our own resources. */
  asked: AskedWith | null;
}

/** A request that is told from others of its address by method and body. */
export interface AskedWith {
  method: string;
  contentType: string | null;
  body: Uint8Array;
}

/** `key timestamp {json}`; numbers are strings there, as other writers have them. */
export function indexLine(entry: IndexEntry): string {
  const url = uriValue(entry.url);
  const asked = entry.asked === null ? null : askedKey(url, entry.asked);
  const fields = {
    url,
    mime: entry.mediaType ?? 'unk',
    status: String(entry.status),
    digest: `sha256:${entry.payloadSha256}`,
    length: String(entry.length),
    offset: String(entry.offset),
    filename: entry.filename,
    ...(entry.storedSha256 === null ? {} : { recordDigest: `sha256:${entry.storedSha256}` }),
    ...asked?.fields,
  };
  const key = getSurt(asked?.url ?? url).replace(/\s/g, '%20');
  return `${key} ${timestamp(entry.at)} ${JSON.stringify(fields)}`;
}

/** Method and body of a request as query parameters (`__wb_method=…`): replayers ask by the same. */
function askedKey(url: string, { method, contentType, body }: AskedWith) {
  const request = {
    url,
    method,
    headers: new Map([['content-type', contentType ?? '']]),
    postData: body,
    requestBody: '',
  };
  const changed = postToGetUrl(request, longestQuery);
  if (!changed) return { url, fields: { method } };
  return { url: request.url, fields: { method, requestBody: request.requestBody } };
}

/** 17 digits: two answers of one address within a second are two. */
function timestamp(at: string): string {
  return new Date(at).toISOString().replace(/\D/g, '');
}

/** By bytes, as `LC_ALL=C sort`: replayers search the file by halves. */
export function sortLines(lines: string[]): string[] {
  return lines
    .map((line) => ({ line, bytes: Buffer.from(line) }))
    .sort((one, other) => Buffer.compare(one.bytes, other.bytes))
    .map(({ line }) => line);
}

/** Where a part begins in a file that several parts make together, its offsets move with it. */
export function shiftLine(line: string, filename: string, by: number): string {
  const start = line.indexOf('{');
  const fields = JSON.parse(line.slice(start));
  if (fields.filename !== filename) return line;
  return (
    line.slice(0, start) + JSON.stringify({ ...fields, offset: String(Number(fields.offset) + by) })
  );
}
