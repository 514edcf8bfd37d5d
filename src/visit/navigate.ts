/** Going to an address: a document comes, or a reason why none did. */

import type { Page } from 'playwright';
import type { Reason } from '../base/reasons.ts';
import type { Door } from '../egress/egress.ts';
import { connectionFor, failureReason } from '../recorder/failures.ts';
import type { PageRecord } from '../recorder/page-record.ts';

export interface Navigation {
  /**
   * `page`: a document came. `file`: something else came. `answer`: all that was said came, and
   * there is no page in it. `none`: nothing whole came.
   */
  came: 'page' | 'file' | 'answer' | 'none';
  /** Stable code; null: a page came, or an answer. */
  reason: Reason | null;
  url: string;
  /** Chromium's words: a code of its own where it has one. */
  words: string | null;
}

interface Destination {
  page: Page;
  record: PageRecord;
  door: Door;
  url: string;
  /** Time of `performance.now()`. */
  cutAtMs: number;
  signal: AbortSignal;
}

export async function navigate(destination: Destination): Promise<Navigation> {
  const { record, url } = destination;
  const first = await goTo(destination);
  const stopped = record.lastAsked?.url ?? url;
  // It came too slowly to be read whole before it is shown: once more, to be shown as it comes.
  return first.came === 'none' && record.isLate(stopped) ? goTo(destination) : first;
}

async function goTo({
  page,
  record,
  door,
  url,
  cutAtMs,
  signal,
}: Destination): Promise<Navigation> {
  try {
    const timeout = Math.max(1, Math.ceil(cutAtMs - performance.now()));
    await page.goto(url, { waitUntil: 'commit', timeout });
    return { came: 'page', reason: null, url, words: null };
  } catch (error) {
    signal.throwIfAborted();
    const told = error instanceof Error ? error.message : String(error);
    const asked = record.lastAsked;
    const words = /ERR_|Timeout|Download/.test(told) ? told : (asked?.failure ?? told);
    const at = asked?.url ?? url;
    const ended = { url: at, words: /net::ERR_\w+/.exec(words)?.[0] ?? words.slice(0, 500) };
    if (asked?.isFile || /Download is starting/.test(told))
      return { came: 'file', reason: 'is-download', ...ended };
    if (asked?.trouble === 'capped') return { came: 'none', reason: 'too-large', ...ended };
    if (asked?.isWhole && withoutPage.test(words))
      return { came: 'answer', reason: null, ...ended };
    const reason = failureReason(words, connectionFor(at, door.connections()));
    return { came: 'none', reason, ...ended };
  }
}

/** How Chromium tells of answers that it makes no page of: empty 404s and 500s, 204s, demands to log in. */
const withoutPage =
  /ERR_(HTTP_RESPONSE_CODE_FAILURE|ABORTED|INVALID_AUTH_CREDENTIALS|UNEXPECTED_PROXY_AUTH)\b/;
