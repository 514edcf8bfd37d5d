/** The catalog: what is written stays, steps, artifacts, closing. */
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PermanentError, UnreachableError } from '../src/base/errors.ts';
import { canonicalSource, insertAliases } from '../src/catalog/aliases.ts';
import { artifactByName, artifactsOf } from '../src/catalog/artifacts.ts';
import { captureIdFrom } from '../src/catalog/capture-id.ts';
import { existingCaptures, outcomeOf, unfinishedAmong } from '../src/catalog/captures.ts';
import { type Database, openDatabase, type Queryable } from '../src/catalog/database.ts';
import { eventsOf } from '../src/catalog/events.ts';
import { observationsOf } from '../src/catalog/observations.ts';
import { pagesOf } from '../src/catalog/pages.ts';
import { postOf } from '../src/catalog/posts.ts';
import { attemptsOf, finalStep, recordStep, stepsOf } from '../src/catalog/steps.ts';
import { insertSubmissions, submissionById } from '../src/catalog/submissions.ts';
import type { EventKind } from '../src/model/event-kinds.ts';
import {
  attempt,
  close,
  file,
  newKey,
  observation,
  openOne,
  post,
  record,
  submission,
} from './support/catalog.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { fc } from './support/property.ts';

let shared: TestDatabase;
let database: Database;

beforeAll(async () => {
  shared = await testDatabase();
  database = shared.database;
});

afterAll(() => shared.close());

describe('what was written first', () => {
  test('is neither changed nor deleted nor truncated, not even as a replica', async () => {
    const captureId = await openOne(database);
    await record(database, captureId, {
      artifacts: [file('a')],
      observations: [observation('s', 'available', '2026-01-01')],
      post: post(),
      pages: [{ view: 'page', finalUrl: 'u', httpStatus: 200, title: null, body: '' }],
      aliases: [{ aliasKey: 'a', sourceKey: 's', hops: [], seenAt: new Date() }],
      events: [{ kind: 'changed', sourceKey: null, detail: {}, at: new Date() }],
    });
    await close(database, captureId, 's');
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
    const captureId = await openOne(database);
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
      const captureId = await openOne(database);
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
    const captureId = await openOne(database);
    const broken = { ...file('x'), sha256: 'not a digest' };
    await expect(
      record(database, captureId, { post: post(), artifacts: [broken] }),
    ).rejects.toThrow();
    expect(await finalStep(database, captureId, 'record')).toBeNull();
    expect(await postOf(database, captureId)).toBeNull();
  });

  test('stand in the order of stages, whatever the order in which they ran', async () => {
    const captureId = await openOne(database);
    for (const step of ['seal', 'media', 'page', 'record']) {
      await recordStep(database, attempt(captureId, { step }));
    }
    const names = (await stepsOf(database, captureId)).map(({ name }) => name);
    expect(names).toEqual(['record', 'page', 'media', 'seal']);
  });

  test('hold what hostile pages say, in what PostgreSQL can hold', async () => {
    const key = `web:https://example.org/${'long'.repeat(2_000)}`;
    const captureId = await openOne(database, { sourceKey: key, link: key });
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
        const captureId = await openOne(database);
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
    const captureId = await openOne(database);
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
    const captureId = await openOne(database);
    expect(await unfinishedAmong(database, [captureId])).toEqual([captureId]);
    const closed = await Promise.all([1, 2, 3].map(() => close(database, captureId, 'x:status:1')));
    expect(closed.filter(Boolean)).toHaveLength(1);
    expect(await outcomeOf(database, captureId)).toMatchObject({ state: 'complete' });
    expect(await unfinishedAmong(database, [captureId])).toEqual([]);
  });

  test('an id may be given by its beginning or its end', async () => {
    const captureId = await openOne(database);
    expect(await captureIdFrom(database, captureId.toUpperCase())).toBe(captureId);
    expect(await captureIdFrom(database, captureId.slice(-8))).toBe(captureId);
    expect(await captureIdFrom(database, captureId.slice(0, 30))).toBe(captureId);
    await openOne(database);
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
    const ids = [await openOne(database), await openOne(database)];
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
    const first = await openOne(database, { sourceKey: key });
    expect(await existingCaptures(database, [key, newKey()])).toEqual(new Map([[key, first]]));
    await close(database, first, key, 'failed');
    expect(await existingCaptures(database, [key])).toEqual(new Map());
    const second = await openOne(database, { sourceKey: key });
    await close(database, second, key);
    const third = await openOne(database, { sourceKey: key });
    await close(database, third, key, 'failed');
    expect(await existingCaptures(database, [key])).toEqual(new Map([[key, second]]));
  });

  test('a short link counts as what it leads to, both ways, while and after it is captured', async () => {
    const [short, target] = [`x:tco:${uuidv7()}`, newKey()];
    const captureId = await openOne(database, { sourceKey: short });
    await insertAliases(database, captureId, [
      { aliasKey: short, sourceKey: target, hops: [], seenAt: new Date() },
    ]);
    const both = new Map([
      [short, captureId],
      [target, captureId],
    ]);
    expect(await existingCaptures(database, [short, target])).toEqual(both);
    await close(database, captureId, target);
    expect(await existingCaptures(database, [short, target])).toEqual(both);
    expect(await canonicalSource(database, short)).toBe(target);
  });

  test('a link that leads elsewhere now is not kept because of what it led to before', async () => {
    const [short, before, now] = [newKey(), newKey(), newKey()];
    const first = await openOne(database, { sourceKey: short });
    await insertAliases(database, first, [
      { aliasKey: short, sourceKey: before, hops: [], seenAt: new Date('2026-01-01') },
    ]);
    await close(database, first, before);
    const second = await openOne(database, { sourceKey: short });
    await insertAliases(database, second, [
      { aliasKey: short, sourceKey: now, hops: [], seenAt: new Date('2026-02-01') },
    ]);
    await close(database, second, now, 'failed');
    expect(await existingCaptures(database, [short, before])).toEqual(new Map([[before, first]]));
  });

  test('links that lead to each other in a circle end somewhere', async () => {
    const [one, two] = [newKey(), newKey()];
    const captureId = await openOne(database, { sourceKey: one });
    await insertAliases(database, captureId, [
      { aliasKey: one, sourceKey: two, hops: [], seenAt: new Date() },
      { aliasKey: two, sourceKey: one, hops: [], seenAt: new Date() },
    ]);
    expect([one, two]).toContain(await canonicalSource(database, one));
    expect((await existingCaptures(database, [one])).get(one)).toBe(captureId);
  });
});

test('a refused change is an error that nobody should retry', async () => {
  const refused = database.query('delete from submissions');
  await expect(refused).rejects.toBeInstanceOf(PermanentError);
});
