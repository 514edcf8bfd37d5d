/** Coming back: what is due is captured again, once, whatever happens in between. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCaptures } from '../src/catalog/find.ts';
import { listWatches } from '../src/catalog/watches.ts';
import { sweepWatches } from '../src/pipeline/watching/recheck.ts';
import { unwatchSource, watchSource } from '../src/pipeline/watching/watch.ts';
import { backends, type TestHoldfast, testHoldfast } from './support/holdfast.ts';
import { until } from './support/queues.ts';

const hour = 3_600_000;

describe.each(backends)('watches, queue on %s', (backend) => {
  let holdfast: TestHoldfast;
  const link = 'https://watched.example.org/';

  beforeAll(async () => {
    holdfast = await testHoldfast({ backend });
    holdfast.internet.world.addPage(link, {
      html: '<!doctype html><title>Watched</title><p>Now and again.</p>',
    });
  });
  afterAll(() => holdfast[Symbol.asyncDispose]());

  const captures = async () =>
    (await findCaptures(holdfast.app.parts.database, { source: `web:${link}` })).rows;

  test('nothing is captured before it is due', async () => {
    await watchSource(holdfast.app.parts, link, '6h', { case: 'watched', tags: ['again'] });
    expect(await sweepWatches(holdfast.app.parts, new Date())).toBe(0);
    expect(await captures()).toEqual([]);
  });

  test('two sweeps at the same moment capture it once, and the next time is set', async () => {
    const later = new Date(Date.now() + 7 * hour);
    const opened = await Promise.all([1, 2, 3].map(() => sweepWatches(holdfast.app.parts, later)));
    expect(opened.reduce((sum, count) => sum + count, 0)).toBe(1);
    const [watch] = await listWatches(holdfast.app.parts.database);
    expect(watch?.nextDueAt.getTime()).toBeGreaterThan(later.getTime());
  });

  test('while that capture is under way, nothing more of it is opened', async () => {
    const weekLater = new Date(Date.now() + 7 * 24 * hour);
    expect(await sweepWatches(holdfast.app.parts, weekLater)).toBe(0);
  });

  test('workers sweep by themselves, and the captures carry case, tag and reason of the watch', async () => {
    const { database } = holdfast.app.parts;
    const workers = await holdfast.work();
    const allComplete = async (count: number) => {
      const rows = await captures();
      return rows.length === count && rows.every(({ state }) => state === 'complete');
    };
    await until(() => allComplete(1), 120_000);
    await database.query(`update watches set next_due_at = now() - interval '7 days'`);
    await until(() => allComplete(2), 120_000);
    await workers.close(10_000);
    const { rows } = await database.query<{ tags: string[]; reason: string }>(
      'select tags, reason, origin, case_name from submissions',
    );
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      expect(row).toEqual({
        tags: ['again'],
        reason: 'watch every 6h',
        origin: 'watch',
        case_name: 'watched',
      });
    }
  }, 260_000);

  test('a source that is no longer watched is left alone', async () => {
    expect(await unwatchSource(holdfast.app.parts, link)).toBe(true);
    expect(await sweepWatches(holdfast.app.parts, new Date(Date.now() + 30 * 24 * hour))).toBe(0);
  });
});
