/** What is concluded from observations, and above all what is not. */
import { describe, expect, test } from 'vitest';
import type { Signal } from '../src/model/signals.ts';
import {
  type Assessment,
  afterVisit,
  type CanaryWord,
  neverVisited,
  type Said,
  type Transition,
  transition,
  type Visit,
} from '../src/watch/availability.ts';
import { isHeld } from '../src/watch/breaker.ts';
import { assess } from './support/assess.ts';
import { fc } from './support/property.ts';

const start = Date.UTC(2026, 0, 1);
const minute = 60_000;
const hour = 60 * minute;

/** A visit so many hours after the start; `held` and the canaries as they mostly are. */
function visit(
  hours: number,
  said: Partial<Record<string, Signal>>,
  canary: CanaryWord = 'passed',
  held = false,
): Visit {
  return {
    at: new Date(start + hours * hour),
    said: Object.entries(said).map(
      ([route, signal]): Said => ({ route, signal: signal ?? 'unknown', canary }),
    ),
    held,
  };
}

const there = { syndication: 'available' } as const;
const silent = { syndication: 'not-found', graphql: 'not-found', oembed: 'not-found' } as const;
const deleted = {
  syndication: 'deleted-by-author',
  graphql: 'not-found',
  oembed: 'not-found',
} as const;

function story(visits: Visit[]): (Transition | null)[] {
  let state: Assessment = neverVisited;
  return visits.map((one) => {
    const before = state;
    state = afterVisit(before, one);
    return transition(before, state);
  });
}

