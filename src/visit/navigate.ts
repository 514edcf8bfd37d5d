/** Going to an address: a document comes, or a reason why none did. */

import type { Page } from 'playwright';
import type { Reason } from '../base/reasons.ts';
import type { Door } from '../egress/egress.ts';
import { connectionFor, failureReason } from '../recorder/failures.ts';
import type { PageRecord } from '../recorder/page-record.ts';

export interface Navigation {
  /** Stable code; null: a document came. */
  reason: Reason | null;
  url: string;
  /** Chromium's words. */
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
  return first.reason !== null && record.isLate(stopped) ? goTo(destination) : first;
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
    return { reason: null, url, words: null };
  } catch (error) {
    signal.throwIfAborted();
    const told = error instanceof Error ? error.message : String(error);
    const asked = record.lastAsked;
    const words = /ERR_|Timeout|Download/.test(told) ? told : (asked?.failure ?? told);
    const at = asked?.url ?? url;
    const failed = (reason: Reason) => ({ reason, url: at, words: words.slice(0, 500) });
    if (/Download is starting/.test(told)) return failed('is-download');
    if (asked?.trouble === 'capped') return failed('too-large');
    return failed(failureReason(words, connectionFor(at, door.connections())));
  }
}
