/** When a page is ready to be photographed: loaded, scrolled through, and quiet. */
import type { Page } from 'playwright';
import type { FrameWorlds } from './frame-worlds.ts';
import { type Traffic, untilIdle, untilQuiet } from './traffic.ts';
import { scrollThrough, type Walk } from './walk/scroll.ts';

export interface SettleOptions {
  /** Time of `performance.now()` at which waiting ends, whatever the page does. */
  cutAtMs: number;
  /** Quiet for this long is quiet. */
  settleMs: number;
  maxHeightPx: number;
  signal: AbortSignal;
}

const stalledMs = 3_000;
/** A page that asks without end is scrolled all the same. */
const firstQuietMs = 2_000;
/** Of the time until the cut: so much may loading take, and loading with scrolling. */
const loadShare = 0.5;
const scrollShare = 0.8;

/** Load, then scroll; never longer than most of the time until the cut, and never an error for what a page does. */
export async function loadAndScroll(
  page: Page,
  worlds: FrameWorlds,
  traffic: Traffic,
  options: SettleOptions,
): Promise<Walk & { untilMs: number }> {
  const { settleMs, maxHeightPx, cutAtMs, signal } = options;
  const startMs = performance.now();
  const at = (share: number) => startMs + (cutAtMs - startMs) * share;
  await untilLoaded(page, traffic, at(loadShare), signal);
  const limit = Math.min(at(loadShare), performance.now() + firstQuietMs);
  await untilQuiet(traffic, Math.min(settleMs, 500), limit, signal);
  const untilMs = at(scrollShare);
  const walk = await scrollThrough(worlds, traffic, { untilMs, settleMs, maxHeightPx, signal });
  signal.throwIfAborted();
  return { ...walk, untilMs };
}

/** Loaded, or nothing new has come for long: a download that starts while a page loads can cost it its load event. */
async function untilLoaded(
  page: Page,
  traffic: Traffic,
  untilMs: number,
  stop: AbortSignal,
): Promise<void> {
  const timeout = Math.max(1, Math.ceil(untilMs - performance.now()));
  const load = page.waitForLoadState('load', { timeout }).catch(() => {});
  const over = new AbortController();
  const signal = AbortSignal.any([stop, over.signal]);
  const stalled = untilIdle(traffic, stalledMs, untilMs, signal);
  stalled.catch(() => {}); // when it ends because the page loaded, nobody waits for it
  try {
    await Promise.race([load, stalled]);
  } finally {
    over.abort();
  }
}
