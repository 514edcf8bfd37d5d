/** Coming back, end to end: a small internet, the program's own sweeps, a clock that is moved. */
import { uuidv7 } from 'uuidv7';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dropCatalog, migrate } from '../src/catalog/migrate.ts';
import { countersOf } from '../src/catalog/observations.ts';
import { concludedAbout, sourcesNow } from '../src/catalog/source-now.ts';
import { listWatches, upsertWatch, watchOf } from '../src/catalog/watches.ts';
import type { Parts } from '../src/pipeline/parts.ts';
import { rebuildCatalog } from '../src/pipeline/rebuild/catalog.ts';
import { checkSource } from '../src/pipeline/watching/check.ts';
import { sweepWatches } from '../src/pipeline/watching/recheck.ts';
import { pauseWatch, unwatchSource, watchSource } from '../src/pipeline/watching/watch.ts';
import type { Assessment } from '../src/watch/availability.ts';
import { open } from './support/catalog.ts';
import { silent } from './support/database.ts';
import { type TestHoldfast, testHoldfast } from './support/holdfast.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const author = { id: '90000007', handle: 'watched', name: 'Watched' };

let holdfast: TestHoldfast;
let parts: Parts;
let clock = Date.now();
let serial = 0;

beforeAll(async () => {
  holdfast = await testHoldfast({ backend: 'postgres' });
  parts = Object.assign(holdfast.app.parts, { now: () => new Date(clock) });
  const { world } = holdfast.internet;
  // Known-good canaries, as the platform's defaults name them; 24 and 26 are known to be gone.
  for (const id of ['20', '266031293945503744']) world.addPost({ id, author, text: 'canary' });
}, 60_000);
afterAll(() => holdfast[Symbol.asyncDispose]());
afterEach(async () => {
  await parts.database.query('delete from watches');
});

/** A post of 2020, watched. */
async function watchedPost(plan = '6h', options: Parameters<typeof watchSource>[3] = {}) {
  serial += 1;
  const id = String(1227381802398646272n + BigInt(serial) * 4194304n * 1000n);
  holdfast.internet.world.addPost({ id, author, text: `post number ${serial}` });
  const source = `x:status:${id}`;
  await watchSource(parts, source, plan, { captures: 'changed', ...options });
  // It counts as captured, so that only changes lead to captures.
  await open(parts.database, { sourceKey: source });
  return { id, source };
}

/** Moves the clock, makes what is watched due, and sweeps. */
async function sweepAfter(ms: number): Promise<number> {
  clock += ms;
  await parts.database.query(`update watches set next_due_at = $1 where state = 'active'`, [
    new Date(clock - 1),
  ]);
  return sweepWatches(parts, new Date(clock));
}

const now = async (source: string) => (await sourcesNow(parts.database, [source])).get(source);
const events = async (source: string) => {
  const { rows } = await parts.database.query<{ kind: string; detail: Record<string, unknown> }>(
    'select kind, detail from events where source_key = $1 order by at, id',
    [source],
  );
  return rows;
};
const kinds = async (source: string) => (await events(source)).map(({ kind }) => kind);

