/** Captures of one source, compared as they are closed: by rows, so that nothing is lost. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dropCatalog, migrate } from '../src/catalog/migrate.ts';
import { rebuildCatalog } from '../src/pipeline/rebuild/catalog.ts';
import { compareWaiting } from '../src/pipeline/watching/compare.ts';
import { sweepWatches } from '../src/pipeline/watching/recheck.ts';
import { watchSource } from '../src/pipeline/watching/watch.ts';
import { dayOfOldPosts } from './prove/watch-day.ts';
import { silent } from './support/database.ts';
import { type TestHoldfast, testHoldfast } from './support/holdfast.ts';
import { until } from './support/queues.ts';

let holdfast: TestHoldfast;
const id = '1227500000000000000';
const link = `https://x.com/i/status/${id}`;
const never = new AbortController().signal;

beforeAll(async () => {
  holdfast = await testHoldfast({ backend: 'postgres' });
  holdfast.internet.world.addPost({
    id,
    author: { id: '90000008', handle: 'before', name: 'Before' },
    text: 'The convoy was stopped at the bridge',
    media: [
      { kind: 'picture', picture: { width: 1280, height: 720, lines: ['statement'], hue: 200 } },
    ],
  });
}, 60_000);
afterAll(() => holdfast[Symbol.asyncDispose]());

const changes = async () => {
  const { rows } = await holdfast.app.parts.database.query<{
    id: string;
    source: string;
    aspect: string;
    how: string;
    before: string | null;
    after: string | null;
  }>(
    `select id, source_key as source, detail ->> 'aspect' as aspect, detail ->> 'how' as how,
       detail ->> 'beforeSha256' as before, detail ->> 'afterSha256' as after
     from events where kind = 'changed' order by at, aspect`,
  );
  return rows;
};
const waiting = async () => {
  const { rows } = await holdfast.app.parts.database.query('select from uncompared_captures');
  return rows.length;
};

let capturedBytes = 0;

test('an edited text and a new handle are events, with the digests of both', async () => {
  const { world } = holdfast.internet;
  const [first] = await holdfast.archive(link);
  capturedBytes = holdfast.internet.log().reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
  expect(first?.state).toBe('complete');
  world.alter(id, {
    text: 'The convoy was not stopped at the bridge',
    author: { id: '90000008', handle: 'after', name: 'Before' },
  });
  await holdfast.archive(link, { again: true });
  await compareWaiting(holdfast.app.parts, never);
  expect(await waiting()).toBe(0);
  const found = await changes();
  expect(found.map(({ aspect, how }) => `${aspect} ${how}`)).toContain('text edited');
  expect(found.map(({ aspect }) => aspect)).toContain('author-handle');
  for (const { before, after } of found.filter(({ aspect }) => aspect === 'text')) {
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(after).not.toBe(before);
  }
}, 240_000);

test('comparing again, and after a rebuild, says the same events once', async () => {
  const { parts } = holdfast.app;
  const before = await changes();
  await parts.database.query(
    'insert into uncompared_captures (capture_id) select capture_id from capture_outcomes',
  );
  await compareWaiting(parts, never);
  expect(await changes()).toEqual(before);
  await dropCatalog(parts.database);
  await migrate(parts.database, silent);
  await rebuildCatalog(parts);
  await compareWaiting(parts, never);
  expect(await changes()).toEqual(before);
}, 60_000);

test('an edit that made a new post leads to a capture of that version, compared with the old', async () => {
  const { parts } = holdfast.app;
  const edited = holdfast.internet.world.edit(id, 'The convoy was waved through at the bridge');
  const source = `x:status:${edited.id}`;
  await holdfast.submit(link, { again: true });
  const workers = await holdfast.work();
  await until(async () => (await changes()).some((change) => change.source === source), 200_000);
  await workers.close(10_000);
  const { rows } = await parts.database.query<{ reason: string }>(
    'select reason from submissions where source_key = $1',
    [source],
  );
  expect(rows).toEqual([{ reason: `another version of x:status:${id}, which was edited` }]);
}, 240_000);

test('a day of watching 10,000 old posts costs less than a hundredth of capturing them', async () => {
  const { parts } = holdfast.app;
  await watchSource(parts, link, '6h', { captures: 'changed' });
  const before = holdfast.internet.log().length;
  await sweepWatches(parts, new Date(Date.now() + 7 * 3_600_000));
  const observed = holdfast.internet.log().slice(before);
  const observedBytes = observed.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
  const { requests } = dayOfOldPosts(10_000, 1);
  expect(requests).toBeLessThan(10_000);
  // Every request of the day taken to be as large as the whole record of a post.
  const share = (requests * observedBytes) / (10_000 * capturedBytes);
  expect(share).toBeLessThan(0.01);
}, 60_000);
