import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PermanentError, UnreachableError, UsageError } from '../src/base/errors.ts';
import { canonicalSource, insertAliases } from '../src/catalog/aliases.ts';
import { artifactByName, artifactsOf } from '../src/catalog/artifacts.ts';
import { captureIdFrom } from '../src/catalog/capture-id.ts';
import {
  closeCapture,
  existingCaptures,
  outcomeOf,
  unfinishedAmong,
} from '../src/catalog/captures.ts';
import { type Database, openDatabase, type Queryable } from '../src/catalog/database.ts';
import { eventsOf } from '../src/catalog/events.ts';
import {
  handAgain,
  releaseSlots,
  slotOf,
  slots,
  takeSlots,
  unfedCaptures,
  unfinishedCount,
} from '../src/catalog/feeder.ts';
import { findCaptures } from '../src/catalog/find.ts';
import { pushBackHost, reserveHost } from '../src/catalog/host-pace.ts';
import { insertObservations, observationsOf } from '../src/catalog/observations.ts';
import { pagesOf } from '../src/catalog/pages.ts';
import { postOf } from '../src/catalog/posts.ts';
import { clearProgress, noteProgress, progressOf } from '../src/catalog/progress.ts';
import { captureRecord } from '../src/catalog/show.ts';
import { sourcesNow } from '../src/catalog/source-now.ts';
import { attemptsOf, finalStep, recordStep, stepsOf } from '../src/catalog/steps.ts';
import { insertSubmissions, submissionById } from '../src/catalog/submissions.ts';
import {
  listWatches,
  removeWatch,
  rescheduleWatches,
  takeDueWatches,
  upsertWatch,
} from '../src/catalog/watches.ts';
import type { EventKind } from '../src/model/event-kinds.ts';
import type { WatchRow } from '../src/model/watch.ts';
import { attempt, file, observation, open, post, record, submission } from './support/catalog.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { fc } from './support/property.ts';

let shared: TestDatabase;
let database: Database;

beforeAll(async () => {
  shared = await testDatabase();
  database = shared.database;
});

afterAll(() => shared.close());

let keys = 0;
function newKey(): string {
  keys += 1;
  return `x:status:${1_000 + keys}`;
}

async function openOne(given: Parameters<typeof submission>[0] = {}): Promise<string> {
  const [captureId] = await open(database, { sourceKey: newKey(), ...given });
  return captureId as string;
}

function close(captureId: string, sourceKey: string, state: 'complete' | 'failed' = 'complete') {
  const now = new Date();
  const manifestSha256 = 'f'.repeat(64);
  return closeCapture(database, {
    captureId,
    sourceKey,
    state,
    manifestSha256,
    startedAt: now,
    finishedAt: now,
  });
}

