/** What the head of an answer says of its body, and whether all of that came. */
import type { Entry } from './exchange-ledger.ts';

/** Of a body that isn't encoded; null where nobody said. */
export function contentLength({ response }: Entry): number | null {
  const length = headerOf(response, 'content-length').trim();
  const encoding = headerOf(response, 'content-encoding').trim().toLowerCase();
  if (!/^\d{1,15}$/.test(length) || !['', 'identity'].includes(encoding)) return null;
  return Number(length);
}

export function headerOf(response: Entry['response'], name: string): string {
  return response?.headers.find(([one]) => one.toLowerCase() === name)?.[1] ?? '';
}

/**
 * All of it was read before the page got it, and that there is no more is certain: also where
 * no session tells that the request has ended, as with the script of a worker met too late.
 */
export function cameWhole(entry: Entry): boolean {
  if (!entry.isWhole || entry.type === 'document') return false;
  return contentLength(entry) === entry.body?.sizeBytes || isAskedByBrowser(entry);
}

/** Not by a page: Chromium numbers those otherwise. The scripts of workers, documents aside. */
function isAskedByBrowser({ networkId }: Entry): boolean {
  return /^[0-9A-F]{32}$/.test(networkId);
}
