/** Numbers and times that a person gives as flags, and flags that say nothing. */
import type { Command } from 'commander';
import { UsageError } from '../../base/errors.ts';

/** @throws UsageError `bad-number`; half a number (`5x`) is none */
export function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError('bad-number', `${flag} must be ${least} to ${most}, not "${text}"`);
}

const spans: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * A time without a zone is UTC, whatever zone the machine is in. A span such as `7d` reaches back
 * from now, or, of a flag that says when something ends, ahead.
 * @throws UsageError `bad-time`
 */
export function timeFrom(
  flag: string,
  text: string,
  { now = new Date(), ahead = false } = {},
): Date {
  const [, number = '', unit = ''] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  const spanMs = Number(number) * (spans[unit] ?? Number.NaN);
  if (!Number.isNaN(spanMs)) return new Date(now.getTime() + (ahead ? spanMs : -spanMs));
  const parts = /^\d{4}(-\d\d(-\d\d)?)?(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.exec(
    text,
  );
  const zone = parts?.[3] === undefined || parts[6] !== undefined ? '' : 'Z';
  const time = new Date(parts === null ? Number.NaN : `${text}${zone}`);
  if (!Number.isNaN(time.getTime())) return time;
  throw new UsageError(
    'bad-time',
    `${flag}: "${text}" is not a valid time: use 2026-11-01, 2026-11-01T12:00Z, or a span such as 24h or 7d`,
  );
}

export function optionalTime(
  flag: string,
  text: string | undefined,
  how: { ahead?: boolean } = {},
): Date | undefined {
  return text === undefined ? undefined : timeFrom(flag, text, how);
}

/**
 * A variable that a script forgot to set must not turn "of this case" into "of all".
 * @throws UsageError `empty-flag`
 */
export function refuseEmptyFlags(verb: Command): void {
  for (const option of verb.options) {
    const value: unknown = verb.getOptionValue(option.attributeName());
    if (value !== '' && !(Array.isArray(value) && value.includes(''))) continue;
    throw new UsageError('empty-flag', `${option.long} is empty: give it a value, or leave it out`);
  }
  if (verb.parent !== null) refuseEmptyFlags(verb.parent);
}