describe('a source', () => {
  test('that was seen once is available, since then', () => {
    expect(assess([visit(0, there), visit(1, there)])).toMatchObject({
      availability: 'available',
      kind: null,
      since: new Date(start),
      firstSeen: new Date(start),
      lastSeen: new Date(start + hour),
    });
  });

  test('that is missed once is suspect, whatever is said about it', () => {
    for (const words of [silent, deleted]) {
      expect(assess([visit(0, there), visit(1, words)])).toMatchObject({
        availability: 'suspect',
        firstMissed: new Date(start + hour),
        confirmedAt: null,
        lastSeen: new Date(start),
      });
    }
  });

  test('that the origin says is deleted is removed after two looks an hour apart', () => {
    const early = [visit(0, there), visit(10, deleted), visit(10.9, deleted)];
    expect(assess(early).availability).toBe('suspect');
    expect(assess([...early, visit(11, deleted)])).toMatchObject({
      availability: 'removed',
      kind: 'deleted-by-author',
      since: new Date(start + 10 * hour),
      firstMissed: new Date(start + 10 * hour),
      confirmedAt: new Date(start + 11 * hour),
    });
  });

  test('that is silently not there is removed after three looks over a day, without a reason', () => {
    const misses = [10, 20, 33.9].map((hours) => visit(hours, silent));
    expect(assess([visit(0, there), ...misses]).availability).toBe('suspect');
    expect(assess([visit(0, there), ...misses, visit(34, silent)])).toMatchObject({
      availability: 'removed',
      kind: 'not-found',
    });
  });

  test('that nobody ever saw is not removed by silence', () => {
    const misses = [0, 20, 40, 60, 400].map((hours) => visit(hours, silent));
    expect(assess(misses).availability).toBe('suspect');
  });

  test('keeps the reason that was once given, where later answers only say "not found"', () => {
    const visits = [visit(0, there), visit(1, deleted), visit(3, silent), visit(5, deleted)];
    expect(assess([...visits, visit(9, silent)]).kind).toBe('deleted-by-author');
  });

  test('that comes back is restored, and stays so', () => {
    const visits = [
      visit(0, there),
      visit(1, deleted),
      visit(3, deleted),
      visit(50, there),
      visit(60, there),
    ];
    expect(story(visits)).toEqual([null, 'suspect', 'removed', 'restored', null]);
    expect(assess(visits)).toMatchObject({
      availability: 'restored',
      since: new Date(start + 50 * hour),
    });
  });

  test('that comes back behind a gate first, and then whole, is restored when it is whole', () => {
    const visits = [
      visit(0, there),
      visit(1, deleted),
      visit(3, deleted),
      visit(5, { syndication: 'login-required' }),
      visit(9, there),
    ];
    expect(story(visits)).toEqual([null, 'suspect', 'removed', 'restricted', 'restored']);
  });

  test('that is seen again while suspect is cleared', () => {
    const visits = [visit(0, there), visit(1, silent), visit(2, there), visit(30, silent)];
    expect(story(visits)).toEqual([null, 'suspect', 'cleared', 'suspect']);
    // The run of misses begins anew.
    expect(assess(visits).firstMissed).toEqual(new Date(start + 30 * hour));
  });

  test('behind a gate is restricted, and never removed for it', () => {
    const gate = { syndication: 'login-required', oembed: 'not-found' } as const;
    const gated = [0, 30, 60, 90].map((hours) => visit(hours, gate));
    expect(assess([visit(-1, there), ...gated])).toMatchObject({
      availability: 'restricted',
      kind: 'login-required',
    });
    expect(story([visit(-1, there), ...gated, visit(99, there)]).at(-1)).toBe('cleared');
  });

  test.each([
    ['protected', 'restricted'],
    ['geo-withheld', 'restricted'],
    ['legal-withheld', 'restricted'],
    ['subscribers-only', 'restricted'],
    ['media-removed', 'restricted'],
    ['account-suspended', 'removed'],
    ['account-gone', 'removed'],
    ['removed-by-platform', 'removed'],
    ['page-gone', 'removed'],
    ['deleted-by-author', 'removed'],
  ] as const)('of which is said %s becomes %s, with that kind', (signal, availability) => {
    const words = { a: signal, b: 'not-found' } as const;
    const visits = [visit(0, there), visit(1, words), visit(2, words), visit(3, words)];
    expect(assess(visits)).toMatchObject({ availability, kind: signal });
  });

  test('whose host has no name any more is removed only after a week of that', () => {
    const gone = { page: 'domain-gone', 'page-as-browser': 'domain-gone' } as const;
    const daily = [1, 2, 3, 4, 5, 6, 7].map((days) => visit(days * 24, gone));
    expect(assess([visit(0, there), ...daily]).availability).toBe('suspect');
    expect(assess([visit(0, there), ...daily, visit(8.1 * 24, gone)])).toMatchObject({
      availability: 'removed',
      kind: 'domain-gone',
    });
  });
});

describe('a miss does not count', () => {
  const over = (words: Partial<Record<string, Signal>>, canary?: CanaryWord, held?: boolean) =>
    assess([
      visit(0, there),
      ...[1, 20, 40, 60, 200].map((hours) => visit(hours, words, canary, held)),
    ]);

  test('where only one route missed it', () => {
    expect(over({ syndication: 'deleted-by-author' }).availability).toBe('suspect');
  });

  test('where another route shows it', () => {
    expect(over({ ...deleted, graphql: 'available' }).availability).toBe('available');
  });

  test('where a route that might name a softer reason could not be heard', () => {
    expect(over({ ...silent, graphql: 'extractor-broken' }).availability).toBe('suspect');
    expect(over({ ...deleted, graphql: 'extractor-broken' }).availability).toBe('removed');
  });

  test('where nobody asked the canaries, as in a capture', () => {
    expect(over(deleted, 'unasked').availability).toBe('suspect');
  });

  test('where the canaries were not there either: then nothing was said at all', () => {
    expect(over(deleted, 'failed')).toMatchObject({ availability: 'available', misses: 0 });
  });

  test('where the whole platform seemed to vanish', () => {
    expect(over(deleted, 'passed', true)).toMatchObject({
      availability: 'available',
      missingSince: new Date(start + hour),
    });
  });

  test('twice within ten minutes', () => {
    const hurried = [0, 1, 2, 3, 4].map((nth) => visit(1 + nth * 0.1, deleted));
    expect(assess([visit(0, there), ...hurried]).misses).toBe(3);
  });
});

