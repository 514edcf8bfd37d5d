/** The query language over a catalog: what is found, in which order, with what counted and marked. */
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeCapture } from '../src/catalog/captures.ts';
import type { Database } from '../src/catalog/database.ts';
import { insertEvents } from '../src/catalog/events.ts';
import { countFacets } from '../src/catalog/facets.ts';
import { findCaptures } from '../src/catalog/find.ts';
import { keepSearchable } from '../src/catalog/keep-searchable.ts';
import { staleCount } from '../src/catalog/searchable.ts';
import type { CaptureState } from '../src/model/capture-record.ts';
import type { Question } from '../src/model/found-capture.ts';
import { timeFrom } from '../src/search/query/times.ts';
import { file, open, post, record } from './support/catalog.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { fc } from './support/property.ts';

let held: TestDatabase;
let database: Database;
/** By name, and back. */
const ids: Record<string, string> = {};

beforeAll(async () => {
  held = await testDatabase();
  database = held.database;
  await fill();
});
afterAll(() => held.close());

interface Kept {
  source: string;
  at: string;
  state?: CaptureState;
  case?: string;
  tags?: string[];
  note?: string;
  link?: string;
  text?: string;
  handle?: string;
  page?: { title: string; body: string; finalUrl: string };
  media?: string;
}

async function keep(name: string, kept: Kept): Promise<void> {
  const [id = ''] = await open(database, {
    sourceKey: kept.source,
    submittedAt: new Date(kept.at),
    caseName: kept.case ?? null,
    tags: kept.tags ?? [],
    note: kept.note ?? null,
    link: kept.link ?? 'https://example.org/',
  });
  ids[name] = id;
  const original = { ...file('media/1', {}), mediaType: kept.media ?? 'image/jpeg' };
  await record(database, id, {
    ...(kept.text === undefined
      ? {}
      : { post: post({ text: kept.text, handle: kept.handle ?? 'someone' }) }),
    ...(kept.page === undefined
      ? {}
      : { pages: [{ view: 'page', httpStatus: 200, ...kept.page }] }),
    ...(kept.media === undefined ? {} : { artifacts: [original] }),
  });
  if (kept.state === undefined) return;
  const at = new Date(kept.at);
  const outcome = { captureId: id, sourceKey: kept.source, state: kept.state };
  await closeCapture(database, {
    ...outcome,
    manifestSha256: 'f'.repeat(64),
    startedAt: at,
    finishedAt: at,
  });
}

async function fill(): Promise<void> {
  await keep('convoy', {
    source: 'x:status:1',
    at: '2026-01-01',
    state: 'complete',
    case: 'Qamishli 2020',
    text: 'A US convoy near the hospitals of Qamishli',
    handle: 'OIRSpox',
    media: 'video/mp4',
    link: 'https://x.com/OIRSpox/status/1227656969236877313',
  });
  await keep('bridge', {
    source: 'web:https://news.example.org/bridge',
    at: '2026-02-01',
    state: 'partial',
    tags: ['bridge', 'sent by a witness'],
    note: 'seen by the fisherman',
    page: {
      title: 'The bridge',
      body: 'convoys crossed it and the hospital stood there',
      finalUrl: 'https://www.news.example.org/bridge?a=1',
    },
  });
  await keep('arabic', {
    source: 'x:status:3',
    at: '2026-03-01',
    state: 'complete',
    case: 'qamishli 2020',
    text: 'شوهدت القوافل قرب المستشفى في المدينة',
    handle: 'reporter_77',
  });
  await keep('waiting', {
    source: 'x:status:4',
    at: '2026-04-01',
    link: 'https://x.com/i/status/4',
  });
  await database.query(
    `insert into source_now (source_key, platform, party, availability, assessment)
     values ('x:status:1', 'x', 'x', 'removed', '{}'), ('x:status:3', 'x', 'x', 'available', '{}')`,
  );
  await insertEvents(database, null, [
    { kind: 'changed', sourceKey: 'x:status:3', detail: { capture: ids.arabic }, at: new Date() },
  ]);
}

async function found(question: Question | string): Promise<string[]> {
  const asked = typeof question === 'string' ? { text: question } : question;
  const { rows } = await findCaptures(database, asked);
  return rows.map(({ id }) => Object.keys(ids).find((name) => ids[name] === id) ?? id);
}

