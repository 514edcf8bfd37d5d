/** One order of precedence: whoever has to choose between what two routes said chooses alike. */
import { expect, test } from 'vitest';
import { decidingSignal, type Signal, tellingSignals } from '../src/model/signals.ts';
import { conclude } from '../src/platforms/x/conclude.ts';
import { read } from '../src/platforms/x/routes/reading.ts';
import { assess } from './support/assess.ts';
import { answer } from './support/x-answers.ts';

/** What a route of X says in place of a post. */
const placeholders = tellingSignals.flatMap(({ signal }) =>
  ['media-removed', 'available', 'available-limited', 'page-gone', 'domain-gone'].includes(signal)
    ? []
    : [signal],
);
const pairs = placeholders.flatMap((one, index) =>
  placeholders.slice(index + 1).map((other): [Signal, Signal] => [one, other]),
);

test('a capture and its source are given the same reason, whichever two routes disagree', () => {
  expect(pairs).toHaveLength(55);
  const differing = pairs.filter(([one, other]) => {
    const readings = [
      read(answer({ route: 'syndication', url: '' }, {}), one),
      read(answer({ route: 'graphql', url: '' }, {}), other),
    ];
    const said = [
      { route: 'syndication', signal: one, canary: 'passed' as const },
      { route: 'graphql', signal: other, canary: 'passed' as const },
    ];
    const { kind } = assess([{ at: new Date(0), said, held: false }]);
    const { reason } = conclude(readings, null);
    return reason !== (kind ?? 'superseded');
  });
  expect(differing).toEqual([]);
});

test.each<[Signal, Signal]>([
  // What can be undone is claimed before what can't.
  ['account-suspended', 'deleted-by-author'],
  ['login-required', 'not-found'],
  ['superseded', 'protected'],
  ['deleted-by-author', 'not-found'],
  ['not-found', 'rate-limited'],
])('%s comes before %s', (first, second) => {
  expect(decidingSignal([second, first])).toBe(first);
  expect(decidingSignal([first, second])).toBe(first);
});
