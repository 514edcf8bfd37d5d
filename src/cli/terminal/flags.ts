/** Numbers and times that a person gives as flags, and flags that say nothing. */
import type { Command } from 'commander';
import { UsageError } from '../../base/errors.ts';

/** @throws UsageError `bad-number`; half a number (`5x`) is none */
export function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError('bad-number', `${flag} must be ${least} to ${most}, not "${text}"`);
}

/**
 * A time without a zone is UTC, whatever zone the machine is in.
 * @throws UsageError `bad-time`
 */
export function timeFrom(flag: string, text: string): Date {
  const parts = /^\d{4}(-\d\d(-\d\d)?)?(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.exec(
    text,
  );
  const zone = parts?.[3] === undefined || parts[6] !== undefined ? '' : 'Z';
  const time = new Date(parts === null ? Number.NaN : `${text}${zone}`);
  if (!Number.isNaN(time.getTime())) return time;
  throw new UsageError(
    'bad-time',
    `${flag}: "${text}" is not a valid time: use 2026-11-01 or 2026-11-01T12:00Z`,
  );
}

export function optionalTime(flag: string, text: string | undefined): Date | undefined {
  return text === undefined ? undefined : timeFrom(flag, text);
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
