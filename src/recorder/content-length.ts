/** What the head of an answer says of its body, and whether all of that came. */
import type { Entry, EntryResponse } from './exchange-ledger.ts';

/** Of a body that isn't encoded; null where nobody said. */
export function contentLength({ response }: Entry): number | null {
  const length = headerOf(response, 'content-length').trim();
  const encoding = headerOf(response, 'content-encoding').trim().toLowerCase();
  if (!/^\d{1,15}$/.test(length) || !['', 'identity'].includes(encoding)) return null;
  return Number(length);
}

export function headerOf(response: Pick<EntryResponse, 'headers'> | null, name: string): string {
  return response?.headers.find(([one]) => one.toLowerCase() === name)?.[1] ?? '';
}

const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * RFC 9110: 1xx, 204, 205, 304; and the body of a redirect, which the browser shows to nobody.
 * What has no `Location` is none, and is shown.
 */
export function hasNoBody(response: Pick<EntryResponse, 'status' | 'headers'>): boolean {
  const { status } = response;
  if (status < 200 || status === 204 || status === 205 || status === 304) return true;
  return redirects.has(status) && headerOf(response, 'location').trim() !== '';
}

/**
 * All of it was read before the page got it, and that there is no more is certain: also where
 * no session tells that the request has ended, as with the script of a worker met too late.
 */
export function cameWhole(entry: Entry): boolean {
  if (!entry.isWhole || entry.type === 'document') return false;
  const isLong = contentLength(entry) === entry.body?.sizeBytes;
  return isLong || isAskedByBrowser(entry) || isStyleOfXml(entry);
}

/** It has ended with less than its head announced: its server broke off, whatever the browser made of it. */
export function cameShort(entry: Entry): boolean {
  const announced = contentLength(entry);
  if (entry.state === 'open' || !entry.isWhole || announced === null) return false;
  return (entry.body?.sizeBytes ?? 0) < announced;
}

/** With which Chromium makes a page of an XML document; that it has ended no session is told. */
export function isStyleOfXml({ type, response }: Entry): boolean {
  return type === 'stylesheet' && /\b(?:xml|xsl)|\+xml/i.test(headerOf(response, 'content-type'));
}

/** Before the number of a request that Chromium tells no session of. */
export const untoldPrefix = 'untold:';

/** Not by a page: Chromium numbers those otherwise, or not. The scripts of workers, documents aside. */
export function isAskedByBrowser({ networkId }: Entry): boolean {
  return /^[0-9A-F]{32}$/.test(networkId) || networkId.startsWith(untoldPrefix);
}
