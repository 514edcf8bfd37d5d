/**
 * When to come back: every so often, by a cron expression in a time zone, or adaptively.
 * Pure: the time, and chance, come in as arguments.
 */
import { CronExpressionParser } from 'cron-parser';
import { UsageError } from '../base/errors.ts';
import type { Availability } from '../model/signals.ts';
import { afterQuiet, type QuietHours } from './quiet-hours.ts';
import { isTimeZone } from './time-zone.ts';

export type WatchPlan =
  | { everyMs: number; cron: null; timeZone: null; adaptive: false }
  | { everyMs: null; cron: string; timeZone: string; adaptive: false }
  | { everyMs: null; cron: null; timeZone: null; adaptive: true };

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const unitMs: Record<string, number> = { m: minute, h: hour, d: day, w: 7 * day };
const shortestMs = minute;
const longestMs = 3650 * day;
/** So much of an interval is left to chance, that many watches don't march in step. */
const jitterShare = 0.05;

/**
 * Reads `15m`, `6h`, `2d`, `1w`, a five-field cron expression or `adaptive`.
 * @throws UsageError `bad-plan`
 */
export function parsePlan(text: string, timeZone = 'UTC'): WatchPlan {
  if (!isTimeZone(timeZone)) {
    throw new UsageError(
      'bad-plan',
      `"${timeZone}" is not a valid time zone: use one such as Europe/Paris or UTC`,
    );
  }
  if (text.trim().toLowerCase() === 'adaptive') {
    return { everyMs: null, cron: null, timeZone: null, adaptive: true };
  }
  const interval = /^(\d{1,6})\s*([mhdw])$/i.exec(text.trim());
  if (interval !== null) {
    const everyMs = Number(interval[1]) * (unitMs[(interval[2] ?? '').toLowerCase()] ?? 0);
    if (everyMs < shortestMs || everyMs > longestMs) {
      throw new UsageError(
        'bad-plan',
        `${text}: an interval must be between one minute (1m) and ten years (3650d)`,
      );
    }
    return { everyMs, cron: null, timeZone: null, adaptive: false };
  }
  const cron = text.trim();
  if (cron.split(/\s+/).length !== 5) {
    throw new UsageError(
      'bad-plan',
      `"${text}" is not a valid plan: use an interval such as 6h, a five-field cron expression such as "0 6 * * *", or adaptive`,
    );
  }
  nextCron(cron, timeZone, new Date());
  return { everyMs: null, cron, timeZone, adaptive: false };
}

/** What an adaptive plan looks at, and what makes any plan come back sooner. */
export interface Situation {
  /** When it was posted, where that is known; else since when it is watched. */
  bornAt: Date;
  availability: Availability;
  /** Of the present run of misses. */
  firstMissed: Date | null;
  /** Since when it is in this state. */
  since: Date | null;
  /** Since when visits said nothing: the way there was in trouble. */
  muteSince: Date | null;
  /** Until then it is visited densely: it changed, or its account lost other posts. */
  hotUntil: Date | null;
}

/**
 * The next visit after one that was due at `after` and made at `now`. Always later than
 * `now`; missed times are made up for once, not one by one.
 * @param random 0 to 1
 */
export function nextVisit(
  plan: WatchPlan,
  situation: Situation,
  after: Date,
  now: Date,
  quiet: QuietHours | null = null,
  random = Math.random(),
): Date {
  const regular = plan.adaptive
    ? jittered(now, adaptiveIntervalMs(situation, now), random)
    : nextDue(plan, after, now, random);
  const sooner = confirmIntervalMs(situation, now) ?? retryIntervalMs(situation, now);
  const next = sooner === null ? regular : earlier(regular, jittered(now, sooner, random));
  return afterQuiet(next, quiet);
}

/** The next time of a plan of its own, whatever happened to the source. */
export function nextDue(plan: WatchPlan, after: Date, now: Date, random = Math.random()): Date {
  if (plan.adaptive) return jittered(now, firstAdaptiveMs, random);
  if (plan.cron !== null) return nextCron(plan.cron, plan.timeZone, now > after ? now : after);
  const regular = after.getTime() + plan.everyMs;
  const missed = regular <= now.getTime();
  return jittered(new Date(missed ? now.getTime() : after.getTime()), plan.everyMs, random);
}

const firstAdaptiveMs = 10 * minute;

