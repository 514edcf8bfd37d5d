/** What the catalog holds for the queue: captures to feed, watches, the pace of hosts, progress. */
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../src/catalog/database.ts';
import {
  handAgain,
  releaseSlots,
  slotOf,
  slots,
  takeSlots,
  unfedCaptures,
  unfinishedCount,
} from '../src/catalog/feeder.ts';
import { pushBackHost, reserveHost } from '../src/catalog/host-pace.ts';
import { clearProgress, noteProgress, progressOf } from '../src/catalog/progress.ts';
import {
  listWatches,
  removeWatch,
  rescheduleWatches,
  takeDueWatches,
  upsertWatch,
} from '../src/catalog/watches.ts';
import type { WatchRow } from '../src/model/watch.ts';
import { close, newKey, open, openOne } from './support/catalog.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';

let shared: TestDatabase;
let database: Database;

beforeAll(async () => {
  shared = await testDatabase();
  database = shared.database;
});

afterAll(() => shared.close());

describe('feeding the queue', () => {
  async function emptied(): Promise<void> {
    const waiting = await unfedCaptures(database, 100_000);
    await takeSlots(
      database,
      waiting.map(({ captureId }) => captureId),
    );
  }

  test('is fair between cases, puts people before watches, and keeps to priority in a case', async () => {
    await emptied();
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
    const flood = await open(
      database,
      ...Array.from({ length: 50 }, (_, n) => ({ caseName: 'flood', submittedAt: at(n) })),
    );
    const [small, urgent, watched, loose] = await open(
      database,
      { caseName: 'small', submittedAt: at(51) },
      { caseName: 'small', submittedAt: at(52), priority: 5 },
      { caseName: 'watched', origin: 'watch', submittedAt: at(0), priority: 9 },
      { submittedAt: at(53) },
    );
    const order = (await unfedCaptures(database, 8)).map(({ captureId }) => captureId);
    expect(order).toEqual([urgent, flood[0], loose, flood[1], small, ...flood.slice(2, 5)]);
    const all = await unfedCaptures(database, 1_000);
    expect(all).toHaveLength(54);
    expect(all.at(-1)).toEqual({
      captureId: watched,
      caseName: 'watched',
      origin: 'watch',
      priority: 9,
    });
  });

  test('hands each capture over once, however many feeders there are', async () => {
    await emptied();
    const ids = await open(database, {}, {}, {}, {});
    const taken = await Promise.all([1, 2, 3].map(() => takeSlots(database, ids)));
    expect(
      taken
        .flat()
        .map((slot) => slot.captureId)
        .sort(),
    ).toEqual(ids.toSorted());
    expect(taken.flat().map((slot) => slot.round)).toEqual([1, 1, 1, 1]);
    expect(await unfedCaptures(database, 10)).toEqual([]);
  });

  test('counts rounds, says which slots are done with, and forgets released ones', async () => {
    const captureId = await openOne(database);
    expect(await slotOf(database, captureId)).toBeNull();
    const first = await takeSlots(database, [captureId]);
    expect(await handAgain(database, first)).toMatchObject([{ captureId, round: 2 }]);
    // Somebody who looked before that hands nothing over a second time.
    expect(await handAgain(database, first)).toEqual([]);
    const mine = async () => (await slots(database)).find((slot) => slot.captureId === captureId);
    expect(await mine()).toMatchObject({ round: 2, finished: false });
    const before = await unfinishedCount(database);
    await close(database, captureId, 'x:status:1');
    expect(await mine()).toMatchObject({ finished: true });
    expect(await unfinishedCount(database)).toBe(before - 1);
    await releaseSlots(database, [captureId]);
    expect(await mine()).toBeUndefined();
  });
});

