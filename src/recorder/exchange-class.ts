/** Which class each request ended in, and why. */
import type { excludedReasons } from '../base/codes/exchanges.ts';
import type { BodyTrouble, CancelledReason } from '../base/reasons.ts';
import type { DoorConnection } from '../egress/egress.ts';
import type { ExchangeClass } from '../warc/exchange.ts';
import { cameShort, cameWhole, hasNoBody, headerOf, isAskedByBrowser } from './content-length.ts';
import type { Entry } from './exchange-ledger.ts';
import { connectionFor, failureReason, isBadlyEncoded } from './failures.ts';

export interface Ending {
  class: ExchangeClass;
  reason: string | null;
}

type Aside = keyof typeof excludedReasons;

const recorded: Ending = { class: 'recorded', reason: null };
export const excluded = (reason: Aside): Ending => ({ class: 'excluded', reason });
const cancelled = (reason: CancelledReason): Ending => ({ class: 'page-cancelled', reason });
export const notKept = (reason: BodyTrouble): Ending => ({ class: 'not-kept', reason });

/**
 * Sent by the browser to tell or to ask something; no page can show what is answered. Only
 * Chromium's own word for a request counts, never a header: those a page sets as it likes.
 */
const besidesThePage: Record<string, Aside> = {
  ping: 'beacon',
  cspviolationreport: 'csp-report',
  preflight: 'preflight',
};

export function isBesidesThePage({ type }: Pick<Entry, 'type'>): Aside | null {
  return besidesThePage[type] ?? null;
}

/** Never part of what a page waits for. */
const neverAwaited = new Set(['eventsource', 'websocket', 'media', 'manifest']);
/** A fetch that has brought nothing for so long is a long poll. */
const longPollMs = 8_000;
/** Answers to a fetch that have no end: events, a record a line, a picture after another. */
const endlessTypes =
  /^\s*(?:text\/event-stream|application\/(?:x-ndjson|stream\+json|grpc-web[^;]*)|multipart\/(?:mixed|x-mixed-replace))\s*(?:;|$)/i;

/** Whoever waits for the end of its answer keeps the page from all of it. */
export function isEndless({ type, response }: Pick<Entry, 'type' | 'response'>): boolean {
  return type === 'eventsource' || endlessTypes.test(headerOf(response, 'content-type'));
}

export function isAwaited(entry: Entry, nowMs: number): boolean {
  const { type, startedAtMs, givenAtMs, bodyTrouble } = entry;
  if (neverAwaited.has(type) || isBesidesThePage(entry) !== null) return false;
  if (type !== 'fetch' && type !== 'xhr') return true;
  if (isEndless(entry)) return false;
  // What can't be kept whole any more is not waited for longer because it goes on.
  const latestAtMs = bodyTrouble === null ? Math.max(startedAtMs, givenAtMs ?? 0) : startedAtMs;
  return nowMs - latestAtMs < longPollMs;
}

/**
 * Whether it is the script of a service worker that Chromium said to have asked for, and has no
 * answer to: of several that begin at once it now and then leaves all without theirs. A page is
 * looked at without them, and they are named as missing.
 */
export function isUnanswered(entry: Entry, nowMs: number): boolean {
  const { type, response, startedAtMs } = entry;
  if (type === 'document' || response !== null || !isAskedByBrowser(entry)) return false;
  return nowMs - startedAtMs >= longPollMs;
}

/**
 * How an entry ended, at the cut of its visit. `wasQuiet`: nothing was awaited then. What a cache
 * answered is judged like anything else, and traced to its origin later.
 */
export function endingOf(entry: Entry, connections: DoorConnection[], wasQuiet: boolean): Ending {
  const aside = isBesidesThePage(entry);
  if (aside !== null) return excluded(aside);
  if (entry.response?.answeredBy === 'service-worker') return excluded('service-worker');
  if (isBadlyEncoded(entry.failure?.words ?? '')) return badlyEncoded(entry);
  // A part that is here as the page got it stands by itself, whatever came of the whole file.
  if (isOnlyRefetched(entry)) return refetchedEnding(entry);
  if (entry.state === 'failed') return failedEnding(entry, connections);
  if (entry.bodyTrouble !== null) return notKept(entry.bodyTrouble);
  if (cameShort(entry)) return { class: 'origin-failed', reason: 'reset' };
  if (entry.state === 'finished' || cameWhole(entry))
    return lacksBody(entry) ? unseenEnding(entry) : recorded;
  return openEnding(entry, wasQuiet);
}

