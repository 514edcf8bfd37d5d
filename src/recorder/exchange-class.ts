/** Which class each request ended in, and why. */
import type { excludedReasons } from '../base/codes/exchanges.ts';
import type { BodyTrouble, CancelledReason } from '../base/reasons.ts';
import type { DoorConnection } from '../egress/egress.ts';
import type { ExchangeClass } from '../warc/exchange.ts';
import { cameWhole } from './content-length.ts';
import type { Entry } from './exchange-ledger.ts';
import { connectionFor, failureReason } from './failures.ts';

export interface Ending {
  class: ExchangeClass;
  reason: string | null;
}

type Aside = keyof typeof excludedReasons;

const recorded: Ending = { class: 'recorded', reason: null };
const excluded = (reason: Aside): Ending => ({ class: 'excluded', reason });
const cancelled = (reason: CancelledReason): Ending => ({ class: 'page-cancelled', reason });
const notKept = (reason: BodyTrouble): Ending => ({ class: 'not-kept', reason });

/** Sent for somebody else's statistics, or ahead of need: listed and counted, never kept. */
const besidesThePage: Record<string, Aside> = {
  ping: 'beacon',
  cspviolationreport: 'csp-report',
  preflight: 'preflight',
  prefetch: 'prefetch',
};

export function isBesidesThePage(entry: Pick<Entry, 'type' | 'requestHeaders'>): Aside | null {
  const purpose = Object.entries(entry.requestHeaders).find(([name]) =>
    /^(sec-)?purpose$/i.test(name),
  );
  if (purpose?.[1].includes('prefetch')) return 'prefetch';
  return besidesThePage[entry.type] ?? null;
}

/** Never part of what a page waits for. */
const neverAwaited = new Set(['eventsource', 'websocket', 'media', 'manifest']);
/** A fetch that is still unanswered after this long is a long poll. */
const longPollMs = 8_000;

export function isAwaited(entry: Entry, nowMs: number): boolean {
  if (neverAwaited.has(entry.type) || isBesidesThePage(entry) !== null) return false;
  const canPoll = entry.type === 'fetch' || entry.type === 'xhr';
  return !canPoll || nowMs - entry.startedAtMs < longPollMs;
}

/** How an entry ended, at the cut of its visit. `wasQuiet`: nothing was awaited then. */
export function endingOf(entry: Entry, connections: DoorConnection[], wasQuiet: boolean): Ending {
  const aside = isBesidesThePage(entry);
  if (aside !== null) return excluded(aside);
  if (entry.response?.answeredBy) return excluded(entry.response.answeredBy);
  if (entry.refetched && entry.bodyTrouble === null) return excluded('refetched-whole');
  if (entry.state === 'failed') return failedEnding(entry, connections);
  if (entry.bodyTrouble !== null) return notKept(entry.bodyTrouble);
  if (entry.state === 'finished' || cameWhole(entry)) return recorded;
  return openEnding(entry, wasQuiet);
}

function failedEnding(entry: Entry, connections: DoorConnection[]): Ending {
  const { words, canceled, rule } = entry.failure ?? { words: '', canceled: false, rule: null };
  if (entry.bodyTrouble === 'asked-again') return excluded('asked-again');
  if (entry.bodyTrouble !== null) return notKept(entry.bodyTrouble);
  if (rule !== null) return cancelled(rule);
  if (canceled || /ERR_ABORTED/.test(words)) return cancelled('aborted');
  if (/ERR_BLOCKED_BY/.test(words)) return cancelled('blocked-by-browser');
  const reason = failureReason(words, connectionFor(entry.url, connections));
  if (reason === 'address-refused') return notKept('policy');
  return { class: 'origin-failed', reason };
}

/** Still under way. What a page never waits for was not cut short by us. */
function openEnding(entry: Entry, wasQuiet: boolean): Ending {
  const isEndless = neverAwaited.has(entry.type) || (wasQuiet && !isAwaited(entry, Date.now()));
  if (!isEndless) return notKept('in-flight');
  return entry.response === null ? excluded('long-poll') : recorded;
}