describe('a post that is watched', () => {
  test('costs one small request while it is there, and its counters are a series', async () => {
    const { source } = await watchedPost();
    await sweepAfter(hour);
    const before = holdfast.internet.log().length;
    await sweepAfter(hour);
    const asked = holdfast.internet.log().slice(before);
    expect(asked.map(({ url }) => new URL(url).hostname)).toEqual(['cdn.syndication.twimg.com']);
    expect(asked[0]?.bodyBytes).toBeLessThan(3_000);
    expect(await now(source)).toMatchObject({ availability: 'available' });
    expect(await countersOf(parts.database, source)).toHaveLength(2);
    expect(await kinds(source)).toEqual([]);
  });

  test('and is deleted becomes suspect, then removed by what X says, then restored', async () => {
    const { id, source } = await watchedPost();
    await sweepAfter(hour);
    holdfast.internet.world.delete(id);
    expect(await sweepAfter(6 * hour)).toBe(0);
    expect(await now(source)).toMatchObject({ availability: 'suspect', kind: 'deleted-by-author' });
    const next = (await watchOf(parts.database, source))?.nextDueAt.getTime() ?? 0;
    expect(next - clock).toBeLessThan(32 * minute);
    await sweepAfter(hour);
    expect(await now(source)).toMatchObject({ availability: 'removed', kind: 'deleted-by-author' });
    holdfast.internet.world.restore(id);
    await sweepAfter(day);
    expect(await now(source)).toMatchObject({ availability: 'restored' });
    expect(await kinds(source)).toEqual(['suspect', 'removed', 'restored']);
    const removed = (await events(source))[1]?.detail;
    expect(removed).toMatchObject({ availability: 'removed', misses: 2 });
    const { rows } = await parts.database.query<{ route: string; canary: string }>(
      `select distinct route, canary from observations
       where source_key = $1 and signal in ('deleted-by-author', 'not-found') order by route`,
      [source],
    );
    expect(rows).toEqual(
      ['graphql', 'oembed', 'syndication'].map((route) => ({ route, canary: 'passed' })),
    );
  });

  test('and vanishes silently is removed after a day, not before', async () => {
    const { id, source } = await watchedPost();
    await sweepAfter(hour);
    holdfast.internet.world.delete(id, 'nothing');
    for (const wait of [hour, hour, 10 * hour, 11 * hour]) {
      await sweepAfter(wait);
      expect((await now(source))?.availability).toBe('suspect');
    }
    await sweepAfter(3 * hour);
    expect(await now(source)).toMatchObject({ availability: 'removed', kind: 'not-found' });
  });

  test('is not missed while the platform misses what is known to be there', async () => {
    const { source } = await watchedPost();
    await sweepAfter(hour);
    const { world } = holdfast.internet;
    const posts = [...world.posts.values()];
    for (const post of posts) post.state = 'vanished';
    for (const wait of [hour, day, day]) await sweepAfter(wait);
    expect(await now(source)).toMatchObject({ availability: 'available' });
    for (const post of posts) post.state = 'live';
    expect(await kinds(source)).toEqual([]);
  });

  test('that is edited is captured again, once, and visited densely', async () => {
    const { id, source } = await watchedPost('adaptive');
    await sweepAfter(hour);
    // The first sweep finds the capture that is under way, so only a closed one lets another in.
    await parts.database.query(
      `insert into capture_outcomes select id, source_key, 'complete', repeat('0', 64), now(), now()
       from captures where source_key = $1`,
      [source],
    );
    holdfast.internet.world.alter(id, { text: 'says something else now' });
    expect(await sweepAfter(day)).toBe(1);
    const watch = await watchOf(parts.database, source);
    expect(watch?.hotUntil?.getTime()).toBe(clock + 2 * day);
    expect((watch?.nextDueAt.getTime() ?? 0) - clock).toBeLessThan(1.1 * hour);
    expect(await sweepAfter(hour)).toBe(0);
  });

  test('that is edited is captured once, also when another route shows the edit later', async () => {
    const { id, source } = await watchedPost('adaptive');
    const { world } = holdfast.internet;
    const close = () =>
      parts.database.query(
        `insert into capture_outcomes select id, source_key, 'complete', repeat('0', 64), now(), now()
         from captures where source_key = $1 on conflict do nothing`,
        [source],
      );
    await close();
    const syndication = 'cdn.syndication.twimg.com';
    await sweepAfter(hour);
    world.refuse(syndication);
    await sweepAfter(day);
    world.heal(syndication);
    world.alter(id, { text: 'says something else now' });
    expect(await sweepAfter(day)).toBe(1);
    await close();
    world.refuse(syndication);
    expect(await sweepAfter(2 * day)).toBe(0);
    world.alter(id, { text: 'says a third thing' });
    expect(await sweepAfter(2 * day)).toBe(1);
    world.heal(syndication);
  });

  test('is left alone while it is paused, and after its end', async () => {
    const { source } = await watchedPost();
    await pauseWatch(parts, source, true);
    const before = holdfast.internet.log().length;
    expect(await sweepAfter(day)).toBe(0);
    expect(holdfast.internet.log()).toHaveLength(before);
    await pauseWatch(parts, source, false);
    await sweepAfter(hour);
    expect(holdfast.internet.log().length).toBeGreaterThan(before);
    await watchSource(parts, source, '6h', { endsAt: new Date(clock + hour) });
    await sweepAfter(2 * hour);
    expect(await watchOf(parts.database, source)).toMatchObject({
      state: 'ended',
      endedReason: 'end-date',
    });
  });

  test('until it is gone ends with its removal', async () => {
    const { id, source } = await watchedPost('6h', { untilGone: true });
    await sweepAfter(hour);
    holdfast.internet.world.suspend(id);
    await sweepAfter(hour);
    await sweepAfter(2 * hour);
    expect(await watchOf(parts.database, source)).toMatchObject({
      state: 'ended',
      endedReason: 'gone',
    });
  });
});

