/** Times in a query, and the marks by which a span of time is looked up among the words. */
import { filterMark, quoted } from '../index-words.ts';
import { either } from './terms.ts';

const dayMs = 86_400_000;
const units: Record<string, number> = { h: dayMs / 24, d: dayMs, w: 7 * dayMs };

/** `2020`, `2020-02`, `2020-02-12`, a whole ISO time (UTC where none is named), or `7d` ago; `null` for anything else. */
export function timeFrom(value: string, now: Date): Date | null {
  const [, count, unit = ''] = /^(\d{1,5})([hdw])$/i.exec(value) ?? [];
  if (count !== undefined)
    return new Date(now.getTime() - Number(count) * (units[unit.toLowerCase()] ?? 0));
  if (/^\d{4}(?:-\d\d){0,2}$/.test(value))
    return checked(`${value}${'-01-01'.slice(0, 10 - value.length)}T00:00Z`, value);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?$/i.test(value))
    return null;
  return checked(/(?:Z|[+-]\d\d:\d\d)$/i.test(value) ? value : `${value}Z`, value);
}

/** 30 February is not a day, whatever `Date` makes of it. */
function checked(iso: string, value: string): Date | null {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return null;
  if (value.length <= 10 && !time.toISOString().startsWith(value)) return null;
  return time;
}

const lengths = [4, 7, 10, 13] as const; // year, month, day, hour of an ISO time

/** What a capture opened at this time is found by. */
export function timeMarks(at: Date): string[] {
  return lengths.map((length) => timeMark(at.toISOString().slice(0, length)));
}

/**
 * A look-up of everything in the span, and of what lies around it in the same unit: few marks
 * that stand in many captures are looked up sooner than many that stand in few.
 */
export function spanMarkQuery(from: Date, to: Date): string {
  return either(spanMarks(from, to, unitOf(from, to)).map(quoted));
}

/** Length of what names a year, month, day or hour of an ISO time. */
type Unit = (typeof lengths)[number];

/** In which a span of this length is counted. */
export function unitOf(from: Date, to: Date): Unit {
  const days = (to.getTime() - from.getTime()) / dayMs;
  if (days < 1) return 13;
  if (days < 8) return 10;
  return days < 240 ? 7 : 4;
}

/** The year, month, day or hour in which it is. */
export function beginOfUnit(at: Date, unit: Unit): Date {
  return new Date(`${at.toISOString().slice(0, unit)}${yearBegins.slice(unit)}`);
}

const yearBegins = '0000-01-01T00:00:00.000Z';

/** The fewest that cover it. */
function spanMarks(from: Date, to: Date, unit: Unit): string[] {
  const marks: string[] = [];
  let at = beginOfUnit(new Date(Math.max(0, from.getTime())), unit);
  while (at < to && marks.length < mostMarks) {
    const step = longestStep(at, to, unit);
    marks.push(timeMark(at.toISOString().slice(0, step)));
    at = after(at, step);
  }
  return marks;
}

/** Years since 1970, and the months, days and hours at both ends. */
const mostMarks = 250;

/** The longest that begins here and ends in the span, and none that is shorter than `unit`. */
function longestStep(at: Date, to: Date, unit: Unit): Unit {
  const rest = at.toISOString();
  for (const length of lengths) {
    const begins = rest.slice(length) === yearBegins.slice(length);
    if (length < unit && begins && after(at, length) <= to) return length;
  }
  return unit;
}

function after(at: Date, length: Unit): Date {
  const next = new Date(at);
  if (length === 4) next.setUTCFullYear(next.getUTCFullYear() + 1);
  else if (length === 7) next.setUTCMonth(next.getUTCMonth() + 1);
  else if (length === 10) next.setUTCDate(next.getUTCDate() + 1);
  else next.setUTCHours(next.getUTCHours() + 1);
  return next;
}

function timeMark(iso: string): string {
  return filterMark('opened', iso);
}
