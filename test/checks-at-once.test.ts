/** Many sources of one check are looked at side by side, and end together. */
import { expect, test, vi } from 'vitest';
import { OutageError } from '../src/base/errors.ts';
import type { Parts } from '../src/pipeline/parts.ts';
import { askCanaries } from '../src/pipeline/watching/canaries.ts';
import { runCheck } from '../src/pipeline/watching/observe.ts';
import type { Platform } from '../src/platforms/platform.ts';
import { silent } from './support/database.ts';

test('a check that fails begins no further source, and leaves none behind', async () => {
  let begun = 0;
  let underWay = 0;
  const observe: Platform['observe'] = async ({ source }) => {
    begun += 1;
    underWay += 1;
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    if (source === 'web:3') throw new OutageError('database-unreachable', 'it is away');
    return [];
  };
  const parts = {
    log: silent,
    database: { query: async () => ({ rows: [], rowCount: 0 }) },
    egress: { client: {} },
    platformOf: async () => ({ observe }),
  } as unknown as Parts;
  const sources = Array.from({ length: 200 }, (_, index) => ({
    ...{ sourceKey: `web:${index}`, link: `https://example.org/${index}` },
  }));
  const options = { origin: 'check', signal: new AbortController().signal } as const;
  await expect(runCheck(parts, sources, options)).rejects.toMatchObject({
    code: 'database-unreachable',
  });
  expect(underWay).toBe(0);
  const atTheEnd = begun;
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toBe(atTheEnd);
  expect(begun).toBeLessThan(20);
});

test('two checks share their canaries, also where the one that asked is stopped', async () => {
  const asked: string[] = [];
  const observe: Platform['observe'] = async ({ source }, _, signal) => {
    asked.push(source);
    if (asked.length === 1) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      signal.throwIfAborted();
    }
    return [];
  };
  const canaries = () => ({ good: ['web:good'], gone: [] });
  const parts = {
    ...{ log: silent, egress: { client: {} } },
    config: { watch: { canaries: { good: [], gone: [] } } },
    platformOf: async () => ({ name: 'web', canaries, observe }),
  } as unknown as Parts;
  const [first, second] = [new AbortController(), new AbortController()];
  const stopped = askCanaries(parts, 'web:1', first.signal);
  const goingOn = askCanaries(parts, 'web:2', second.signal);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  first.abort(new Error('stopped'));
  await expect(stopped).rejects.toThrow('stopped');
  expect((await goingOn).words).toEqual(new Map());
  expect(asked).toEqual(['web:good', 'web:good']);
});