/** Age of a post up to which it is visited so often. Posts can be edited for an hour; most that go, go early. */
const stairs: [untilAgeMs: number, everyMs: number][] = [
  [2 * hour, 10 * minute],
  [48 * hour, hour],
  [7 * day, 6 * hour],
  [30 * day, day],
  [Number.POSITIVE_INFINITY, 7 * day],
];

/** How long a change, or the loss of another post of the account, makes visits dense. */
export const hotMs = 48 * hour;
const hotEveryMs = hour;

/** Dense in the first 48 hours, then sparse, dense again while something is going on. */
export function adaptiveIntervalMs(situation: Situation, now: Date): number {
  const ageMs = Math.max(0, now.getTime() - situation.bornAt.getTime());
  const byAge = stairs.find(([until]) => ageMs < until)?.[1] ?? 7 * day;
  if (situation.availability === 'removed') return byRemoval(situation, now);
  const hot = situation.hotUntil !== null && situation.hotUntil > now;
  if (hot) return Math.min(byAge, hotEveryMs);
  // What is hidden behind a gate may come out again: looked at every day.
  return situation.availability === 'restricted' ? Math.min(byAge, day) : byAge;
}

/** What is gone may come back: looked at every day in the first month, then every week. */
function byRemoval({ since }: Situation, now: Date): number {
  const goneMs = since === null ? 0 : now.getTime() - since.getTime();
  return goneMs < 30 * day ? day : 7 * day;
}

/**
 * While a source is suspect, any plan comes back soon enough to tell: twice within the
 * first two hours, then often enough to have the misses that the rule asks for.
 */
export function confirmIntervalMs(situation: Situation, now: Date): number | null {
  if (situation.availability !== 'suspect' || situation.firstMissed === null) return null;
  const missingMs = now.getTime() - situation.firstMissed.getTime();
  if (missingMs < 2 * hour) return 30 * minute;
  if (missingMs < 36 * hour) return 6 * hour;
  return missingMs < 14 * day ? 12 * hour : day;
}

/** Where nothing was heard, any plan comes back sooner than it would, but not for ever. */
function retryIntervalMs({ muteSince }: Situation, now: Date): number | null {
  if (muteSince === null) return null;
  const muteMs = now.getTime() - muteSince.getTime();
  if (muteMs < 6 * hour) return hour;
  return muteMs < 7 * day ? 6 * hour : day;
}

function jittered(from: Date, intervalMs: number, random: number): Date {
  return new Date(from.getTime() + intervalMs + Math.round(intervalMs * jitterShare * random));
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}

/** As `parsePlan` reads it again. */
export function planAsText(plan: Parameters<typeof planInWords>[0]): string {
  return plan.cron ?? planInWords(plan).replace(/^every /, '');
}

export function planInWords(plan: {
  everyMs: number | null;
  cron: string | null;
  timeZone: string | null;
}): string {
  if (plan.cron !== null) return `${plan.cron} (${plan.timeZone})`;
  if (plan.everyMs === null) return 'adaptive';
  for (const unit of ['w', 'd', 'h', 'm']) {
    const size = unitMs[unit] ?? 1;
    if (plan.everyMs % size === 0) return `every ${plan.everyMs / size}${unit}`;
  }
  return `every ${plan.everyMs} ms`;
}

/** The stretch of time for which the next moment of an expression is known: many watches share one. */
const knownCron = new Map<string, { from: number; next: number }>();
const mostKnownCron = 1_000;

function nextCron(cron: string, timeZone: string, after: Date): Date {
  const name = `${timeZone} ${cron}`;
  const from = after.getTime();
  const known = knownCron.get(name);
  if (known !== undefined && known.from <= from && from < known.next) return new Date(known.next);
  const next = computeCron(cron, timeZone, after);
  if (knownCron.size >= mostKnownCron) knownCron.clear();
  knownCron.set(name, { from, next: next.getTime() });
  return next;
}

/** The library's own `H`: some moment of its choice, another one at each reading. */
const anyMoment = /(^|[\s,])H([\s,(/]|$)/i;

function computeCron(cron: string, timeZone: string, after: Date): Date {
  try {
    if (anyMoment.test(cron)) throw new RangeError('H names no moment');
    return CronExpressionParser.parse(cron, { currentDate: after, tz: timeZone }).next().toDate();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      'bad-plan',
      `"${cron}" never matches a time: use minute, hour, day, month and weekday, such as "0 6 * * *" (${why})`,
    );
  }
}
