/** Order in the archive: which sources a case holds, asked everywhere, and what people file. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventsOfCase } from '../src/catalog/alerts.ts';
import {
  casesOfSource,
  closedCapturesOfCase,
  listCases,
  sourcesOfCase,
} from '../src/catalog/cases.ts';
import { insertEvents } from '../src/catalog/events.ts';
import { listTags } from '../src/catalog/filings.ts';
import { keepSearchable } from '../src/catalog/keep-searchable.ts';
import { recordStep } from '../src/catalog/steps.ts';
import { listWatches, unwatchedOfCase, watchesOfCase } from '../src/catalog/watches.ts';
import { readLinks } from '../src/links/read-links.ts';
import { findNamed } from '../src/pipeline/answers/find.ts';
import { showCapture } from '../src/pipeline/answers/show.ts';
import { historyOfCase } from '../src/pipeline/answers/timeline.ts';
import { submitLinks, type Terms } from '../src/pipeline/intake/submit.ts';
import { replaceCatalog } from '../src/pipeline/rebuild/catalog.ts';
import { fileNamed } from '../src/pipeline/requests/file.ts';
import { verifyAll } from '../src/pipeline/verify/captures.ts';
import { takedownsIn } from '../src/pipeline/watching/takedowns.ts';
import { pauseWatch, unwatchSource, watchSource } from '../src/pipeline/watching/watch.ts';
import { type TestArchive, testArchive } from './support/archive.ts';
import { attempt } from './support/catalog.ts';

const link = (name: string) => `https://example.org/${name}`;
const key = (name: string) => `web:${link(name)}`;
const short = 'https://t.co/Wl1MGCMy3j';
const post = 'x:status:1227655072314003463';
/** Short links, and the posts that they lead to. */
const leadsTo: Record<string, string> = {
  [short]: post,
  'https://t.co/GcOPR6wfTJ': 'x:status:1227600745067446272',
};

let archive: TestArchive;

beforeAll(async () => {
  archive = await testArchive();
}, 60_000);
afterAll(() => archive?.[Symbol.asyncDispose]());

/** Asks for a link; captures it where nobody did before. @returns the capture that it led to */
async function ask(address: string, terms: Terms = {}): Promise<string> {
  const { parts } = archive;
  const [asked] = await submitLinks(parts, readLinks(address), terms);
  if (asked?.captureId == null) throw new TypeError(`${address} led to no capture`);
  if (!asked.opened) return asked.captureId;
  const stored = await parts.vault.put(`the text of ${address}`);
  const artifact = { role: 'text' as const, name: 'text.txt', mediaType: 'text/plain', ...stored };
  await recordStep(parts.database, attempt(asked.captureId), {
    artifacts: [{ ...artifact, derivedFrom: null }],
    aliases: [leadsTo[address] ?? []]
      .flat()
      .map((sourceKey) => ({ aliasKey: asked.key ?? '', sourceKey, hops: [], seenAt: new Date() })),
  });
  await archive.seal(asked.captureId);
  return asked.captureId;
}

/** Canonical keys that each way of asking for a case gives. */
async function everyAnswer(name: string): Promise<Record<string, string[]>> {
  const { parts } = archive;
  const { database } = parts;
  const distinct = (keys: (string | null)[]) =>
    [...new Set(keys)].filter((one) => one !== null).sort();
  const sourceOf = async (id: string) => (await showCapture(parts, id))?.source ?? '';
  const all = (
    await database.query<{ key: string }>(
      'select distinct source_key as key from captures_resolved',
    )
  ).rows;
  const inverse = await Promise.all(
    all.map(async ({ key: one }) =>
      (await casesOfSource(database, one)).includes(name) ? one : null,
    ),
  );
  const { rows: seen } = await database.query<{ source: string }>(
    `select source from evidence.case_sources where case_name = $1`,
    [name],
  );
  return {
    definition: await sourcesOfCase(database, name),
    inverse: distinct(inverse),
    find: distinct(
      (await findNamed(parts, { case: name, limit: 100 })).rows.map(({ source }) => source),
    ),
    query: distinct(
      (await findNamed(parts, { text: `case:"${name}"` })).rows.map(({ source }) => source),
    ),
    timeline: distinct(
      (await historyOfCase(database, name))
        .filter(({ what }) => what === 'closed')
        .map(({ source }) => source),
    ),
    takedowns: distinct(
      (await takedownsIn(database, { case: name })).map(({ sourceKey }) => sourceKey),
    ),
    watches: distinct((await watchesOfCase(database, name)).map(({ sourceKey }) => sourceKey)),
    feed: distinct(
      (await eventsOfCase(database, name, ['removed'], 100)).map(({ sourceKey }) => sourceKey),
    ),
    export: distinct(await Promise.all((await closedCapturesOfCase(database, name)).map(sourceOf))),
    view: distinct(seen.map(({ source }) => source)),
  };
}