describe('properties', () => {
  const transport: Signal[] = [
    'rate-limited',
    'blocked',
    'unreachable',
    'extractor-broken',
    'unknown',
  ];
  const routes = ['syndication', 'graphql', 'oembed', 'page'];
  const anyVisit = (signals: Signal[]) =>
    fc
      .record({
        hours: fc.double({ min: 0, max: 9_000, noNaN: true }),
        said: fc.array(
          fc.record({
            route: fc.constantFrom(...routes),
            signal: fc.constantFrom(...signals),
            canary: fc.constantFrom<CanaryWord[]>('passed', 'failed', 'unasked'),
          }),
          { maxLength: 6 },
        ),
        held: fc.boolean(),
      })
      .map(({ hours, said, held }): Visit => ({ at: new Date(start + hours * hour), said, held }));

  test('no order of faults on the way ever says anything about the source', () => {
    fc.assert(
      fc.property(fc.array(anyVisit(transport), { maxLength: 60 }), (visits) => {
        expect(assess(visits).availability).toBe('unknown');
        expect(assess([visit(-1, there), ...visits])).toMatchObject({
          availability: 'available',
          misses: 0,
          firstMissed: null,
        });
        const removed = [visit(-9, there), visit(-5, deleted), visit(-3, deleted)];
        expect(assess([...removed, ...visits]).availability).toBe('removed');
      }),
      { numRuns: 500 },
    );
  });

  const everything: Signal[] = [
    ...transport,
    'available',
    'media-removed',
    'login-required',
    'protected',
    'geo-withheld',
    'deleted-by-author',
    'account-suspended',
    'not-found',
    'domain-gone',
  ];

  test('removed is never said without what the rule asks for', () => {
    fc.assert(
      fc.property(fc.array(anyVisit(everything), { maxLength: 40 }), (visits) => {
        const inOrder = visits.toSorted((a, b) => a.at.getTime() - b.at.getTime());
        let state = neverVisited;
        for (const [nth, one] of inOrder.entries()) {
          const before = state;
          state = afterVisit(before, one);
          if (transition(before, state) !== 'removed') continue;
          const run = inOrder
            .slice(0, nth + 1)
            .filter(({ at }) => before.firstMissed !== null && at >= before.firstMissed);
          const counted = run.filter(({ said, held }) => {
            const missed = said.filter(
              ({ canary, signal }) =>
                canary === 'passed' && /deleted|suspended|not-found|domain/.test(signal),
            );
            return !held && new Set(missed.map(({ route }) => route)).size >= 2;
          });
          expect(counted.length).toBeGreaterThanOrEqual(2);
          const first = counted[0]?.at.getTime() ?? 0;
          expect(one.at.getTime() - first).toBeGreaterThanOrEqual(hour);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('the order in which visits are given, and visits that heard nothing, change nothing', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyVisit(everything), { maxLength: 25, selector: ({ at }) => at.getTime() }),
        fc.array(anyVisit(transport), { maxLength: 10 }),
        fc.integer(),
        (visits, faults, seed) => {
          const shuffled = visits.toSorted(
            (a, b) => ((a.at.getTime() * seed) % 977) - ((b.at.getTime() * seed) % 977),
          );
          const told = ({ lastVisit, muteSince, ...rest }: Assessment) => rest;
          expect(told(assess(shuffled))).toEqual(told(assess(visits)));
          expect(told(assess([...visits, ...faults]))).toEqual(told(assess(visits)));
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('the breaker: a fifth of the authors at once is the platform, a few are not', () => {
  expect(isHeld({ visited: 100, missing: 19 })).toBe(false);
  expect(isHeld({ visited: 100, missing: 20 })).toBe(true);
  expect(isHeld({ visited: 4, missing: 4 })).toBe(false);
});