describe('watches', () => {
  function watch(given: Partial<WatchRow> = {}): WatchRow {
    return {
      sourceKey: newKey(),
      link: 'https://x.com/1',
      everyMs: 3_600_000,
      cron: null,
      timeZone: null,
      adaptive: false,
      captures: 'always',
      state: 'active',
      endedReason: null,
      quiet: null,
      endsAt: null,
      untilGone: false,
      scope: null,
      bornAt: null,
      hotUntil: null,
      caseName: null,
      tags: ['t'],
      note: null,
      nextDueAt: new Date('2026-01-01'),
      lastSweptAt: null,
      createdBy: 'me',
      createdAt: new Date('2025-12-31'),
      ...given,
    };
  }

  test('are one a source, and removed once', async () => {
    const first = watch({ sourceKey: `web:https://example.org/${'long'.repeat(2_000)}` });
    expect(await upsertWatch(database, first)).toBe(true);
    const second = { ...first, everyMs: null, cron: '0 6 * * *', timeZone: 'Asia/Damascus' };
    expect(await upsertWatch(database, second)).toBe(false);
    expect(await listWatches(database)).toEqual([second]);
    expect(await removeWatch(database, first.sourceKey)).toBe(true);
    expect(await removeWatch(database, first.sourceKey)).toBe(false);
  });

  test('are taken by one sweep each, and again only when due again', async () => {
    const now = new Date('2026-06-01');
    const due = [watch(), watch(), watch()];
    for (const row of [...due, watch({ nextDueAt: new Date('2026-06-02') })])
      await upsertWatch(database, row);
    await database.transaction(async (first) => {
      const mine = await takeDueWatches(first, now, 2);
      await database.transaction(async (second) => {
        const theirs = await takeDueWatches(second, now, 10);
        const keysTaken = [...mine, ...theirs].map((row) => row.sourceKey).sort();
        expect(keysTaken).toEqual(due.map((row) => row.sourceKey).sort());
        expect(mine).toHaveLength(2);
      });
      await rescheduleWatches(
        first,
        mine.map((row) => ({ ...row, nextDueAt: new Date('2026-07-01'), lastSweptAt: now })),
      );
    });
    const left = await database.transaction((tx) => takeDueWatches(tx, now, 10));
    expect(left).toHaveLength(1);
    const swept = (await listWatches(database)).filter((row) => row.lastSweptAt !== null);
    expect(swept.map((row) => row.lastSweptAt)).toEqual([now, now]);
  });
});

describe('the pace of a host', () => {
  test('gives every asker a moment of its own', async () => {
    const waits = await Promise.all(
      Array.from({ length: 12 }, () => reserveHost(database, 'busy', 60_000)),
    );
    const slotsTaken = waits.map((waitMs) => Math.round(waitMs / 60_000)).sort((a, b) => a - b);
    expect(slotsTaken).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(await reserveHost(database, 'idle', 60_000)).toBe(0);
  });

  test('reserves nothing that is farther away than the asker would wait', async () => {
    await reserveHost(database, 'far', 60_000);
    for (let round = 0; round < 3; round += 1) {
      const waitMs = await reserveHost(database, 'far', 60_000, 1_000);
      expect(waitMs).toBeGreaterThan(50_000);
      expect(waitMs).toBeLessThanOrEqual(60_000);
    }
    expect(await reserveHost(database, 'far', 60_000)).toBeLessThanOrEqual(60_000);
  });

  test('is pushed back, never forward', async () => {
    await pushBackHost(database, 'angry', 600_000);
    await pushBackHost(database, 'angry', 1_000);
    expect(await reserveHost(database, 'angry', 1_000)).toBeGreaterThan(590_000);
  });
});

describe('progress', () => {
  test('is the last that was said, until it is cleared, and never an error', async () => {
    const captureId = uuidv7();
    await noteProgress(database, captureId, 'media', { doneBytes: 1, totalBytes: 5_000_000_000 });
    await noteProgress(database, captureId, 'media', { doneBytes: 2, bytesPerSecond: 1.5 });
    expect(await progressOf(database, [captureId])).toMatchObject([
      { step: 'media', doneBytes: 2, totalBytes: null, bytesPerSecond: 2, note: null },
    ]);
    await clearProgress(database, captureId, 'media');
    expect(await progressOf(database, [captureId])).toEqual([]);
    await noteProgress(database, 'no uuid', 'media', {});
  });
});
