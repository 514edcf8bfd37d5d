/** When to come back: every so often, or by a cron expression in a time zone. Pure. */
import { CronExpressionParser } from 'cron-parser';
import { UsageError } from '../errors.ts';

export type WatchPlan =
  | { everyMs: number; cron: null; timeZone: null }
  | { everyMs: null; cron: string; timeZone: string };

const unitMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const shortestMs = 60_000;

/**
 * Reads `15m`, `6h`, `2d`, `1w` or a five-field cron expression.
 * @throws UsageError `bad-plan`
 */
export function parsePlan(text: string, timeZone = 'UTC'): WatchPlan {
  const interval = /^(\d{1,6})\s*([mhdw])$/i.exec(text.trim());
  if (interval !== null) {
    const everyMs = Number(interval[1]) * (unitMs[(interval[2] ?? '').toLowerCase()] ?? 0);
    if (everyMs < shortestMs) throw new UsageError('bad-plan', `${text}: at least one minute`);
    return { everyMs, cron: null, timeZone: null };
  }
  const cron = text.trim();
  if (cron.split(/\s+/).length !== 5) {
    throw new UsageError(
      'bad-plan',
      `${text}: neither an interval such as 6h nor a cron expression of five fields`,
    );
  }
  nextCron(cron, timeZone, new Date());
  return { everyMs: null, cron, timeZone };
}

/**
 * The next time after `after` (and after `now`): missed times are made up for once, not
 * one by one. Intervals get up to 5 % of jitter so that many watches don't march in step.
 */
export function nextDue(plan: WatchPlan, after: Date, now: Date, random = Math.random()): Date {
  if (plan.everyMs === null) return nextCron(plan.cron, plan.timeZone, now > after ? now : after);
  const jitterMs = Math.round(plan.everyMs * 0.05 * random);
  const regular = after.getTime() + plan.everyMs;
  const missed = regular <= now.getTime();
  return new Date((missed ? now.getTime() + plan.everyMs : regular) + jitterMs);
}

export function planInWords(plan: {
  everyMs: number | null;
  cron: string | null;
  timeZone: string | null;
}): string {
  if (plan.everyMs === null) return `${plan.cron} (${plan.timeZone})`;
  for (const unit of ['w', 'd', 'h', 'm']) {
    const size = unitMs[unit] ?? 1;
    if (plan.everyMs % size === 0) return `every ${plan.everyMs / size}${unit}`;
  }
  return `every ${plan.everyMs} ms`;
}

function nextCron(cron: string, timeZone: string, after: Date): Date {
  try {
    return CronExpressionParser.parse(cron, { currentDate: after, tz: timeZone }).next().toDate();
  } catch (error) {
    throw new UsageError(
      'bad-plan',
      `${cron} in ${timeZone}: ${error instanceof Error ? error.message : 'unreadable'}`,
    );
  }
}