test('an account that loses one post has its others looked at soon', async () => {
  const lost = await watchedPost('adaptive');
  const mate = await watchedPost('adaptive');
  await sweepAfter(hour);
  // As captures of both would have it.
  await parts.database.query(`update source_now set party = 'x:author:7'`);
  await parts.database.query(
    `insert into captured_posts (capture_id, post_id, author_id, body, post)
     select id, 'p', '7', '', '{}' from captures where source_key = any($1)`,
    [[lost.source, mate.source]],
  );
  await parts.database.query(
    `insert into capture_outcomes select id, source_key, 'complete', repeat('0', 64), now(), now()
     from captures where source_key = any($1)`,
    [[lost.source, mate.source]],
  );
  holdfast.internet.world.delete(lost.id);
  clock += hour;
  const dueAt = (source: string, at: number) =>
    parts.database.query('update watches set next_due_at = $2 where source_key = $1', [
      source,
      new Date(at),
    ]);
  await dueAt(lost.source, clock - 1);
  await dueAt(mate.source, clock + 6 * day);
  await sweepWatches(parts, new Date(clock));
  const watch = await watchOf(parts.database, mate.source);
  expect((watch?.nextDueAt.getTime() ?? 0) - clock).toBeLessThanOrEqual(hour);
  expect(watch?.hotUntil?.getTime()).toBe(clock + 2 * day);
});

test('a page that answers 404 in two ways, on a host whose front page is there, goes the same way', async () => {
  const { world } = holdfast.internet;
  const link = 'https://news.example.org/story';
  world.addPage('https://news.example.org/', { html: '<title>News</title>front' });
  world.addPage(link, { html: '<title>Story</title>text' });
  await watchSource(parts, link, '6h', { captures: 'changed' });
  await open(parts.database, { sourceKey: `web:${link}` });
  await sweepAfter(hour);
  world.addPage(link, { html: 'gone', status: 404 });
  for (const wait of [hour, 12 * hour, 13 * hour]) await sweepAfter(wait);
  expect(await now(`web:${link}`)).toMatchObject({ availability: 'removed', kind: 'not-found' });
  world.addPage('https://news.example.org/', { html: 'everything gone', status: 404 });
  world.addPage(link, { html: '<title>Story</title>text' });
  await sweepAfter(hour);
  // A host that has lost its front page is believed about nothing, not even about a page's return.
  expect(await now(`web:${link}`)).toMatchObject({ availability: 'removed' });
});

test('check asks every route now, and says what follows', async () => {
  const { id, source } = await watchedPost();
  const interrupted = new AbortController().signal;
  const first = await checkSource(parts, source, interrupted);
  expect(first).toMatchObject({ source, availability: 'available', happened: [] });
  expect([...new Set(first.routes.map(({ route }) => route))]).toEqual([
    'syndication',
    'graphql',
    'oembed',
  ]);
  for (const { bodySha256 } of first.routes) {
    expect(await parts.vault.has(bodySha256 ?? '')).toBe(true);
  }
  holdfast.internet.world.delete(id);
  clock += hour;
  const missed = await checkSource(parts, source, interrupted);
  expect(missed.happened).toEqual(['suspect']);
  expect(missed.toRemoval).toEqual({
    ...{ misses: 1, needed: 2 },
    nextCountsFrom: new Date((missed.firstMissed?.getTime() ?? 0) + hour / 6),
    notBefore: new Date((missed.firstMissed?.getTime() ?? 0) + hour),
  });
  clock += 2 * hour;
  expect(await checkSource(parts, source, interrupted)).toMatchObject({
    availability: 'removed',
    happened: ['removed'],
    misses: 2,
    toRemoval: null,
  });
});

