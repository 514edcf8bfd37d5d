/** What the catalog answers: finding, the record of a capture, what is known of a source now. */
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { UsageError } from '../src/base/errors.ts';
import { closeCapture } from '../src/catalog/captures.ts';
import type { Database } from '../src/catalog/database.ts';
import { findCaptures } from '../src/catalog/find.ts';
import { insertObservations } from '../src/catalog/observations.ts';
import { captureRecord } from '../src/catalog/show.ts';
import { sourcesNow } from '../src/catalog/source-now.ts';
import { recordStep } from '../src/catalog/steps.ts';
import { printCaptures } from '../src/cli/terminal/capture-report.ts';
import {
  attempt,
  file,
  newKey,
  observation,
  open,
  openOne,
  post,
  record,
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

describe('finding', () => {
  test('by what is in it and around it', async () => {
    const key = newKey();
    const [caseName, tag] = ['Qamishli convoy', `tag-${key}`];
    const captureId = await openOne(database, {
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
    const captureId = await openOne(database, { sourceKey: short });
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
      if (seen.length === 10) await openOne(database, { caseName }); // newer ones don't disturb
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
      cases: ['c'],
      tags: ['t'],
      submissions: [
        {
          capture: id,
          link: ' https://x.com/1 ',
          case: 'c',
          tags: ['t'],
          note: 'n',
          by: 'tester',
          reason: 'r',
          at: '2026-01-01T00:00:00.000Z',
        },
      ],
      filings: [],
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

  test('says where the link led, and that an error page may be all there was', async () => {
    const id = await openOne(database, { sourceKey: newKey() });
    const view = { view: 'page', notes: [], facts: {} };
    const page = { view: 'page', finalUrl: 'https://news.example/gone', title: null, body: '' };
    await recordStep(database, attempt(id, { step: 'page', detail: { views: [view] } }), {
      pages: [{ ...page, httpStatus: 404 }],
    });
    const shown = await captureRecord(database, id);
    expect(shown?.views).toMatchObject([{ finalUrl: page.finalUrl, httpStatus: 404 }]);
    expect(shown?.warnings.join()).toMatch(/HTTP 404.*error page/);
  });

  test('names what a page asked for and is not kept, and so it is printed', async () => {
    const id = await openOne(database, { sourceKey: newKey() });
    const url = 'https://news.example/order.pdf';
    const view = { view: 'page', notes: [], facts: { notKept: [{ url, reason: 'unseen' }] } };
    await recordStep(database, attempt(id, { step: 'page', detail: { views: [view] } }));
    const shown = await captureRecord(database, id);
    expect(shown?.views).toMatchObject([{ name: 'page', notKept: [{ url, reason: 'unseen' }] }]);
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    printCaptures(shown === null ? [] : [shown], 'table');
    const printed = write.mock.calls.join('').replace(/\s+/g, ' ');
    write.mockRestore();
    expect(printed).toContain(`not kept ${url}: unseen`);
  });

  test('of many captures a list is printed, of a few all that is known', async () => {
    const id = await openOne(database, { sourceKey: newKey() });
    const shown = await captureRecord(database, id);
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const printed = (count: number) => {
      write.mockClear();
      printCaptures(shown === null ? [] : Array(count).fill(shown), 'table', { mostWhole: 3 });
      return write.mock.calls.join('');
    };
    expect(printed(3)).toContain('asked by');
    expect(printed(4)).not.toContain('asked by');
    expect(printed(4)).toMatch(/^CAPTURE +STATE/);
    write.mockRestore();
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
    const captureId = await openOne(database, { sourceKey: key });
    await insertObservations(database, captureId, [
      observation(key, 'available', one),
      observation(key, 'login-required', two),
    ]);
    expect((await sourcesNow(database, [key])).get(key)).toMatchObject({
      availability: 'available',
    });
  });
});
