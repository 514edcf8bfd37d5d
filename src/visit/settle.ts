/** When a page is ready to be photographed: loaded, scrolled through, and quiet. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright';
import { within } from '../base/time-limit.ts';

export interface SettleOptions {
  /** Time of `performance.now()` at which waiting ends, whatever the page does. */
  cutAtMs: number;
  /** Quiet for this long is quiet. */
  settleMs: number;
  maxHeightPx: number;
  signal: AbortSignal;
}

/** Milliseconds since anything that the page waits for began or ended; 0 while something is under way. */
export interface Traffic {
  quietMs(): number;
}

export interface Settled {
  loaded: boolean;
  /** False: the cut came before the page was quiet. */
  quiet: boolean;
  scrolledToPx: number;
}

/** Load, quiet, scroll, quiet; never longer than the cut, and never an error for what a page does. */
export async function settle(
  page: Page,
  traffic: Traffic,
  options: SettleOptions,
): Promise<Settled> {
  const loaded = await untilLoaded(page, traffic, options);
  await untilQuiet(traffic, Math.min(options.settleMs, 500), options);
  const scrolledToPx = await scrollThrough(page, traffic, options);
  const quiet = await untilQuiet(traffic, options.settleMs, options);
  options.signal.throwIfAborted();
  return { loaded, quiet, scrolledToPx };
}

/** False when it never said so: at the cut, or when nothing at all has been under way for long. */
async function untilLoaded(page: Page, traffic: Traffic, options: SettleOptions): Promise<boolean> {
  const timeout = Math.max(1, Math.ceil(options.cutAtMs - performance.now()));
  const load = page.waitForLoadState('load', { timeout }).then(
    () => true,
    () => false,
  );
  // A download that starts while a page loads can cost it its load event.
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const stalled = untilQuiet(traffic, stalledMs, { ...options, signal }).then(() => false);
  try {
    return await Promise.race([load, stalled]);
  } finally {
    over.abort();
  }
}

async function untilQuiet(
  traffic: Traffic,
  quietMs: number,
  { cutAtMs, signal }: SettleOptions,
): Promise<boolean> {
  while (traffic.quietMs() < quietMs) {
    if (performance.now() >= cutAtMs) return false;
    await sleep(50, undefined, { signal });
  }
  return true;
}

const stepPauseMs = 80;
const stalledMs = 3_000;

/**
 * A screen at a time to the end or the cap, so that lazy content loads; then back to the top.
 * What has no end grows only once its end was seen, so the end is given a moment before it counts.
 */
async function scrollThrough(
  page: Page,
  traffic: Traffic,
  options: SettleOptions,
): Promise<number> {
  const { cutAtMs, maxHeightPx, signal } = options;
  let reached = 0;
  try {
    while (reached < maxHeightPx && performance.now() < cutAtMs) {
      const [now, end] = await inPage<[number, number]>(page, signal, scrollOneScreen);
      const isStuck = now <= reached && reached > 0;
      reached = now;
      if (isStuck) break;
      if (now < end) await sleep(stepPauseMs, undefined, { signal });
      else if (!(await growsBeyond(end, page, traffic, options))) break;
    }
    await inPage(page, signal, 'window.scrollTo({ top: 0, behavior: "instant" })');
  } catch {
    signal.throwIfAborted(); // otherwise: a page that is too busy to scroll; what it shows is kept as it is
  }
  return reached;
}

async function growsBeyond(
  endPx: number,
  page: Page,
  traffic: Traffic,
  options: SettleOptions,
): Promise<boolean> {
  await untilQuiet(traffic, Math.min(options.settleMs, 500), options);
  return (await inPage<number>(page, options.signal, pageEnd)) > endPx;
}

const pageEnd = '(document.scrollingElement ?? document.documentElement).scrollHeight';

/** Frames are when scroll events and observers run; a busy page may take long over two. */
const scrollOneScreen = `(async () => {
  window.scrollBy({ top: Math.floor(window.innerHeight * 0.8), behavior: 'instant' });
  await Promise.race([
    new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    new Promise((done) => setTimeout(done, 1000)),
  ]);
  return [Math.ceil(window.scrollY + window.innerHeight), ${pageEnd}];
})()`;

function inPage<Value>(page: Page, signal: AbortSignal, script: string): Promise<Value> {
  return within(3_000, signal, page.evaluate<Value>(script));
}
