/** What a script learns from the exit code of `check`. */
import { expect, test } from 'vitest';
import { exitCodeFor } from '../src/cli/capture/check.ts';

const route = (signal: string) => ({
  ...{ route: 'record', url: 'https://example.org/', httpStatus: null, signal, statement: null },
  ...{ failure: null, bodySha256: null, canary: null, at: new Date() },
});
const source = (availability: 'available' | 'suspect' | 'removed', ...signals: string[]) => ({
  availability,
  routes: signals.map(route),
});
const unbelieved = {
  availability: 'available' as const,
  routes: [{ ...route('page-gone'), canary: 'failed' as const }],
};

test.each([
  [0, 'it is there', [source('available', 'available')]],
  [0, 'one route of two said so', [source('available', 'unreachable', 'available')]],
  [0, 'it seems gone, which proves nothing', [source('suspect', 'not-found')]],
  [6, 'it is removed', [source('removed', 'not-found')]],
  [6, 'one of two is removed', [source('available', 'available'), source('removed', 'page-gone')]],
  [6, 'it was removed, whoever answers now', [source('removed', 'unreachable')]],
  [75, 'no route could be reached', [source('available', 'unreachable', 'rate-limited')]],
  [75, 'nobody was asked', [source('available')]],
  [75, 'no route of any source', [source('available', 'blocked'), source('suspect', 'unknown')]],
  [75, 'the only route that spoke can not be believed', [unbelieved]],
  [4, 'one of two was not heard of', [source('available', 'available'), source('available')]],
])('exit code %i: %s', (code, _, checks) => {
  expect(exitCodeFor(checks)).toBe(code);
});
