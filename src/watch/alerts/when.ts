/** When a channel is told: at once, in a digest, after the quiet hours, or gathered in a storm. Pure. */
import { CronExpressionParser } from 'cron-parser';
import { afterQuiet, parseQuietHours } from '../quiet-hours.ts';
import type { Channel } from './channels.ts';

export interface Due {
  at: Date;
  /** The message stays open for further events until then. */
  gathers: boolean;
}

type Habits = Pick<Channel, 'digest' | 'digestAt' | 'timeZone' | 'quiet' | 'atMost'>;

/** @param madeLately messages that this channel got within `atMost.per` before `now` */
export function dueFor(channel: Habits, madeLately: number, now: Date): Due {
  if (channel.digest !== 'none') return { at: nextDigest(channel, now), gathers: true };
  const quiet = channel.quiet === null ? null : parseQuietHours(channel.quiet, channel.timeZone);
  const at = afterQuiet(now, quiet);
  if (at > now) return { at, gathers: true };
  if (madeLately < channel.atMost.messages) return { at: now, gathers: false };
  return { at: new Date(now.getTime() + channel.atMost.per), gathers: true };
}

function nextDigest({ digest, digestAt, timeZone }: Habits, now: Date): Date {
  const [hours, minutes] = digestAt.split(':').map(Number);
  const cron = digest === 'hourly' ? '0 * * * *' : `${minutes} ${hours} * * *`;
  return CronExpressionParser.parse(cron, { currentDate: now, tz: timeZone }).next().toDate();
}

const minute = 60_000;
const hour = 60 * minute;

/** The waits that Standard Webhooks recommends; after the last one nobody tries again. */
const retryWaitsMs = [minute / 2, 5 * minute, hour / 2, 2 * hour, 8 * hour, 24 * hour];

/**
 * Wait after so many failed attempts, up to a fifth longer by chance; null: give up.
 * @param random 0 to 1
 */
export function retryWaitMs(failedAttempts: number, random = Math.random()): number | null {
  const wait = retryWaitsMs[failedAttempts - 1];
  return wait === undefined ? null : Math.round(wait * (1 + random / 5));
}

/** How often the same events are told while nobody takes note. */
export const mostTellings = 10;