test('a rebuilt catalog concludes the same, tells the same events, and opens nothing that a rolled-back sweep left', async () => {
  const { id, source } = await watchedPost('6h', { captures: 'always' });
  await parts.database.query(
    `insert into capture_outcomes select id, source_key, 'complete', repeat('0', 64), now(), now()
     from captures where source_key = $1`,
    [source],
  );
  const { world } = holdfast.internet;
  await sweepAfter(hour);
  world.refuse('cdn.syndication.twimg.com');
  await sweepAfter(hour);
  world.heal('cdn.syndication.twimg.com');
  world.alter(id, { text: 'edited before it goes' });
  await sweepAfter(hour);
  world.delete(id);
  await sweepAfter(6 * hour);
  // The next sweep writes its batch to the vault, and then its transaction is lost.
  const transaction = parts.database.transaction.bind(parts.database);
  let transactions = 0;
  parts.database.transaction = (work) =>
    transaction(async (tx) => {
      const result = await work(tx);
      transactions += 1;
      // The first takes the lease, the second writes.
      if (transactions === 2) throw new Error('the server went away');
      return result;
    });
  await expect(sweepAfter(3 * hour)).rejects.toThrow('went away');
  parts.database.transaction = transaction;
  await sweepAfter(hour);
  const concluded = async () =>
    (await concludedAbout<Assessment>(parts.database, [source])).get(source);
  const before = {
    now: await now(source),
    concluded: (await concluded())?.kind,
    content: (await concluded())?.content,
    kinds: await kinds(source),
    watches: (await listWatches(parts.database)).length,
  };
  expect(before.now?.availability).toBe('removed');
  await dropCatalog(parts.database);
  await migrate(parts.database, silent);
  await rebuildCatalog(parts);
  expect(await kinds(source)).toEqual(before.kinds);
  // A canary that is known to be gone was asked meanwhile: that is no news.
  expect(await kinds('x:status:24')).toEqual([]);
  expect(await now(source)).toMatchObject({ availability: 'removed', kind: before.concluded });
  expect(Object.keys(before.content ?? {})).toEqual(['syndication']);
  expect((await concluded())?.content).toEqual(before.content);
  const { rows } = await parts.database.query<{ count: number }>(
    'select count(*) as count from captures where source_key = $1',
    [source],
  );
  // None of the captures that sweeps asked for was ever made; the watch asks again by itself.
  expect(rows[0]?.count).toBe(0);
  expect(await watchOf(parts.database, source)).toMatchObject({ state: 'active' });
}, 60_000);

test('a short link that is watched is watched where it leads, once that is known', async () => {
  const { source } = await watchedPost();
  await unwatchSource(parts, source);
  await watchSource(parts, 'x:tco:AbCdEf1234', '6h', { captures: 'changed', case: 'kept' });
  const [captureId = ''] = await open(parts.database, { sourceKey: 'x:tco:AbCdEf1234' });
  await parts.database.query(
    `insert into source_aliases values ('x:tco:AbCdEf1234', $1, $2, '[]', now())`,
    [source, captureId],
  );
  await sweepAfter(hour);
  expect(await watchOf(parts.database, 'x:tco:AbCdEf1234')).toBeNull();
  expect(await watchOf(parts.database, source)).toMatchObject({ caseName: 'kept' });
  expect(await now(source)).toMatchObject({ availability: 'available' });
});

