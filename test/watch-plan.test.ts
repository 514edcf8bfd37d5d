import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextDue, parsePlan, planInWords } from '../src/watch/plan.ts';

describe('a plan to come back', () => {
  test('reads intervals and cron expressions, and says them back', () => {
    expect(planInWords(parsePlan('6h'))).toBe('every 6h');
    expect(planInWords(parsePlan('90m'))).toBe('every 90m');
    expect(planInWords(parsePlan('0 6 * * *', 'Europe/Berlin'))).toBe('0 6 * * * (Europe/Berlin)');
  });

  test.each(['', '0m', '6', 'adaptive soon', '61 * * * *', '* * * *', '30s'])(
    'refuses %j',
    (text) => {
      expect(() => parsePlan(text)).toThrow(expect.objectContaining({ code: 'bad-plan' }));
    },
  );

  test('refuses a time zone that does not exist', () => {
    expect(() => parsePlan('0 6 * * *', 'Europe/Atlantis')).toThrow(
      expect.objectContaining({ code: 'bad-plan' }),
    );
  });

  test('a cron plan keeps local time across the change to summer time', () => {
    const plan = parsePlan('0 6 * * *', 'Europe/Berlin');
    const saturday = new Date('2027-03-27T12:00:00Z');
    expect(nextDue(plan, saturday, saturday).toISOString()).toBe('2027-03-28T04:00:00.000Z');
    const friday = new Date('2027-03-26T12:00:00Z');
    expect(nextDue(plan, friday, friday).toISOString()).toBe('2027-03-27T05:00:00.000Z');
  });

  test('times that were missed are made up for once, not one by one', () => {
    const due = new Date('2026-01-01T00:00:00Z');
    const weekLater = new Date('2026-01-08T00:00:00Z');
    expect(nextDue(parsePlan('1h'), due, weekLater, 0).toISOString()).toBe(
      '2026-01-08T01:00:00.000Z',
    );
  });

  test('is always due in the future, and never later than its interval and 5 % after now', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 0, max: 1e9 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (minutes, lateMs, random) => {
          const due = new Date('2026-01-01T00:00:00Z');
          const now = new Date(due.getTime() + lateMs);
          const next = nextDue(parsePlan(`${minutes}m`), due, now, random);
          expect(next.getTime()).toBeGreaterThan(now.getTime());
          expect(next.getTime()).toBeLessThanOrEqual(now.getTime() + minutes * 60_000 * 1.05 + 1);
        },
      ),
    );
  });
});