describe('the sources of a case', () => {
  test('are the same set, however it is asked for', async () => {
    const { parts } = archive;
    const { database } = parts;
    for (const name of ['a', 'shared', 'given-away']) await ask(link(name), { case: 'harbour' });
    await ask(link('shared'), { case: 'bridge' });
    await ask(link('b'), { case: 'bridge' });
    await ask(link('b'), { case: 'bridge', again: true });
    await ask(short, { case: 'bridge' });
    await ask(link('nobody'));
    await fileNamed(parts, {
      ...{ kind: 'case', change: 'added', value: 'bridge' },
      about: [link('given-away'), key('a')],
    });
    await fileNamed(parts, {
      kind: 'case',
      change: 'removed',
      value: 'bridge',
      about: [link('a')],
    });
    await fileNamed(parts, {
      ...{ kind: 'case', change: 'removed', value: 'harbour' },
      about: [link('given-away')],
    });
    const everything = ['a', 'shared', 'given-away', 'b', 'nobody'].map(key).concat(post);
    await insertEvents(
      database,
      null,
      everything.map((sourceKey) => ({ kind: 'removed', sourceKey, detail: {}, at: new Date() })),
    );
    expect(
      (await unwatchedOfCase(database, 'bridge', 10)).map(({ sourceKey }) => sourceKey),
    ).toEqual([key('b'), key('given-away'), key('shared'), post].sort());
    for (const sourceKey of everything) await watchSource(parts, sourceKey, '6h');
    const expected = {
      harbour: [key('a'), key('shared')],
      bridge: [key('b'), key('given-away'), key('shared'), post].sort(),
    };
    for (const [name, sources] of Object.entries(expected)) {
      const answers = await everyAnswer(name);
      expect(answers).toEqual(
        Object.fromEntries(Object.keys(answers).map((way) => [way, sources])),
      );
    }
    expect(
      (await listCases(database, 10)).map(({ name, sources, captures }) => [
        name,
        sources,
        captures,
      ]),
    ).toEqual([
      ['harbour', 2, 2],
      ['bridge', 4, 5],
    ]);
  });

  test('hold again what a person submits again after it was taken out, and not what a watch visits', async () => {
    const { parts } = archive;
    await ask(link('wavering'), { case: 'wavering' });
    const about = [link('wavering')];
    await fileNamed(parts, { kind: 'case', change: 'removed', value: 'wavering', about });
    await ask(link('wavering'), { case: 'wavering', again: true, origin: 'watch' });
    expect(await sourcesOfCase(parts.database, 'wavering')).toEqual([]);
    await ask(link('wavering'), { case: 'wavering' });
    expect(await sourcesOfCase(parts.database, 'wavering')).toEqual([key('wavering')]);
  });

  test('are found under a second case at once, whichever capture was made for it', async () => {
    const { parts } = archive;
    const first = await ask(link('twice'));
    await keepSearchable(parts.database);
    const second = await ask(link('twice'), { case: 'second', again: true });
    const found = await findNamed(parts, { case: 'second' });
    expect(found.rows.map(({ id }) => id).sort()).toEqual([first, second].sort());
    expect(found.rows[0]?.cases).toEqual(['second']);
  });
});