describe('what was written first', () => {
  test('is neither changed nor deleted nor truncated, not even as a replica', async () => {
    const captureId = await openOne();
    await record(database, captureId, {
      artifacts: [file('a')],
      observations: [observation('s', 'available', '2026-01-01')],
      post: post(),
      pages: [{ view: 'page', finalUrl: 'u', httpStatus: 200, title: null, body: '' }],
      aliases: [{ aliasKey: 'a', sourceKey: 's', hops: [], seenAt: new Date() }],
      events: [{ kind: 'changed', sourceKey: null, detail: {}, at: new Date() }],
    });
    await close(captureId, 's');
    const tables =
      'submissions captures source_aliases step_attempts artifacts observations captured_posts captured_pages capture_outcomes events';
    for (const table of tables.split(' ')) {
      const column = table === 'submissions' || table === 'captures' ? 'id' : 'capture_id';
      for (const change of [
        `update ${table} set ${column} = ${column}`,
        `delete from ${table}`,
        `truncate ${table} cascade`,
      ]) {
        for (const role of ['origin', 'replica']) {
          const changing = database.transaction(async (tx) => {
            await tx.query(`set local session_replication_role = ${role}`);
            await tx.query(change);
          });
          await expect(changing, `${change} as ${role}`).rejects.toMatchObject({
            code: 'append-only',
          });
        }
      }
    }
  });

  test('a transaction that throws leaves nothing, and its connection is fit for use', async () => {
    const row = submission();
    for (let round = 0; round < 20; round += 1) {
      const failing = database.transaction(async (tx) => {
        await insertSubmissions(tx, [{ ...row, captureId: null }]);
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
    }
    expect(await submissionById(database, row.id)).toBeNull();
  });

  test('a transaction that goes on after a failed statement is not taken for kept', async () => {
    const row = submission();
    const hopeful = database.transaction(async (tx) => {
      await insertSubmissions(tx, [{ ...row, captureId: null }]);
      await tx.query('select 1 / 0').catch(() => undefined);
    });
    await expect(hopeful).rejects.toMatchObject({ code: 'transaction-lost' });
    expect(await submissionById(database, row.id)).toBeNull();
  });

  test('work left behind by a failed transaction writes nothing after its end', async () => {
    const row = submission();
    const over = Promise.withResolvers<void>();
    let late: Promise<void> | undefined;
    const failing = database.transaction(async (tx) => {
      late = over.promise.then(() => insertSubmissions(tx, [{ ...row, captureId: null }]));
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    over.resolve();
    await expect(late).rejects.toMatchObject({ code: 'transaction-over' });
    expect(await submissionById(database, row.id)).toBeNull();
  });

  test('ten thousand submissions are one statement, and read back as they were given', async () => {
    const batchId = uuidv7();
    const rows = Array.from({ length: 10_000 }, (_, position) =>
      submission({ batchId, position, link: `https://example.org/?${position}`, captureId: null }),
    );
    let statements = 0;
    const counting: Queryable = {
      query: (sql, params) => {
        statements += 1;
        return database.query(sql, params);
      },
    };
    await insertSubmissions(counting, rows);
    expect(statements).toBe(1);
    const last = rows[9_999];
    expect(await submissionById(database, last?.id ?? '')).toEqual(last);
  });
});

describe('the driver', () => {
  test('gives sizes as numbers, and exact text beyond what numbers hold', async () => {
    const { rows } = await database.query(
      `select 5000000000::int8 as size, 9007199254740993::int8 as huge, count(*) as count,
         '2026-11-22 01:02:03.456+00'::timestamptz as at`,
    );
    expect(rows).toEqual([
      {
        size: 5_000_000_000,
        huge: '9007199254740993',
        count: 1,
        at: new Date('2026-11-22T01:02:03.456Z'),
      },
    ]);
  });

  test('says of a server that is not there that it can not be reached', async () => {
    const connection = { host: '/nonexistent', user: 'holdfast', database: 'postgres' };
    await expect(openDatabase({ connection, schema: 'holdfast' })).rejects.toBeInstanceOf(
      UnreachableError,
    );
    const refused = { connectionString: 'postgres://nobody@127.0.0.1:1/none' };
    await expect(openDatabase({ connection: refused, schema: 'holdfast' })).rejects.toMatchObject({
      code: 'database-unreachable',
      exitCode: 69,
    });
  });

  test('outlives a connection that the server ends, at rest or in a transaction', async () => {
    const own = await openDatabase({ connection: shared.connection, schema: 'holdfast', max: 1 });
    const { rows } = await own.query<{ pid: number }>('select pg_backend_pid() as pid');
    await database.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    const lost = own.transaction(async (tx) => {
      const { rows: mine } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      await database.query('select pg_terminate_backend($1)', [mine[0]?.pid]);
      await tx.query('select pg_sleep(5)');
    });
    await expect(lost).rejects.toBeInstanceOf(UnreachableError);
    expect((await own.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await own.close();
  });

  test('outlives one that is lost as it is handed out, before anybody listens', async () => {
    const own = await openDatabase({ connection: shared.connection, schema: 'holdfast', max: 1 });
    const client = await own.pool.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
    await database.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await ended;
    client.release();
    expect((await own.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await own.close();
  });
});

describe('steps', () => {
  test('count their attempts and end with the first final one', async () => {
    const captureId = await openOne();
    const failed = attempt(captureId, { state: 'failed', final: false, reason: 'reset' });
    expect((await recordStep(database, failed)).attempt.attempt).toBe(1);
    expect((await recordStep(database, failed)).attempt.attempt).toBe(2);
    expect(await finalStep(database, captureId, 'record')).toBeNull();
    const first = await recordStep(database, attempt(captureId), { artifacts: [file('one')] });
    expect(first).toMatchObject({ won: true, attempt: { attempt: 3, state: 'done' } });
    const second = await recordStep(database, failed, { artifacts: [file('two')] });
    expect(second).toEqual({ won: false, attempt: first.attempt });
    expect((await artifactsOf(database, captureId)).map(({ name }) => name)).toEqual(['one']);
    expect(await stepsOf(database, captureId)).toMatchObject([
      { name: 'record', state: 'done', final: true, attempts: 3, reason: null },
    ]);
    expect((await attemptsOf(database, captureId)).map((made) => made.attempt)).toEqual([1, 2, 3]);
  });

  test('have one winner when several workers believe to hold them', async () => {
    // Connections first, so that the workers truly meet.
    await Promise.all(Array.from({ length: 8 }, () => database.query('select pg_sleep(0.1)')));
    for (let round = 0; round < 10; round += 1) {
      const captureId = await openOne();
      const written = await Promise.all(
        ['a', 'b', 'c', 'd', 'e'].map((name) =>
          recordStep(database, attempt(captureId, { detail: { name } }), {
            artifacts: [file(name)],
          }),
        ),
      );
      expect(written.filter(({ won }) => won)).toHaveLength(1);
      expect(new Set(written.map((one) => one.attempt.detail.name)).size).toBe(1);
      expect(await artifactsOf(database, captureId)).toHaveLength(1);
    }
  });

  test('write what they found together with their outcome, or not at all', async () => {
    const captureId = await openOne();
    const broken = { ...file('x'), sha256: 'not a digest' };
    await expect(
      record(database, captureId, { post: post(), artifacts: [broken] }),
    ).rejects.toThrow();
    expect(await finalStep(database, captureId, 'record')).toBeNull();
    expect(await postOf(database, captureId)).toBeNull();
  });

  test('stand in the order of stages, whatever the order in which they ran', async () => {
    const captureId = await openOne();
    for (const step of ['seal', 'media', 'page', 'record']) {
      await recordStep(database, attempt(captureId, { step }));
    }
    const names = (await stepsOf(database, captureId)).map(({ name }) => name);
    expect(names).toEqual(['record', 'page', 'media', 'seal']);
  });

  test('hold what hostile pages say, in what PostgreSQL can hold', async () => {
    const key = `web:https://example.org/${'long'.repeat(2_000)}`;
    const captureId = await openOne({ sourceKey: key, link: key });
    const words = Array.from({ length: 60_000 }, (_, n) => String.fromCodePoint(0x20000 + n)).join(
      ' ',
    );
    const nasty = 'a\0b \ud800 \\u0000 \\\\u0000 "\u202e" 😀';
    await record(database, captureId, {
      post: {
        ...post({ text: nasty, handle: 'h'.repeat(5_000) }),
        claimedAt: '+012345-01-01T00:00:00Z',
      },
      pages: [
        { view: 'page', finalUrl: key, httpStatus: 200, title: nasty, body: words.repeat(5) },
      ],
      events: [
        { kind: nasty as EventKind, sourceKey: key, detail: { [nasty]: nasty }, at: new Date() },
      ],
      observations: [{ ...observation(key, 'available', '2026-01-01'), headers: [[nasty, nasty]] }],
      aliases: [
        { aliasKey: key, sourceKey: `${key}/2`, hops: [{ url: nasty }], seenAt: new Date() },
      ],
      artifacts: [file('f', { facts: { url: nasty } })],
    });
    const kept = 'a\ufffdb \ufffd \\u0000 \\\\u0000 "\u202e" 😀';
    expect((await postOf(database, captureId))?.text).toBe(kept);
    expect((await eventsOf(database, captureId))[0]?.detail).toEqual({ [kept]: kept });
    expect((await pagesOf(database, captureId))[0]).toMatchObject({ title: kept, finalUrl: key });
    expect((await observationsOf(database, captureId))[0]?.headers).toEqual([[kept, kept]]);
    expect(await canonicalSource(database, key)).toBe(`${key}/2`);
    expect(await existingCaptures(database, [key])).toEqual(new Map([[key, captureId]]));
  });

  test('hold any JSON whatever its strings', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string(), async (value, name) => {
        const captureId = await openOne();
        const broken = `${value.slice(0, 3)}\ud83d${name}`;
        const { attempt: written } = await recordStep(
          database,
          attempt(captureId, { detail: { value: broken } }),
        );
        expect(written.detail.value).toBe(broken.replaceAll('\0', '\ufffd').toWellFormed());
      }),
      { numRuns: 30 },
    );
  });
});

describe('artifacts', () => {
  test('keep the first file of a name, and are found by name', async () => {
    const captureId = await openOne();
    const sha256 = 'c'.repeat(64);
    const pdq = { hash: '0'.repeat(64), quality: 97 };
    await record(database, captureId, {
      artifacts: [file('b', { sha256, facts: { pdq } }), file('a')],
    });
    await recordStep(database, attempt(captureId, { step: 'page' }), { artifacts: [file('b')] });
    expect((await artifactsOf(database, captureId)).map(({ name }) => name)).toEqual(['a', 'b']);
    const found = await artifactByName(database, captureId, 'b');
    expect(found).toMatchObject({
      sha256,
      step: 'record',
      sizeBytes: 5_000_000_000,
      pdq,
      media: null,
    });
    expect(await artifactByName(database, captureId, 'c')).toBeNull();
  });
});

describe('closing', () => {
  test('happens once', async () => {
    const captureId = await openOne();
    expect(await unfinishedAmong(database, [captureId])).toEqual([captureId]);
    const closed = await Promise.all([1, 2, 3].map(() => close(captureId, 'x:status:1')));
    expect(closed.filter(Boolean)).toHaveLength(1);
    expect(await outcomeOf(database, captureId)).toMatchObject({ state: 'complete' });
    expect(await unfinishedAmong(database, [captureId])).toEqual([]);
  });

  test('an id may be given by its beginning or its end', async () => {
    const captureId = await openOne();
    expect(await captureIdFrom(database, captureId.toUpperCase())).toBe(captureId);
    expect(await captureIdFrom(database, captureId.slice(-8))).toBe(captureId);
    expect(await captureIdFrom(database, captureId.slice(0, 30))).toBe(captureId);
    await openOne();
    for (const text of ['', 'a%', uuidv7()]) {
      await expect(captureIdFrom(database, text)).rejects.toMatchObject({
        code: 'no-capture',
        message: expect.stringContaining('holdfast find'),
      });
    }
    await expect(captureIdFrom(database, captureId.slice(0, 7))).rejects.toMatchObject({
      code: 'short-id',
    });
  });

  test('part of an id that may mean several names the first of them, with time and link', async () => {
    const ids = [await openOne(), await openOne()];
    const begun = ids.map((id) => id.slice(0, 8));
    expect(begun[1]).toBe(begun[0]);
    const refusal = captureIdFrom(database, begun[0] ?? '');
    await expect(refusal).rejects.toMatchObject({ code: 'ambiguous-id' });
    const message = await refusal.catch(String);
    expect(message).toMatch(/give more characters/);
    expect(message.split('\n').slice(1)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^ {2}[0-9a-f-]{36} {2}20\d\d-.*Z {2}\S/)]),
    );
    expect(message.split('\n').length).toBeLessThanOrEqual(7);
  });
});

describe('is it kept already?', () => {
  test('yes while a capture is under way or kept something, no once it failed', async () => {
    const key = newKey();
    const first = await openOne({ sourceKey: key });
    expect(await existingCaptures(database, [key, newKey()])).toEqual(new Map([[key, first]]));
    await close(first, key, 'failed');
    expect(await existingCaptures(database, [key])).toEqual(new Map());
    const second = await openOne({ sourceKey: key });
    await close(second, key);
    const third = await openOne({ sourceKey: key });
    await close(third, key, 'failed');
    expect(await existingCaptures(database, [key])).toEqual(new Map([[key, second]]));
  });

  test('a short link counts as what it leads to, both ways, while and after it is captured', async () => {
    const [short, target] = [`x:tco:${uuidv7()}`, newKey()];
    const captureId = await openOne({ sourceKey: short });
    await insertAliases(database, captureId, [
      { aliasKey: short, sourceKey: target, hops: [], seenAt: new Date() },
    ]);
    const both = new Map([
      [short, captureId],
      [target, captureId],
    ]);
    expect(await existingCaptures(database, [short, target])).toEqual(both);
    await close(captureId, target);
    expect(await existingCaptures(database, [short, target])).toEqual(both);
    expect(await canonicalSource(database, short)).toBe(target);
  });

  test('a link that leads elsewhere now is not kept because of what it led to before', async () => {
    const [short, before, now] = [newKey(), newKey(), newKey()];
    const first = await openOne({ sourceKey: short });
    await insertAliases(database, first, [
      { aliasKey: short, sourceKey: before, hops: [], seenAt: new Date('2026-01-01') },
    ]);
    await close(first, before);
    const second = await openOne({ sourceKey: short });
    await insertAliases(database, second, [
      { aliasKey: short, sourceKey: now, hops: [], seenAt: new Date('2026-02-01') },
    ]);
    await close(second, now, 'failed');
    expect(await existingCaptures(database, [short, before])).toEqual(new Map([[before, first]]));
  });

  test('links that lead to each other in a circle end somewhere', async () => {
    const [one, two] = [newKey(), newKey()];
    const captureId = await openOne({ sourceKey: one });
    await insertAliases(database, captureId, [
      { aliasKey: one, sourceKey: two, hops: [], seenAt: new Date() },
      { aliasKey: two, sourceKey: one, hops: [], seenAt: new Date() },
    ]);
    expect([one, two]).toContain(await canonicalSource(database, one));
    expect((await existingCaptures(database, [one])).get(one)).toBe(captureId);
  });
});

describe('finding', () => {
  test('by what is in it and around it', async () => {
    const key = newKey();
    const [caseName, tag] = ['Qamishli convoy', `tag-${key}`];
    const captureId = await openOne({
      sourceKey: key,
      link: `https://x.com/i/${key}`,
      caseName,
      tags: [tag],
    });
    const sha256 = 'd'.repeat(64);
    await record(database, captureId, {
      post: post({ text: '\n  Конвой near the Checkpoint\nsecond line', handle: 'OIRSpox' }),
      artifacts: [file('a', { sha256 })],
      observations: [observation(key, 'deleted-by-author', '2026-01-01')],
    });
    const questions = [
      { text: 'КОНВОЙ checkpoint' },
      { text: '"near the" -tank' },
      { text: 'qamishli CONVOY' },
      { text: tag },
      { text: `x.com/I/${key}` },
      { source: key },
      { author: '@oirspox' },
      { case: caseName },
      { tag },
      { sha256 },
      {
        source: key,
        state: 'unfinished',
        platform: 'x',
        since: new Date(0),
        until: new Date(9e12),
      },
    ];
    for (const question of questions) {
      const { rows, next } = await findCaptures(database, question);
      expect(
        rows.map((row) => row.id),
        JSON.stringify(question),
      ).toEqual([captureId]);
      expect(next).toBeNull();
    }
    const [row] = (await findCaptures(database, { source: key })).rows;
    expect(row).toMatchObject({
      source: key,
      state: null,
      author: 'OIRSpox',
      firstLine: 'Конвой near the Checkpoint',
      artifactCount: 1,
      environment: 'demo',
      case: caseName,
      availability: 'suspect',
      finishedAt: null,
    });
    const others = [
      { text: 'convoy -checkpoint', source: newKey() },
      { source: key, state: 'complete' },
      { source: key, platform: 'web' },
      { source: key, until: new Date(0) },
      { author: 'OIR' },
    ];
    for (const question of others) {
      expect((await findCaptures(database, question)).rows, JSON.stringify(question)).toEqual([]);
    }
  });

  test('a page by its title, under the source that it turned out to be', async () => {
    const [short, target] = [newKey(), `web:https://example.org/${uuidv7()}`];
    const captureId = await openOne({ sourceKey: short });
    await record(database, captureId, {
      pages: [
        { view: 'page', finalUrl: 'u', httpStatus: 200, title: 'Eyewitness', body: 'report' },
      ],
      aliases: [{ aliasKey: short, sourceKey: target, hops: [], seenAt: new Date() }],
    });
    for (const question of [{ text: 'eyewitness report' }, { source: short }, { source: target }]) {
      const { rows } = await findCaptures(database, question);
      expect(rows).toMatchObject([{ id: captureId, source: target, firstLine: 'Eyewitness' }]);
    }
  });

  test('page after page shows each once, newest first, even those of the same moment', async () => {
    const caseName = `paging-${uuidv7()}`;
    const submittedAt = new Date('2026-03-01T00:00:00.123Z');
    const later = new Date('2026-03-02');
    const ids = await open(
      database,
      ...Array.from({ length: 23 }, (_, n) => ({
        caseName,
        submittedAt: n === 22 ? later : submittedAt,
      })),
    );
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await findCaptures(database, { case: caseName, limit: 5, after });
      seen.push(...page.rows.map((row) => row.id));
      after = page.next ?? undefined;
      if (seen.length === 10) await openOne({ caseName }); // newer ones don't disturb
    } while (after !== undefined);
    expect(seen).toEqual([ids[22], ...ids.slice(0, 22).toReversed()]);
  });

  test.each(
    ['x', '', 'MSAy', Buffer.from("1 '; drop table captures; --").toString('base64url')].filter(
      Boolean,
    ),
  )('the cursor %j is refused', async (after) => {
    await expect(findCaptures(database, { after })).rejects.toMatchObject({ code: 'bad-cursor' });
    await expect(findCaptures(database, { after })).rejects.toBeInstanceOf(UsageError);
  });

  test('an unknown state is refused', async () => {
    await expect(findCaptures(database, { state: 'done' })).rejects.toMatchObject({
      code: 'bad-state',
    });
  });

  test('any text is a question, or one that the message points into', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (text) => {
        await findCaptures(database, { author: text, case: text, tag: text, limit: 1 });
        const told = await findCaptures(database, { text, limit: 1 }).catch(
          (error: unknown) => error,
        );
        if (told instanceof Error)
          expect(told).toMatchObject({ code: 'bad-query', message: expect.stringMatching(/\^$/) });
      }),
      { numRuns: 60, examples: [["a'b"], ['"'], ['-'], ['\0'], ['\ud800'], ['%_\\']] },
    );
  });
});