test('a case and an author are watched with everything of theirs, also what comes later', async () => {
  const close = (sources: string[]) =>
    parts.database.query(
      `insert into capture_outcomes select id, source_key, 'complete', repeat('0', 64), now(), now()
       from captures where source_key = any($1)`,
      [sources],
    );
  const key = () => {
    serial += 1;
    return `x:status:15000000000000${serial}`;
  };
  const [a, b, c] = [key(), key(), key()];
  const name = `case ${uuidv7()}`;
  await open(parts.database, { sourceKey: a, caseName: name });
  await close([a]);
  await watchSource(parts, `case:${name}`, 'adaptive');
  await sweepWatches(parts, new Date(clock + minute));
  expect(await watchOf(parts.database, a)).toMatchObject({ scope: `case:${name}`, adaptive: true });
  await open(parts.database, { sourceKey: b, caseName: name });
  const [byAuthor = ''] = await open(parts.database, { sourceKey: c });
  await parts.database.query(
    `insert into captured_posts (capture_id, post_id, author_id, author_handle, body, post)
     values ($1, 'p', '12', 'Somebody', '', '{}')`,
    [byAuthor],
  );
  await close([b, c]);
  await watchSource(parts, 'author:x:@somebody', '1d');
  await sweepWatches(parts, new Date(clock + hour));
  expect(await watchOf(parts.database, b)).toMatchObject({ scope: `case:${name}` });
  expect(await watchOf(parts.database, c)).toMatchObject({ scope: 'author:x:@somebody' });
  await unwatchSource(parts, `case:${name}`);
  expect(await watchOf(parts.database, a)).toBeNull();
});

test('a sweep that dies while it visits leaves what was due due again, after its lease', async () => {
  const { source } = await watchedPost();
  clock += hour;
  await parts.database.query('update watches set next_due_at = $1', [new Date(clock - 1)]);
  const stopped = AbortSignal.abort(new Error('stopped'));
  await expect(sweepWatches(parts, new Date(clock), stopped)).rejects.toThrow('stopped');
  expect(await sweepWatches(parts, new Date(clock))).toBe(0);
  expect((await watchOf(parts.database, source))?.lastSweptAt).toBeNull();
  await sweepWatches(parts, new Date(clock + 16 * minute));
  expect((await watchOf(parts.database, source))?.lastSweptAt).not.toBeNull();
});

test('a plan that is changed while the old one is carried out keeps its own time', async () => {
  const { source } = await watchedPost('30d');
  clock += hour;
  await parts.database.query('update watches set next_due_at = $1', [new Date(clock - 1)]);
  const transaction = parts.database.transaction.bind(parts.database);
  let planned: Date | undefined;
  parts.database.transaction = async (work) => {
    const result = await transaction(work);
    // The first takes the lease. Before the next one, which writes what was seen:
    if (planned === undefined) {
      planned = new Date(0);
      clock += 1_000;
      planned = (await watchSource(parts, source, '1h', { captures: 'changed' })).nextDueAt;
    }
    return result;
  };
  await sweepWatches(parts, new Date(clock)).finally(() =>
    Object.assign(parts.database, { transaction }),
  );
  expect((await watchOf(parts.database, source))?.nextDueAt).toEqual(planned);
});

test('unknown words of X mean nothing, and somebody is told', async () => {
  const { id, source } = await watchedPost();
  await sweepAfter(hour);
  const body = {
    __typename: 'TweetTombstone',
    tombstone: { text: { text: 'This Post has gone fishing. Learn more', entities: [] } },
  };
  holdfast.internet.world.raw(id, 'syndication', JSON.stringify(body));
  await sweepAfter(hour);
  expect(await now(source)).toMatchObject({ availability: 'available' });
  expect((await events(source)).map(({ kind, detail }) => [kind, detail.message])).toEqual([
    ['unknown-wording', expect.stringContaining('gone fishing')],
  ]);
});

test('a watch that nobody came to in time is told once an hour', async () => {
  const { source } = await watchedPost();
  await sweepAfter(hour);
  const watch = await watchOf(parts.database, source);
  if (watch === null) throw new Error('not watched');
  clock += 9 * hour;
  await upsertWatch(parts.database, { ...watch, nextDueAt: new Date(clock - 3 * hour) });
  await sweepWatches(parts, new Date(clock));
  const { rows } = await parts.database.query(
    `select detail from events where kind = 'schedule.late' and at = $1`,
    [new Date(clock)],
  );
  expect(rows).toHaveLength(1);
});
