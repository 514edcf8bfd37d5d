/** Hours of the day in which nobody is visited, in the watch's own time zone. Pure. */
import { UsageError } from '../base/errors.ts';

export interface QuietHours {
  /** Minutes after midnight; `from` may be later than `to`: then it spans midnight. */
  from: number;
  to: number;
  timeZone: string;
}

const minuteMs = 60_000;
const dayMinutes = 24 * 60;

/** Reads `22:00-06:00`. @throws UsageError `bad-quiet-hours` */
export function parseQuietHours(text: string, timeZone: string): QuietHours {
  const [, h1, m1, h2, m2] = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/.exec(text.trim()) ?? [];
  const from = minutesOf(h1, m1);
  const to = minutesOf(h2, m2);
  if (from === null || to === null || from === to) {
    throw new UsageError('bad-quiet-hours', `${text}: quiet hours look like 22:00-06:00`);
  }
  return { from, to, timeZone };
}

function minutesOf(hours: string | undefined, minutes: string | undefined): number | null {
  const total = Number(hours) * 60 + Number(minutes);
  return Number(hours) <= 24 && Number(minutes) < 60 && total <= dayMinutes
    ? total % dayMinutes
    : null;
}

export function quietInWords({ from, to, timeZone }: QuietHours): string {
  const clock = (at: number) =>
    `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
  return `${clock(from)}-${clock(to)} ${timeZone}`;
}

/** The time itself, or the end of the quiet hours that it falls into. */
export function afterQuiet(at: Date, quiet: QuietHours | null): Date {
  if (quiet === null) return at;
  let moved = at;
  // A second look, because the clocks may change in the middle of the night.
  for (let look = 0; look < 2; look++) {
    const local = localMinutes(moved, quiet.timeZone);
    if (!isInside(local, quiet)) return moved;
    const wait = (quiet.to - local + dayMinutes) % dayMinutes;
    moved = new Date(moved.getTime() + wait * minuteMs);
  }
  return moved;
}

function isInside(local: number, { from, to }: QuietHours): boolean {
  return from < to ? local >= from && local < to : local >= from || local < to;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localMinutes(at: Date, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(timeZone, format);
  }
  const [hours = '0', minutes = '0'] = format.format(at).split(':');
  return Number(hours) * 60 + Number(minutes);
}