describe('a query finds', () => {
  test.each<[string, string[]]>([
    ['convoy', ['bridge', 'convoy']],
    ['CONVOYS hospital', ['bridge', 'convoy']],
    ['"the hospitals"', ['convoy']],
    ['"hospitals the"', []],
    ['convoy -bridge', ['convoy']],
    ['-convoy', ['waiting', 'arabic']],
    ['bridge or قافلة', ['arabic', 'bridge']],
    ['(bridge OR قافلة) -news', ['arabic']],
    ['convoy (us or fisherman)', ['bridge', 'convoy']],
    ['qamish*', ['arabic', 'convoy']],
    ['fisherman', ['bridge']],
    ['author:@oirspox', ['convoy']],
    ['author:OIR', []],
    ['platform:web', ['bridge']],
    ['case:"Qamishli 2020"', ['arabic', 'convoy']],
    ['-case:"Qamishli 2020" state:partial', ['bridge']],
    ['tag:"sent by a witness"', ['bridge']],
    ['state:unfinished', ['waiting']],
    ['now:removed', ['convoy']],
    ['now:unknown', ['waiting', 'bridge']],
    ['-now:unknown', ['arabic', 'convoy']],
    ['has:video', ['convoy']],
    ['has:page or has:video', ['bridge', 'convoy']],
    ['has:note', ['bridge']],
    ['lang:ar', ['arabic']],
    ['lang:en', ['bridge', 'convoy']],
    ['host:example.org convoy', ['bridge']],
    ['host:news.example.org', ['bridge']],
    ['host:org', []],
    ['link:status/1227', ['convoy']],
    ['link:R_77', ['arabic']],
    ['https://x.com/OIRSpox/status/12276569692', ['convoy']],
    ['source:x:status:3', ['arabic']],
    ['x:status:3', ['arabic']],
    ['before:2026-02', ['convoy']],
    ['after:2026-03', ['waiting', 'arabic']],
    ['after:2026-02-01 before:2026-03-01T00:00Z', ['bridge']],
    ['convoy (before:2026-02 or tag:bridge)', ['bridge', 'convoy']],
    ['changed:yes', ['arabic']],
    ['-changed:yes state:complete', ['convoy']],
    [`sha256:${'a'.repeat(64)}`, ['convoy']],
    ['', ['waiting', 'arabic', 'bridge', 'convoy']],
  ])('%s', async (query, names) => {
    expect(await found(query)).toEqual(names);
  });

  test('no more than flags allow', async () => {
    expect(
      await found({ text: 'convoy or قافلة', platform: 'x', until: new Date('2026-02-01') }),
    ).toEqual(['convoy']);
  });

  test('the exact word before other forms of it, where the best come first', async () => {
    expect(await found({ text: 'convoy', order: 'best' })).toEqual(['convoy', 'bridge']);
    expect(await found({ text: 'convoys', order: 'best' })).toEqual(['bridge', 'convoy']);
    const first = await findCaptures(database, { text: 'convoy', order: 'best', limit: 1 });
    const second = await findCaptures(database, {
      text: 'convoy',
      order: 'best',
      limit: 1,
      after: first.next ?? '',
    });
    expect([first.rows[0]?.id, second.rows[0]?.id, second.next]).toEqual([
      ids.convoy,
      ids.bridge,
      null,
    ]);
    await expect(
      findCaptures(database, { text: 'convoy', after: first.next ?? '' }),
    ).rejects.toMatchObject({ code: 'bad-cursor' });
  });

  test('words in their places, and says in what they stand', async () => {
    const { rows } = await findCaptures(database, { text: 'hospital or fisherman' });
    const marked = rows.map(({ snippet }) => [
      snippet?.from,
      snippet?.marks.map(([from, to]) => snippet.text.slice(from, to)),
    ]);
    expect(marked).toEqual([
      ['page', ['hospital']],
      ['post', ['hospitals']],
    ]);
    const [note] = (await findCaptures(database, { text: 'fisherman' })).rows;
    expect(note?.snippet).toMatchObject({ from: 'note' });
    const [none] = (await findCaptures(database, { text: 'has:video' })).rows;
    expect(none?.snippet).toBeNull();
  });
});

describe('what cannot be read', () => {
  test.each([
    ['convoy "near the', 8, 'this quotation mark is never closed'],
    ['(convoy', 1, 'this parenthesis is never closed'],
    ['convoy)', 7, 'this parenthesis was never opened'],
    ['convoy ()', 8, 'nothing stands in these parentheses'],
    ['or convoy', 1, 'nothing stands before this "or"'],
    ['convoy or', 10, 'nothing stands after "or"'],
    ['autor:me', 1, 'there is no field "autor"'],
    ['قافلة state:gone', 13, '"gone" is not a valid value of state'],
    ['author: me', 8, '"author:" needs a value'],
    ['after:yesterday', 7, '"yesterday" is not a valid time'],
    ['before:2026-02-30', 8, '"2026-02-30" is not a valid time'],
    ['a*', 1, 'at least two letters must stand before "*"'],
    ['convoy !', 8, 'there is no word in "!"'],
    ['near:picture.jpg', 6, 'pictures can’t be compared here'],
  ])('%s', async (text, column, problem) => {
    const told = await findCaptures(database, { text }).catch((error: unknown) => error);
    expect(told).toMatchObject({ code: 'bad-query', message: expect.stringContaining(problem) });
    const [first = '', shown = '', pointer = ''] = (told as Error).message.split('\n');
    expect(first).toContain(`(column ${column})`);
    expect(pointer.indexOf('^')).toBe([...shown.slice(0, 2 + column - 1)].length);
  });

  test('however deep or long it is, is said and not tried', async () => {
    for (const text of ['('.repeat(500), '-'.repeat(1_500), 'a '.repeat(3_000)])
      await expect(findCaptures(database, { text })).rejects.toMatchObject({ code: 'bad-query' });
  });
});