describe('a watch', () => {
  const keysOf = async () =>
    (await listWatches(archive.parts.database)).map(({ sourceKey }) => sourceKey);

  test('of a short link is the watch of the post that it leads to, by either name', async () => {
    const { parts } = archive;
    const before = await keysOf();
    expect(before).toContain(post);
    expect((await watchSource(parts, short, 'adaptive')).sourceKey).toBe(post);
    expect((await keysOf()).sort()).toEqual(before.sort());
    expect(await pauseWatch(parts, short, true)).toMatchObject({
      sourceKey: post,
      state: 'paused',
    });
    expect(await unwatchSource(parts, short)).toBe(true);
    expect(await keysOf()).not.toContain(post);
  });

  test('begun before anybody knew where the short link leads goes on there, once', async () => {
    const { parts } = archive;
    const [unresolved = '', goal = ''] = Object.entries(leadsTo)[1] ?? [];
    await watchSource(parts, unresolved, '12h');
    await watchSource(parts, goal, '6h');
    expect(await keysOf()).toEqual(expect.arrayContaining(['x:tco:GcOPR6wfTJ', goal]));
    await ask(unresolved);
    expect((await keysOf()).filter((key) => key.startsWith('x:'))).toEqual([goal]);
  });

  test.each([
    'http://127.0.0.1/',
    'http://[::1]:8080/',
    'http://router.local/status',
    'http://169.254.169.254/latest/meta-data/',
    'web:http://10.1.2.3/',
  ])('of %s is refused, for no capture may reach it', async (address) => {
    const watching = watchSource(archive.parts, address, '6h');
    await expect(watching).rejects.toMatchObject({ code: 'not-watched', exitCode: 2 });
    expect(
      (await keysOf()).filter((key) => key.includes(new URL(address.replace(/^web:/, '')).host)),
    ).toEqual([]);
  });
});

