/** Timeline and takedowns: what happened to a source, and what may be published about it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertEvents } from '../src/catalog/events.ts';
import { insertObservations } from '../src/catalog/observations.ts';
import { countTakedowns, takedownsBetween } from '../src/catalog/takedowns.ts';
import { timelineOf } from '../src/catalog/timeline.ts';
import type { TakedownCount } from '../src/model/takedown.ts';
import { inHtml, inMarkdown, inRows, takedownReport } from '../src/watch/takedown-report.ts';
import { observation, open, post, record } from './support/catalog.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { fc } from './support/property.ts';

const source = 'x:status:1227600745067446272';
const at = (day: number) => new Date(Date.UTC(2026, 0, day));

let test1: TestDatabase;

beforeAll(async () => {
  test1 = await testDatabase();
});
afterAll(() => test1.close());

describe('a source', () => {
  test('has everything on record about it in one order, under every key that leads to it', async () => {
    const { database } = test1;
    const [captureId = ''] = await open(database, { sourceKey: source, link: 'https://x.com/a' });
    await record(database, captureId, { post: post({ text: 'text', handle: 'author' }) });
    await database.query(
      `insert into capture_outcomes
       select id, source_key, 'complete', repeat('0', 64), $2, $2 from captures where id = $1`,
      [captureId, at(1)],
    );
    await insertObservations(database, null, [
      observation(source, 'not-found', at(3).toISOString()),
    ]);
    const detail = {
      kind: 'not-found',
      lastSeen: at(1).toISOString(),
      firstMissed: at(2).toISOString(),
    };
    await insertEvents(database, null, [
      { kind: 'removed', sourceKey: source, detail, at: at(4) },
      { kind: 'restored', sourceKey: source, detail: {}, at: at(9) },
      { kind: 'removed', sourceKey: source, detail: { kind: 'deleted-by-author' }, at: at(12) },
    ]);
    const entries = await timelineOf(database, [source]);
    const words = entries.map(({ what, word }) => word ?? what);
    expect(words).toEqual(
      expect.arrayContaining(['submitted', 'opened', 'not-found', 'removed', 'restored']),
    );
    const times = entries.map((entry) => entry.at.getTime());
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  test('that was removed twice is reported twice, each with its return', async () => {
    const found = await takedownsBetween(test1.database, {
      ...{ from: at(1), to: at(31), caseName: null },
    });
    expect(found.map(({ kind, restoredAt }) => [kind, restoredAt])).toEqual([
      ['not-found', at(9)],
      ['deleted-by-author', null],
    ]);
    expect(
      await takedownsBetween(test1.database, { from: at(5), to: at(12), caseName: null }),
    ).toEqual([]);
    const all = { from: at(1), to: at(31), caseName: null };
    const [newest] = await takedownsBetween(test1.database, all, 1);
    expect(newest).toMatchObject({
      kind: 'deleted-by-author',
      captures: 1,
      authorHandle: 'author',
    });
  });

  test('is counted by what is asked for, as the list has it', async () => {
    const all = { from: at(1), to: at(31), caseName: null };
    const counted = { platform: 'x', removed: 1, kept: 1 };
    const [month, nobody] = [
      at(4).toISOString().slice(0, 7),
      { authorId: null, authorHandle: null },
    ];
    for (const [by, group] of [
      ['platform', { month: null, ...nobody }],
      ['month', { month, ...nobody }],
      ['author', { month: null, authorHandle: 'author' }],
    ] as const)
      expect(await countTakedowns(test1.database, all, by)).toMatchObject([
        { ...counted, ...group, kind: 'deleted-by-author', restored: 0 },
        { ...counted, ...group, kind: 'not-found', restored: 1 },
      ]);
  });
});

describe('a report', () => {
  const frame = {
    environment: 'demo' as const,
    from: at(1),
    to: at(31),
    by: 'author' as const,
    case: null,
    madeAt: at(31),
  };
  const one = (given: Partial<TakedownCount>): TakedownCount => ({
    platform: 'x',
    month: null,
    authorHandle: 'a',
    authorId: '1',
    kind: 'account-suspended',
    removed: 1,
    restored: 0,
    kept: 1,
    ...given,
  });

  test('counts, says what it counts, and names no single post', () => {
    const report = takedownReport(
      [one({}), one({ restored: 1 }), one({ kept: 0, kind: null, authorHandle: 'b' })],
      frame,
    );
    expect(
      report.rows.map(({ group, removed, restored, kept }) => [group, removed, restored, kept]),
    ).toEqual([
      ['x @a', 2, 1, 2],
      ['x @b', 1, 0, 0],
    ]);
    for (const page of [inMarkdown(report), inHtml(report)]) {
      expect(page).toMatch(/Demonstration: Takedowns by author/);
      expect(page).toContain('It is not a count of everything that was removed');
      expect(page).not.toContain('1227600745067446272');
    }
    expect(inRows(report).at(-1)).toEqual([
      'all',
      '3',
      '1',
      '2',
      'account-suspended 2, unstated 1',
    ]);
  });

  test('gives hostile names no markup and no cell of their own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (handle) => {
        const report = takedownReport([one({ authorHandle: handle })], frame);
        const tags = (text: string) => text.match(/<[a-z!/]/gi)?.length;
        const plain = takedownReport([one({ authorHandle: 'a' })], frame);
        expect(tags(inHtml(report))).toBe(tags(inHtml(plain)));
        const rows = inMarkdown(report)
          .split('\n')
          .filter((line) => line.startsWith('|'));
        expect(rows).toHaveLength(4);
        expect(rows[2]?.replaceAll('\\|', '').split('|')).toHaveLength(7);
      }),
    );
  });
});