describe('the record of a capture', () => {
  test('has the shape of the contract', async () => {
    const key = newKey();
    const [id] = (await open(database, {
      sourceKey: key,
      link: ' https://x.com/1 ',
      caseName: 'c',
      tags: ['t'],
      note: 'n',
      reason: 'r',
      submittedAt: new Date('2026-01-01T00:00:00Z'),
    })) as [string];
    await recordStep(
      database,
      attempt(id, {
        startedAt: new Date('2026-01-01T00:00:05Z'),
        finishedAt: new Date('2026-01-01T00:00:06Z'),
      }),
      {
        post: post(),
        artifacts: [{ ...file('media/1.mp4'), media: { width: 640, height: 360, durationMs: 10 } }],
        observations: [observation(key, 'available', '2026-01-01T00:00:05Z')],
        events: [
          {
            kind: 'attribution-mismatch',
            sourceKey: key,
            detail: { message: 'another author' },
            at: new Date(),
          },
        ],
      },
    );
    const unfinished = await captureRecord(database, id);
    expect(unfinished).toMatchObject({ state: null, finishedAt: null, manifestSha256: null });
    await closeCapture(database, {
      captureId: id,
      sourceKey: key,
      state: 'partial',
      manifestSha256: 'e'.repeat(64),
      startedAt: new Date('2026-01-01T00:00:05Z'),
      finishedAt: new Date('2026-01-01T00:00:07Z'),
    });
    expect(await captureRecord(database, id)).toEqual({
      schema: 'holdfast.capture/1',
      id,
      source: key,
      link: ' https://x.com/1 ',
      environment: 'demo',
      state: 'partial',
      startedAt: '2026-01-01T00:00:05.000Z',
      finishedAt: '2026-01-01T00:00:07.000Z',
      submission: {
        case: 'c',
        tags: ['t'],
        note: 'n',
        by: 'tester',
        reason: 'r',
        at: '2026-01-01T00:00:00.000Z',
      },
      sourceNow: {
        availability: 'available',
        kind: null,
        since: '2026-01-01T00:00:05.000Z',
        lastCheck: '2026-01-01T00:00:05.000Z',
      },
      warnings: ['attribution-mismatch: another author'],
      steps: [
        { name: 'record', required: true, state: 'done', reason: null, attempts: 1, final: true },
      ],
      views: [],
      post: {
        id: '1227',
        author: { id: '7', handle: 'someone', name: 'Some One' },
        text: 'hello',
        claimedAt: '2020-02-12T11:22:33.000Z',
        idTime: '2020-02-12T11:22:33.123Z',
      },
      artifacts: [
        {
          role: 'media.original',
          name: 'media/1.mp4',
          mediaType: 'video/mp4',
          sizeBytes: 5_000_000_000,
          sha256: 'a'.repeat(64),
          derivedFrom: null,
          media: { width: 640, height: 360, durationMs: 10 },
          pdq: null,
        },
      ],
      derivations: [],
      manifestSha256: 'e'.repeat(64),
      seal: null,
    });
  });

  test('is null for a capture that is not there', async () => {
    expect(await captureRecord(database, uuidv7())).toBeNull();
  });
});

