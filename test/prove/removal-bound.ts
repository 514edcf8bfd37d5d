/** How long a plan may take to find that something is gone, where nothing or much was in the way. */
import { defaultBreaker } from '../../src/model/watch-rules.ts';
import { adaptiveIntervalMs, type Situation, type WatchPlan } from '../../src/watch/plan.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** What of a watched source decides how often it is looked at. */
export interface Planned {
  plan: WatchPlan;
  bornAt: Date;
}

/** A stretch of time in which a platform or a host could not be heard, or not be believed. */
export interface Disturbance {
  from: number;
  to: number;
  trouble: string;
}

/** The interval of its plan at that time, if nothing happens; a daily cron may have a day of 25 hours. */
export function regularMs({ plan, bornAt }: Planned, at: number): number {
  if (plan.adaptive) return adaptiveIntervalMs({ ...quiet, bornAt }, new Date(at));
  return plan.cron === null ? plan.everyMs : 25 * hour;
}

const quiet: Omit<Situation, 'bornAt'> = {
  availability: 'available',
  firstMissed: null,
  since: null,
  muteSince: null,
  hotUntil: null,
};

/** The plan's longest interval at that age, then the misses that the rule asks for. */
export function undisturbedMs(source: Planned, from: number): number {
  // By silence: the first miss, then the rule's 24 h, met by visits 6 h apart and 5 % late.
  return Math.max(regularMs(source, from), day) * 1.05 + 24 * hour + 8 * hour;
}

/** The longest interval at which something that has been gone for so long is looked for. */
export function lookBackMs({ plan, bornAt }: Planned, at: number, goneMs: number): number {
  // An adaptive plan looks every day for a month after the first miss, then every week.
  const adaptiveMs = goneMs < 29 * day ? day : 7 * day;
  return (plan.adaptive ? adaptiveMs : regularMs({ plan, bornAt }, at)) * 1.05 + hour;
}

/**
 * Trouble within the time given to find something prolongs it, and so does what it held back.
 * @param disturbances in order of their beginning
 */
export function extendedMs(
  disturbances: readonly Disturbance[],
  from: number,
  givenMs: number,
): number {
  let endMs = from + givenMs;
  for (const { from: begins, to, trouble } of disturbances) {
    if (begins > endMs || to < from) continue;
    const holdMs = trouble === 'all-gone-but-canaries' ? defaultBreaker.holdMs : 0;
    // After trouble, the next look may be as far away as looks are then.
    endMs += to - Math.max(begins, from) + holdMs + (to - begins < 7 * day ? 6.5 * hour : day);
  }
  return endMs - from;
}