describe('facets', () => {
  test('count all that match, by each field', async () => {
    const { counted, isAll, values } = await countFacets(database, {});
    expect([counted, isAll]).toEqual([4, true]);
    expect(values.platform).toEqual([
      { value: 'x', count: 3 },
      { value: 'web', count: 1 },
    ]);
    expect(values.state).toContainEqual({ value: 'unfinished', count: 1 });
    expect(values.now).toEqual([
      { value: 'unknown', count: 2 },
      { value: 'available', count: 1 },
      { value: 'removed', count: 1 },
    ]);
    const some = await countFacets(database, { text: 'convoy' });
    expect(some.values.lang).toEqual([{ value: 'en', count: 2 }]);
  });
});

describe('what is searched keeps up', () => {
  test('with what is added, without any worker', async () => {
    const [id] = await open(database, { note: 'lighthouse', submittedAt: new Date('2025-01-01') });
    expect((await findCaptures(database, { text: 'lighthouse' })).rows).toMatchObject([{ id }]);
    expect(await staleCount(database, 10)).toBe(0);
  });

  test('and says how many are left, where there are more than a question waits for', async () => {
    await open(
      database,
      ...Array.from({ length: 205 }, () => ({ note: 'heap', submittedAt: new Date('2024-01-01') })),
    );
    const page = await findCaptures(database, { text: 'heap', limit: 1000 });
    expect(page.rows.length + page.notYetSearchable).toBe(205);
    expect(page.notYetSearchable).toBeGreaterThan(0);
    await keepSearchable(database);
    expect((await findCaptures(database, { text: 'heap', limit: 1000 })).rows).toHaveLength(205);
  });

  test('pages of many that came in one moment, and in many years, are whole', async () => {
    const random = fc.sample(fc.integer({ min: Date.UTC(1999), max: Date.UTC(2033) }), 60);
    const times = [...random, ...Array.from({ length: 60 }, () => random[0] ?? 0)];
    const caseName = uuidv7();
    const opened = await open(
      database,
      ...times.map((at) => ({ caseName, note: 'scattered', submittedAt: new Date(at) })),
    );
    await keepSearchable(database);
    const expected = opened
      .map((id, i) => ({ id, at: times[i] ?? 0 }))
      .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
      .map(({ id }) => id);
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await findCaptures(database, { text: 'scattered', limit: 7, after });
      seen.push(...page.rows.map(({ id }) => id));
      if (page.next === null) break;
      after = page.next;
    }
    expect(seen).toEqual(expected);
    const [since, until] = [
      new Date(Date.UTC(2005, 4, 3, 2, 1)),
      new Date(Date.UTC(2021, 7, 9, 5)),
    ];
    const inSpan = await findCaptures(database, { text: 'scattered', since, until, limit: 500 });
    expect(inSpan.rows.map(({ openedAt }) => openedAt.getTime()).sort()).toEqual(
      times.filter((at) => at >= since.getTime() && at < until.getTime()).sort(),
    );
  });

  test('without the extension that finds parts of links', async () => {
    await database.query('drop index searchable_captures_addresses');
    expect(await found('link:status/1227')).toEqual(['convoy']);
  });
});

test('times as people write them', () => {
  const now = new Date('2026-11-30T12:00:00Z');
  const iso = (text: string) => timeFrom(text, now)?.toISOString() ?? null;
  expect(
    [
      '2026',
      '2026-02',
      '2026-02-12',
      '2026-02-12T10:30',
      '2026-02-12T10:30+02:00',
      '7d',
      '36h',
      '2w',
    ].map(iso),
  ).toEqual([
    '2026-01-01T00:00:00.000Z',
    '2026-02-01T00:00:00.000Z',
    '2026-02-12T00:00:00.000Z',
    '2026-02-12T10:30:00.000Z',
    '2026-02-12T08:30:00.000Z',
    '2026-11-23T12:00:00.000Z',
    '2026-11-29T00:00:00.000Z',
    '2026-11-16T12:00:00.000Z',
  ]);
  expect(['', '26', '2026-13', '2026-02-30', '7 days', '2026-02-12T25:00Z'].map(iso)).toEqual(
    Array(6).fill(null),
  );
});
