import { describe, expect, test } from 'vitest';
import {
  adaptiveIntervalMs,
  confirmIntervalMs,
  nextDue,
  nextVisit,
  parsePlan,
  planInWords,
  type Situation,
} from '../src/watch/plan.ts';
import { afterQuiet, parseQuietHours, quietInWords } from '../src/watch/quiet-hours.ts';
import { fc } from './support/property.ts';

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

  test('refuses a time zone that does not exist, in its own words, whatever the plan', () => {
    for (const plan of ['0 6 * * *', '6h', 'adaptive'])
      expect(() => parsePlan(plan, 'Europe/Atlantis'), plan).toThrow(
        expect.objectContaining({
          code: 'bad-plan',
          message:
            '"Europe/Atlantis" is not a valid time zone: use one such as Europe/Paris or UTC',
        }),
      );
  });

  test('a cron expression names its moments: what the library would choose by chance is refused', () => {
    for (const cron of ['H H H H H', 'H(0-10) * * * *', '0 h/3 * * *', '5,H 3 * * *'])
      expect(() => parsePlan(cron), cron).toThrow(expect.objectContaining({ code: 'bad-plan' }));
    expect(() => parsePlan('0 3 * MAR THU')).not.toThrow();
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

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const now = new Date('2026-11-24T12:00:00Z');
const ago = (ms: number) => new Date(now.getTime() - ms);

function situation(given: Partial<Situation> = {}): Situation {
  return {
    bornAt: ago(400 * day),
    availability: 'available',
    firstMissed: null,
    since: null,
    muteSince: null,
    hotUntil: null,
    ...given,
  };
}

describe('an adaptive plan', () => {
  const plan = parsePlan('adaptive');
  const every = (given: Partial<Situation>) => adaptiveIntervalMs(situation(given), now);

  test('is dense in the first 48 hours, then sparse', () => {
    const ages = [0, hour, 3 * hour, 47 * hour, 49 * hour, 8 * day, 31 * day, 4_000 * day];
    expect(ages.map((age) => every({ bornAt: ago(age) }) / minute)).toEqual([
      10, 10, 60, 60, 360, 1_440, 10_080, 10_080,
    ]);
    // A post cannot be younger than now, whatever its clock says.
    expect(every({ bornAt: new Date(now.getTime() + day) })).toBe(10 * minute);
  });

  test('is dense again while something is going on, and looks for what is gone', () => {
    expect(every({ hotUntil: new Date(now.getTime() + 1) })).toBe(hour);
    expect(every({ hotUntil: ago(1) })).toBe(7 * day);
    expect(every({ availability: 'restricted' })).toBe(day);
    expect(every({ availability: 'removed', since: ago(day) })).toBe(day);
    expect(every({ availability: 'removed', since: ago(90 * day) })).toBe(7 * day);
  });

  test('visits a suspect often enough to have the misses that the rule asks for', () => {
    let at = now.getTime();
    const firstMissed = now;
    const visits: number[] = [];
    while (at - now.getTime() < 25 * hour) {
      const suspect = situation({ availability: 'suspect', firstMissed });
      at = nextVisit(plan, suspect, new Date(at), new Date(at), null, 1).getTime();
      visits.push((at - now.getTime()) / hour);
    }
    expect(visits.filter((hours) => hours <= 1.1).length).toBe(2);
    expect(visits.length).toBeGreaterThan(6);
    expect(visits.length).toBeLessThan(12);
  });
});

test('any plan comes back sooner to a suspect, and to where nothing was heard', () => {
  const weekly = parsePlan('1w');
  const due = (given: Partial<Situation>) =>
    nextVisit(weekly, situation(given), now, now, null, 0).getTime() - now.getTime();
  expect(due({})).toBe(7 * day);
  expect(due({ availability: 'suspect', firstMissed: now })).toBe(30 * minute);
  expect(due({ muteSince: ago(hour) })).toBe(hour);
  expect(due({ muteSince: ago(day) })).toBe(6 * hour);
  expect(confirmIntervalMs(situation(), now)).toBeNull();
});

describe('quiet hours', () => {
  const berlin = parseQuietHours('22:00-06:00', 'Europe/Berlin');

  test('are read, and said back', () => {
    expect(quietInWords(berlin)).toBe('22:00-06:00 Europe/Berlin');
    for (const text of ['22-6', '25:00-06:00', '22:60-06:00', '22:00-22:00', '']) {
      expect(() => parseQuietHours(text, 'UTC')).toThrow(
        expect.objectContaining({ code: 'bad-quiet-hours' }),
      );
    }
  });

  test('move a visit to their end, and leave others alone', () => {
    const at = (text: string) => afterQuiet(new Date(text), berlin).toISOString();
    expect(at('2026-11-24T20:59:00Z')).toBe('2026-11-24T20:59:00.000Z');
    expect(at('2026-11-24T21:00:00Z')).toBe('2026-11-25T05:00:00.000Z');
    expect(at('2026-11-25T04:59:00Z')).toBe('2026-11-25T05:00:00.000Z');
    expect(at('2026-11-25T05:00:00Z')).toBe('2026-11-25T05:00:00.000Z');
  });

  test('end at the local hour also in the night in which the clocks change', () => {
    const end = afterQuiet(new Date('2027-03-27T22:30:00Z'), berlin);
    expect(end.toISOString()).toBe('2027-03-28T05:00:00.000Z');
    const back = afterQuiet(new Date('2026-10-24T21:00:00Z'), berlin);
    expect(back.toISOString()).toBe('2026-10-25T05:00:00.000Z');
  });

  test('a visit is never inside them, nor moved by more than a day', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
        fc.integer({ min: 0, max: 1_439 }),
        fc.integer({ min: 0, max: 1_439 }),
        fc.constantFrom('UTC', 'Asia/Tehran', 'America/New_York', 'Asia/Kolkata'),
        (date, from, to, timeZone) => {
          if (from === to) return;
          const quiet = { from, to, timeZone };
          const moved = afterQuiet(date, quiet);
          expect(moved >= date).toBe(true);
          expect(moved.getTime() - date.getTime()).toBeLessThanOrEqual(25 * hour);
          expect(afterQuiet(moved, quiet).getTime() - moved.getTime()).toBeLessThan(2 * hour);
        },
      ),
    );
  });
});
