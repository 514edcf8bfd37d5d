/** Following what happens: in one order, from where one stopped, without missing anything. */

import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lastPosition, streamAfter } from '../src/catalog/event-stream.ts';
import { insertEvents } from '../src/catalog/events.ts';
import { catalogIdentity } from '../src/catalog/migrate.ts';
import type { CatalogEvent } from '../src/model/catalog-event.ts';
import type { EventKind } from '../src/model/event-kinds.ts';
import { followEvents, placeToFollow } from '../src/pipeline/watching/follow-events.ts';
import { type TestArchive, testArchive } from './support/archive.ts';
import { silent } from './support/database.ts';
import { until } from './support/queues.ts';

let archive: TestArchive;
beforeAll(async () => {
  archive = await testArchive();
});
afterAll(() => archive[Symbol.asyncDispose]());

const event = (kind: EventKind, id = uuidv7()) => ({
  id,
  kind,
  sourceKey: 'web:https://example.org/',
  detail: { why: 'a test' },
  at: new Date('2026-11-24T12:00:00Z'),
});

/** What is told from a place on until so many came, or the signal is raised. */
async function told(since: string | undefined, count: number): Promise<CatalogEvent[]> {
  const parts = { database: archive.database.database, log: silent };
  const stop = new AbortController();
  const events: CatalogEvent[] = [];
  const place = await placeToFollow(parts, since);
  for await (const one of followEvents(parts, place, stop.signal)) {
    events.push(one);
    if (events.length === count) stop.abort();
  }
  return events;
}

test('an event whose transaction ends late is told late, and is not missed', async () => {
  const { database } = archive.database;
  const before = await lastPosition(database);
  const held = Promise.withResolvers<void>();
  const written = Promise.withResolvers<void>();
  const slow = database.transaction(async (tx) => {
    await insertEvents(tx, null, [event('changed')]);
    written.resolve();
    await held.promise;
  });
  await written.promise;
  // Would wait for ever where the order was taken before the commit.
  await insertEvents(database, null, [event('removed')]);
  const first = await streamAfter(database, before, 10);
  expect(first.map(({ kind }) => kind)).toEqual(['removed']);
  held.resolve();
  await slow;
  const next = await streamAfter(database, first[0]?.position ?? 0, 10);
  expect(next.map(({ kind }) => kind)).toEqual(['changed']);
});

test('many transactions at once: whoever reads meanwhile sees every event once', async () => {
  const { database } = archive.database;
  const start = await lastPosition(database);
  const ids = Array.from({ length: 60 }, () => uuidv7());
  const writing = Promise.all(
    ids.map((id, n) =>
      database.transaction(async (tx) => {
        await insertEvents(tx, null, [event('changed', id)]);
        await sleep((n * 7) % 30);
      }),
    ),
  );
  const seen: string[] = [];
  let position = start;
  await until(async () => {
    const page = await streamAfter(database, position, 7);
    seen.push(...page.map(({ id }) => id));
    position = page.at(-1)?.position ?? position;
    return seen.length >= ids.length;
  });
  await writing;
  expect(seen.toSorted()).toEqual(ids.toSorted());
});

test('a capture that is closed is told, with its state, and a cursor goes on after it', async () => {
  const captureId = await archive.capture();
  const all = await told('beginning', 63);
  const closed = all.find(({ kind }) => kind === 'capture.closed');
  expect(closed).toMatchObject({
    id: captureId,
    captureId,
    source: expect.stringMatching(/^web:https:\/\/example\.org\//),
    detail: { state: 'complete', manifestSha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  expect(closed?.at).toBeInstanceOf(Date);
  await insertEvents(archive.database.database, null, [event('restored')]);
  expect(await told(closed?.cursor, 1)).toMatchObject([{ kind: 'restored' }]);
});

test('from now on means what comes after the question', async () => {
  const following = told(undefined, 1);
  const ticking = setInterval(
    () => void insertEvents(archive.database.database, null, [event('suspect')]),
    50,
  );
  expect(await following.finally(() => clearInterval(ticking))).toMatchObject([
    { kind: 'suspect' },
  ]);
});

test('a cursor that is none, or one of another catalog, is refused', async () => {
  const parts = archive.database;
  for (const since of ['', 'now', '12', `${await catalogIdentity(parts.database)}.-1`])
    await expect(placeToFollow(parts, since)).rejects.toMatchObject({ code: 'bad-cursor' });
  await expect(placeToFollow(parts, 'ffffffff.1')).rejects.toMatchObject({
    code: 'other-catalog',
  });
});
