/**
 * The Wayback Machine as a second source: what somebody else kept of an address, and when.
 * Third-party evidence: it shows what that archive says that it got, no more.
 * Index: https://web.archive.org/cdx/search/cdx (CDX server API); bytes as archived: `id_`.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Answer, Ask } from './platform.ts';

export const waybackHost = 'web.archive.org';

/** One capture that the index lists. */
export interface ListedCopy {
  /** 14 digits, UTC, by that archive's clock. */
  timestamp: string;
  original: string;
  mediaType: string;
  status: string;
  /** SHA-1 of the payload in base 32, as the index claims it. */
  sha1: string;
}

export interface FetchedCopy extends ListedCopy {
  url: string;
  answer: Answer;
  /** Whether the bytes that came hash to what the index claims. Null: no bytes came. */
  sha1Agrees: boolean | null;
}

export interface WaybackAnswer {
  /** Every capture listed, of all addresses; capped. */
  listed: ListedCopy[];
  fetched: FetchedCopy[];
  /** Whether the index answered at all, for any of the addresses. */
  reached: boolean;
}

const mostListed = 500;
const mostFetched = 4;
const indexRows = z.array(z.array(z.string()));
const fields = ['timestamp', 'original', 'mimetype', 'statuscode', 'digest'] as const;

export interface WaybackQuestion {
  /** Exact addresses; one that ends in `*` stands for all that begin so. */
  addresses: string[];
  /** Whether an address in the index is the thing asked for: a prefix finds others, too. */
  isSame(original: string): boolean;
  /** Timestamp digits that somebody pointed at; the copy nearest to it is fetched. */
  near: string | null;
}

export async function askWayback(
  question: WaybackQuestion,
  ask: Ask,
  signal: AbortSignal,
): Promise<WaybackAnswer> {
  const listed: ListedCopy[] = [];
  let reached = false;
  for (const address of question.addresses) {
    signal.throwIfAborted();
    const answer = await ask({ route: 'wayback-index', url: indexUrl(address) });
    reached ||= answer.status === 200;
    if (answer.status !== 200) continue;
    listed.push(...readIndex(answer.body).filter(({ original }) => question.isSame(original)));
  }
  const unique = distinct(listed).slice(0, mostListed);
  const fetched: FetchedCopy[] = [];
  for (const copy of worthFetching(unique, question.near)) {
    signal.throwIfAborted();
    fetched.push(await fetchCopy(copy, ask));
  }
  return { listed: unique, fetched, reached };
}

/** The bytes of any file as that archive got them; `null` where it has none. */
export async function fetchFromWayback(
  timestamp: string,
  original: string,
  ask: Ask,
): Promise<Answer | null> {
  const answer = await ask({ route: 'wayback-file', url: rawUrl(timestamp, original) });
  return answer.status === 200 && answer.body.length > 0 ? answer : null;
}

function indexUrl(address: string): string {
  const query = { url: address, output: 'json', fl: fields.join(','), limit: '200' };
  return `https://${waybackHost}/cdx/search/cdx?${new URLSearchParams(query)}`;
}

/** `id_`: the bytes as archived, without that archive's own additions. */
function rawUrl(timestamp: string, original: string): string {
  return `https://${waybackHost}/web/${timestamp}id_/${original}`;
}

/** Total: an index that can't be read lists nothing. The first row names the columns. */
export function readIndex(body: Buffer): ListedCopy[] {
  const parsed = indexRows.safeParse(jsonOf(body));
  if (!parsed.success) return [];
  const [head = [], ...rows] = parsed.data;
  const value = (row: string[], field: (typeof fields)[number]) => row[head.indexOf(field)] ?? '';
  return rows
    .map((row) => ({
      timestamp: value(row, 'timestamp'),
      original: value(row, 'original'),
      mediaType: value(row, 'mimetype'),
      status: value(row, 'statuscode'),
      sha1: value(row, 'digest'),
    }))
    .filter(({ timestamp, original }) => /^\d{14}$/.test(timestamp) && /^https?:/i.test(original));
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

function distinct(copies: ListedCopy[]): ListedCopy[] {
  const byKey = new Map(copies.map((copy) => [`${copy.timestamp} ${copy.original}`, copy]));
  return [...byKey.values()].sort((one, other) => (one.timestamp < other.timestamp ? -1 : 1));
}

/** The one that was pointed at, then of data and of pages the first and the last with other bytes. */
function worthFetching(copies: ListedCopy[], near: string | null): ListedCopy[] {
  const good = copies.filter(({ status }) => status === '200');
  const data = good.filter(({ mediaType }) => mediaType.includes('json'));
  const pages = good.filter(({ mediaType }) => mediaType.includes('html'));
  const wanted = [
    near === null ? undefined : nearest(good, near),
    data[0],
    data.at(-1),
    pages[0],
    pages.at(-1),
  ];
  const bySha1 = new Map(wanted.flatMap((copy) => (copy ? [[copy.sha1, copy] as const] : [])));
  return [...bySha1.values()].slice(0, mostFetched);
}

function nearest(copies: ListedCopy[], near: string): ListedCopy | undefined {
  const wanted = timeOf(near.padEnd(14, '0'));
  const distance = (copy: ListedCopy) => Math.abs(timeOf(copy.timestamp) - wanted);
  return copies.toSorted((one, other) => distance(one) - distance(other))[0];
}

/** Milliseconds since 1970 of timestamp digits; months and days that are zero count as the first. */
export function timeOf(timestamp: string): number {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = [
    timestamp.slice(0, 4),
    ...(timestamp.slice(4).match(/../g) ?? []),
  ].map(Number);
  return Date.UTC(year, Math.max(month, 1) - 1, Math.max(day, 1), hour, minute, second);
}

async function fetchCopy(copy: ListedCopy, ask: Ask): Promise<FetchedCopy> {
  const url = rawUrl(copy.timestamp, copy.original);
  const answer = await ask({ route: 'wayback-copy', url });
  const came = answer.status === 200 && answer.body.length > 0;
  const sha1Agrees = came ? base32(sha1(answer.body)) === copy.sha1 : null;
  return { ...copy, url, answer, sha1Agrees };
}

function sha1(bytes: Buffer): Buffer {
  return createHash('sha1').update(bytes).digest();
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 section 6; the twenty bytes of a SHA-1 need no padding. */
export function base32(bytes: Uint8Array): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('');
}
