/**
 * What a cache answered leads to the exchange that filled it: by digest where the browser told the
 * bytes, since one address may have had many; else by its address, in the same view. What Chromium's
 * PDF viewer shows leads to the exchange that brought the PDF.
 */
import { hasNoBody, headerOf } from './content-length.ts';
import { type Ending, excluded } from './exchange-class.ts';
import type { Entry, ExchangeLedger } from './exchange-ledger.ts';

export interface Ended {
  entry: Entry;
  ending: Ending;
  /** Null: not by a cache. `filledBy`: the exchange that filled it; null: this is the only one that brought it. */
  cache: { filledBy: string | null } | null;
}

/**
 * Puts origin and class to whatever a cache answered. Bytes without an origin stay as they are:
 * they are kept. Without bytes there is nothing, and that is what its class says.
 * @throws StorageError
 */
export async function traceCaches(all: Ended[], ledger: ExchangeLedger): Promise<void> {
  const byUrl = Map.groupBy(all, ({ entry }) => entry.url);
  const fromCache = new Set(all.filter(({ entry }) => isFromCache(entry, ledger)));
  for (const ended of fromCache) {
    const asked = (byUrl.get(ended.entry.url) ?? []).filter((one) => !fromCache.has(one));
    const others = ended.entry.response?.answeredBy === 'pdf-viewer' ? asked.filter(isPdf) : asked;
    const origin = isAnswered(ended) ? await originOf(ended.entry, others) : null;
    ended.cache = { filledBy: origin?.entry.id ?? null };
    const { answeredBy = null } = ended.entry.response ?? {};
    // A question to the origin whether the cache still holds was an exchange of its own.
    if (origin !== null && (answeredBy === 'cache' || answeredBy === 'pdf-viewer'))
      ended.ending = excluded(answeredBy);
  }
}

/** Over the wire came at most a 304, which the page was told as the 200 that the cache holds. */
export function isRevalidated(entry: Entry, ledger: ExchangeLedger): boolean {
  return entry.response?.status !== 304 && ledger.extrasOf(entry).response?.statusCode === 304;
}

function isFromCache(entry: Entry, ledger: ExchangeLedger): boolean {
  const { answeredBy = null } = entry.response ?? {};
  return answeredBy === 'cache' || answeredBy === 'pdf-viewer' || isRevalidated(entry, ledger);
}

/** Announced as one, or as nothing. */
function isPdf({ entry: { response } }: Ended): boolean {
  return /^$|pdf/i.test(headerOf(response, 'content-type'));
}

function isAnswered({ ending }: Ended): boolean {
  return ending.class === 'recorded' || ending.reason === 'unseen' || ending.reason === 'evicted';
}

async function originOf(entry: Entry, others: Ended[]): Promise<Ended | null> {
  if (entry.response !== null && hasNoBody(entry.response))
    return others.findLast((one) => isSameRedirect(entry, one.entry)) ?? null;
  if (entry.body === null) return others.findLast(isHeld) ?? null;
  const { sha256 } = await entry.body.end();
  for (const one of others)
    if (one.ending.class === 'recorded' && (await one.entry.body?.end())?.sha256 === sha256)
      return one;
  return null;
}

function isSameRedirect({ response }: Entry, { response: other }: Entry): boolean {
  const [to, otherTo] = [response, other].map((one) => headerOf(one, 'location'));
  return response?.status === other?.status && to === otherTo;
}

/** Its body is here, or stands under its address because it was fetched again, or a worker of the page made it. */
function isHeld({ entry, ending }: Ended): boolean {
  if (ending.class === 'recorded') return entry.body !== null;
  return ending.reason === 'refetched-whole' || ending.reason === 'service-worker';
}