describe('what is filed', () => {
  test('is found, shown with who and when, and kept when it is taken back', async () => {
    const { parts } = archive;
    const captureId = await ask(link('filed'), {
      case: 'orders',
      tags: ['first'],
      note: 'from a tip',
    });
    const about = [link('filed')];
    const by = 'Jane Roe';
    await fileNamed(parts, { kind: 'tag', change: 'added', value: 'convoy', about, by });
    await fileNamed(parts, { kind: 'tag', change: 'removed', value: 'first', about, by });
    await fileNamed(parts, {
      kind: 'note',
      change: 'added',
      value: 'seen by the fisherman',
      about: [captureId],
      by,
    });
    const ids = async (text: string) => (await findNamed(parts, { text })).rows.map(({ id }) => id);
    expect(await ids('tag:convoy')).toEqual([captureId]);
    expect(await ids('"the fisherman"')).toEqual([captureId]);
    expect(await ids('tag:first')).toEqual([]);
    const record = await showCapture(parts, captureId);
    expect(record).toMatchObject({ cases: ['orders'], tags: ['convoy'] });
    expect(record?.submission).toMatchObject({ tags: ['first'], note: 'from a tip' });
    expect(
      record?.filings.map(({ kind, change, value, on, by: who }) => [kind, change, value, on, who]),
    ).toEqual([
      ['tag', 'added', 'convoy', 'source', by],
      ['tag', 'removed', 'first', 'source', by],
      ['note', 'added', 'seen by the fisherman', 'capture', by],
    ]);
    expect(record?.filings.every(({ case: name }) => name === 'orders')).toBe(true);
    expect(await listTags(parts.database, 10)).toContainEqual({
      name: 'convoy',
      sources: 1,
      captures: 1,
    });
  });

  test('twice is written down once', async () => {
    const { parts } = archive;
    await ask(link('once'));
    const order = { kind: 'tag', change: 'added', value: 'once', about: [link('once')] } as const;
    expect((await fileNamed(parts, order)).filings).toHaveLength(1);
    expect(await fileNamed(parts, order)).toMatchObject({ filings: [], unchanged: [key('once')] });
  });

  test('has one name however it was typed: composed or not, with unseen signs or without', async () => {
    const { parts } = archive;
    const [composed, apart] = ['Caf\u00e9 du Port', ' Cafe\u0301\u200b du\u00a0 Port\ufeff'];
    await ask(link('cafe'), { case: apart, tags: [apart, composed, '\u200b\u200d'] });
    const about = [link('cafe')];
    expect(
      await fileNamed(parts, { kind: 'tag', change: 'added', value: apart, about }),
    ).toMatchObject({ filings: [] });
    expect((await listTags(parts.database, 10)).filter(({ name }) => /Port/.test(name))).toEqual([
      { name: composed, sources: 1, captures: 1 },
    ]);
    expect((await historyOfCase(parts.database, apart)).length).toBeGreaterThan(0);
    expect(await sourcesOfCase(parts.database, composed)).toEqual([key('cafe')]);
    await expect(ask(link('unseen'), { case: '\u200b' })).rejects.toMatchObject({
      code: 'empty-value',
    });
    await expect(
      fileNamed(parts, { kind: 'tag', change: 'added', value: '\u2060', about }),
    ).rejects.toMatchObject({ code: 'empty-value' });
  });

  test('keeps the joiners that a word is written with', async () => {
    const persian = 'می\u200cخواهم';
    await ask(link('joined'), { tags: [persian] });
    await keepSearchable(archive.parts.database);
    expect((await listTags(archive.parts.database, 20)).map(({ name }) => name)).toContain(persian);
  });

  test('of a source in two cases belongs to neither, unless one is named', async () => {
    const { parts } = archive;
    await ask(link('both'), { case: 'one' });
    await ask(link('both'), { case: 'other' });
    const order = {
      kind: 'note',
      change: 'added',
      value: 'careful',
      about: [link('both')],
    } as const;
    expect((await fileNamed(parts, order)).inSeveralCases).toEqual([key('both')]);
    const { filings } = await fileNamed(parts, { ...order, case: 'other' });
    expect(filings[0]?.caseName).toBe('other');
    await expect(fileNamed(parts, { ...order, case: 'third' })).rejects.toMatchObject({
      code: 'not-in-case',
    });
  });

  test.each([
    [
      'a source that nobody captured',
      { kind: 'case', change: 'added', value: 'x', about: ['https://example.org/never'] },
      'no-source',
    ],
    [
      'a case that nobody named',
      { kind: 'case', change: 'removed', value: 'never', about: ['https://example.org/a'] },
      'no-case',
    ],
    [
      'nothing',
      { kind: 'note', change: 'added', value: ' ', about: ['https://example.org/a'] },
      'empty-value',
    ],
    [
      'a name without end',
      { kind: 'tag', change: 'added', value: 'x'.repeat(201), about: ['https://example.org/a'] },
      'too-long',
    ],
  ] as const)('about %s is refused, and nothing is written', async (_, order, code) => {
    await expect(fileNamed(archive.parts, order)).rejects.toMatchObject({ code });
  });

  test('is verified, and made again from the vault', async () => {
    const { parts } = archive;
    const answers = async () => ({
      harbour: await everyAnswer('harbour'),
      bridge: await everyAnswer('bridge'),
      tags: await listTags(parts.database, 10),
      filings: (await parts.database.query('select * from filings order by id')).rows,
    });
    const before = await answers();
    for await (const finding of verifyAll(parts)) expect(finding).toMatchObject({ ok: true });
    await replaceCatalog(parts);
    const after = await answers();
    // Events of the test's own have no record.
    for (const each of [before, after])
      for (const name of ['harbour', 'bridge'] as const)
        Object.assign(each[name], { takedowns: [], feed: [] });
    expect(after).toEqual(before);
  }, 120_000);

  test('and altered in the database is found by verify', async () => {
    const { parts } = archive;
    await parts.database.query('alter table filings disable trigger append_only');
    await parts.database.query(`update filings set value = 'river' where kind = 'tag'`);
    await parts.database.query('alter table filings enable always trigger append_only');
    const faults: string[] = [];
    for await (const finding of verifyAll(parts)) if (!finding.ok) faults.push(finding.subject);
    expect(faults).toEqual(['table filings']);
  }, 120_000);
});
