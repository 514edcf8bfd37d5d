/** Polite pace, a host at a time: when may the next request to it start? */
import { setTimeout as sleep } from 'node:timers/promises';
import { ThrottledError } from '../base/errors.ts';
import { parseWebUrl } from './target.ts';

/** Where the pace of all workers together is kept. */
export interface PaceStore {
  /**
   * Milliseconds until the next free slot of the host, which is taken, and the slot after it
   * set `intervalMs` later, only if it is at most `horizonMs` away. One that is farther is left
   * free: whoever hears of it comes back later and asks anew, and must find room then.
   */
  reserve(host: string, intervalMs: number, horizonMs: number): Promise<number>;
  /** No slot before this many milliseconds from now. Never moves a slot nearer. */
  pushBack(host: string, ms: number): Promise<void>;
}

export interface HostPace {
  /**
   * Waits until a request to this host may start.
   * @throws ThrottledError when that is more than a second away
   */
  ask(url: string, signal: AbortSignal): Promise<void>;
  /**
   * As `ask`, for a host that has just served a browser at full speed: it waits behind others,
   * and where the host asked to be left alone, but makes nobody wait.
   */
  askAtOnce(url: string, signal: AbortSignal): Promise<void>;
  /** The host asked to be left alone for so long. */
  pushBack(host: string, retryAfterMs: number): Promise<void>;
}

/** Worth waiting for in place; for longer, the work goes back to its queue. */
const horizonMs = 1_000;
const longestPauseMs = 24 * 60 * 60_000;

export function hostPace(store: PaceStore, intervalMs: number): HostPace {
  const reserve = async (url: string, spacingMs: number, signal: AbortSignal) => {
    signal.throwIfAborted();
    const host = parseWebUrl(url).hostname;
    const waitMs = await store.reserve(host, spacingMs, horizonMs);
    if (waitMs > horizonMs) throw new ThrottledError(host, waitMs);
    if (waitMs > 0) await sleep(waitMs, undefined, { signal });
  };
  return {
    ask: (url, signal) => reserve(url, intervalMs, signal),
    askAtOnce: (url, signal) => reserve(url, 0, signal),
    pushBack: (host, retryAfterMs) => store.pushBack(host, Math.min(retryAfterMs, longestPauseMs)),
  };
}

/**
 * How long a response asks to wait: Retry-After in seconds or as a date (RFC 9110 10.2.3), else
 * x-rate-limit-reset in Unix seconds once nothing remains. Null when it doesn't say; never negative.
 */
export function retryAfterMs(headers: [name: string, value: string][], now: Date): number | null {
  const value = (wanted: string) =>
    headers.find(([name]) => name.toLowerCase() === wanted)?.[1]?.trim() ?? '';
  const retryAfter = value('retry-after');
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const date = httpDateMs(retryAfter);
  if (date !== null) return Math.max(0, date - now.getTime());
  const reset = value('x-rate-limit-reset');
  const spent = ['', '0'].includes(value('x-rate-limit-remaining'));
  if (spent && /^\d{9,11}$/.test(reset)) return Math.max(0, Number(reset) * 1000 - now.getTime());
  return null;
}

/** Milliseconds since 1970 of an HTTP date; only the form that may be sent today (IMF-fixdate). */
function httpDateMs(text: string): number | null {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}