/** Its body is here only as our client fetched it again; how that ended is known late. */
export function isOnlyRefetched({ refetched, body }: Entry): boolean {
  return refetched && body === null;
}

function refetchedEnding(entry: Entry): Ending {
  return entry.bodyTrouble === null ? excluded('refetched-whole') : notKept(entry.bodyTrouble);
}

/** What the browser loads ahead by itself it only shows as the answer to a request of its own. */
function unseenEnding({ type }: Entry): Ending {
  return type === 'prefetch' ? excluded('prefetch') : notKept('unseen');
}

/** The page got nothing of it; what was sent is kept as a fetch of ours brought it. */
function badlyEncoded({ bodyTrouble }: Entry): Ending {
  const origin: Ending = { class: 'origin-failed', reason: 'bad-content-encoding' };
  return bodyTrouble === null ? origin : notKept(bodyTrouble);
}

function failedEnding(entry: Entry, connections: DoorConnection[]): Ending {
  const { words, canceled, rule } = entry.failure ?? { words: '', canceled: false, rule: null };
  if (entry.bodyTrouble === 'asked-again') return excluded('asked-again');
  if (isLeft(entry)) return cancelled('aborted');
  if (entry.bodyTrouble !== null) return notKept(entry.bodyTrouble);
  if (lacksPieces(entry) && !isBrowsersOwn(entry)) return notKept('unseen');
  if (isAnsweredWhole(entry)) return recorded;
  if (rule !== null) return cancelled(rule);
  if (canceled || /ERR_ABORTED/.test(words)) return cancelled('aborted');
  if (/ERR_BLOCKED_BY/.test(words)) return cancelled('blocked-by-browser');
  const reason = failureReason(words, connectionFor(entry.url, connections));
  if (reason === 'address-refused') return notKept('policy');
  return { class: 'origin-failed', reason };
}

/** Bytes of a document without an answer are of the page with which the browser says so. */
function isBrowsersOwn({ type, response }: Entry): boolean {
  return type === 'document' && response === null;
}

/** Given up with the page that asked, which got nothing of it: there is nothing that it showed. */
function isLeft({ bodyTrouble, failure, givenBytes }: Entry): boolean {
  return bodyTrouble === 'evicted' && failure?.canceled === true && givenBytes === 0;
}

/** All that the origin said is here, whatever the browser made of it: an empty 404 is no page for it. */
export function isAnsweredWhole(entry: Entry): boolean {
  const { type, response, isWhole, failure } = entry;
  const words = failure?.words ?? '';
  if (type !== 'document' || response === null || isBadlyEncoded(words)) return false;
  if (cameShort(entry)) return false;
  return hasNoBody(response) || (isWhole && failureReason(words, null) !== 'reset');
}

/** Still under way. What a page never waits for was not cut short by us. */
function openEnding(entry: Entry, wasQuiet: boolean): Ending {
  const isEndless = neverAwaited.has(entry.type) || (wasQuiet && !isAwaited(entry, Date.now()));
  if (!isEndless || entry.isHeld) return notKept('in-flight');
  if (lacksPieces(entry)) return notKept('unseen');
  return entry.response === null ? excluded('long-poll') : recorded;
}

/** Whether the page got bytes of which nothing is here. */
function lacksPieces({ body, givenBytes, isWhole }: Entry): boolean {
  return !isWhole && givenBytes > (body?.sizeBytes ?? 0);
}

/** Whether an answer that has ended should have a body here, and has none. */
function lacksBody(entry: Entry): boolean {
  const { response, method, body, type } = entry;
  if (type === 'websocket' || body !== null) return false;
  if (entry.givenBytes > 0 || response === null) return true;
  return method !== 'HEAD' && !hasNoBody(response);
}
