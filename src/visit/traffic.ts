/** What a page asks for and gets, as far as waiting for it goes. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Traffic {
  /** Milliseconds since anything that the page waits for began or ended; 0 while something is under way. */
  quietMs(): number;
  /** The same, whatever is still under way: one file may never come. */
  idleMs(): number;
}

/** False: the time was up first. */
export function untilQuiet(
  traffic: Traffic,
  quietMs: number,
  untilMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  return until(() => traffic.quietMs() >= quietMs, untilMs, signal);
}

/** Nothing new has begun or ended for so long. False: the time was up first. */
export function untilIdle(
  traffic: Traffic,
  idleMs: number,
  untilMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  return until(() => traffic.idleMs() >= idleMs, untilMs, signal);
}

async function until(
  isOver: () => boolean,
  untilMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  while (!isOver()) {
    if (performance.now() >= untilMs) return false;
    await sleep(50, undefined, { signal });
  }
  return true;
}