describe('what observations say about a source', () => {
  const [one, two, three] = [
    '2026-01-01T00:00:00.000Z',
    '2026-01-02T00:00:00.000Z',
    '2026-01-03T00:00:00.000Z',
  ];
  const cases: [
    string,
    [signal: string, at: string][],
    string,
    string | null,
    string | null,
    string | null,
  ][] = [
    ['nothing', [], 'unknown', null, null, null],
    [
      'only trouble on the way',
      [
        ['rate-limited', one],
        ['unreachable', two],
      ],
      'unknown',
      null,
      null,
      two,
    ],
    [
      'there',
      [
        ['available', one],
        ['available-limited', two],
      ],
      'available',
      null,
      one,
      two,
    ],
    [
      'gone since',
      [
        ['available', one],
        ['not-found', two],
      ],
      'suspect',
      'not-found',
      two,
      two,
    ],
    [
      'gone, and since then no word',
      [
        ['account-suspended', one],
        ['blocked', three],
      ],
      'suspect',
      'account-suspended',
      one,
      one,
    ],
    [
      'gone twice for different reasons',
      [
        ['not-found', one],
        ['deleted-by-author', two],
      ],
      'suspect',
      'deleted-by-author',
      two,
      two,
    ],
    [
      'behind a log-in',
      [
        ['available', one],
        ['login-required', two],
        ['login-required', three],
      ],
      'restricted',
      'login-required',
      two,
      three,
    ],
    [
      'back',
      [
        ['available', one],
        ['not-found', two],
        ['available', three],
      ],
      'available',
      null,
      three,
      three,
    ],
  ];

  test.each(cases)('%s', async (_, observed, availability, kind, since, lastCheck) => {
    const key = newKey();
    for (const [signal, at] of observed) {
      await insertObservations(database, null, [observation(key, signal, at)]);
    }
    expect((await sourcesNow(database, [key])).get(key)).toEqual({
      availability,
      kind,
      since: since && new Date(since),
      lastCheck: lastCheck && new Date(lastCheck),
    });
  });

  test('one route that sees it outweighs another of the same visit that does not', async () => {
    const key = newKey();
    const captureId = await openOne({ sourceKey: key });
    await insertObservations(database, captureId, [
      observation(key, 'available', one),
      observation(key, 'login-required', two),
    ]);
    expect((await sourcesNow(database, [key])).get(key)).toMatchObject({
      availability: 'available',
    });
  });
});

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
    const captureId = await openOne();
    expect(await slotOf(database, captureId)).toBeNull();
    const first = await takeSlots(database, [captureId]);
    expect(await handAgain(database, first)).toMatchObject([{ captureId, round: 2 }]);
    // Somebody who looked before that hands nothing over a second time.
    expect(await handAgain(database, first)).toEqual([]);
    const mine = async () => (await slots(database)).find((slot) => slot.captureId === captureId);
    expect(await mine()).toMatchObject({ round: 2, finished: false });
    const before = await unfinishedCount(database);
    await close(captureId, 'x:status:1');
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

test('a refused change is an error that nobody should retry', async () => {
  const refused = database.query('delete from submissions');
  await expect(refused).rejects.toBeInstanceOf(PermanentError);
});
