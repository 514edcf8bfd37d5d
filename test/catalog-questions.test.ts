/** What `docs/catalog.md` promises to whoever asks the catalog with SQL. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeCapture } from '../src/catalog/captures.ts';
import { type Database, openDatabase } from '../src/catalog/database.ts';
import { insertEvents } from '../src/catalog/events.ts';
import { createCatalog, dropCatalog, migrate } from '../src/catalog/migrate.ts';
import { recordStep, type StepExtras } from '../src/catalog/steps.ts';
import { insertSubmissions } from '../src/catalog/submissions.ts';
import type { CaptureState } from '../src/model/capture-record.ts';
import { attempt, file, observation, open, post, submission } from './support/catalog.ts';
import { silent, type TestDatabase, testDatabase } from './support/database.ts';

const page = readFileSync(new URL('../docs/catalog.md', import.meta.url), 'utf8');
/** By the heading above it. */
const questions = new Map(
  [...page.matchAll(/### ([^\n]+)\n\n```sql\n(.*?)```/gs)].map(([, title = '', sql = '']) => [
    title,
    sql,
  ]),
);
const viewsInPage = new Map(
  [...page.matchAll(/^\| `(\w+)` \| [^|]+ \| (.+) \|$/gm)].map(([, view = '', columns = '']) => [
    view,
    [...columns.matchAll(/`(\w+)`/g)].map(([, column]) => column),
  ]),
);

const post1227 = 'x:status:1227600745067446272';
const elsewhere = 'web:https://example.org/copy';
const shared = 'a'.repeat(64);
const shot = {
  ...file('page/screenshot.full.png', { sha256: 'b'.repeat(64) }),
  role: 'screenshot.full' as const,
};

let held: TestDatabase;
let database: Database;
/** Connections of `holdfast_reader` alone. */
let reader: (sql: string) => Promise<Record<string, unknown>[]>;

beforeAll(async () => {
  held = await testDatabase();
  database = held.database;
  reader = (sql) =>
    database.transaction(async (tx) => {
      await tx.query(`set local time zone 'UTC'`);
      await tx.query('set local role holdfast_reader');
      return (await tx.query(sql)).rows;
    });
  await fill();
});

afterAll(() => held.close());

const captures: Record<string, string> = {};

/** A post that is gone, a page with the same video, a capture that failed, a link that was none. */
async function fill(): Promise<void> {
  captures.post = await kept(post1227, 'complete', {
    artifacts: [shot, file('media/1.mp4', { sha256: shared })],
    post: post({ handle: 'OIRSpox', text: 'a statement' }),
    observations: [
      observation(post1227, 'not-found', '2026-01-02'),
      observation(post1227, 'available', '2026-01-01'),
    ],
  });
  captures.page = await kept(elsewhere, 'complete', {
    artifacts: [file('media/1.mp4', { sha256: shared })],
  });
  captures.failed = await kept('web:https://example.org/away', 'failed', {}, 'dns');
  await insertSubmissions(database, [
    submission({ sourceKey: null, captureId: null, rejected: 'not-a-link', submittedBy: 'tester' }),
  ]);
  const lastMonth = new Date();
  lastMonth.setUTCDate(-5);
  const detail = { kind: 'deleted-by-author' };
  await insertEvents(database, null, [
    { kind: 'removed', sourceKey: post1227, detail, at: lastMonth },
    { kind: 'removed', sourceKey: post1227, detail, at: new Date('2020-03-01') },
  ]);
  await database.query(
    `insert into source_now (source_key, platform, party, availability, kind, since, assessment)
     values ($1, 'x', 'x', 'removed', 'deleted-by-author', now(), '{}')`,
    [post1227],
  );
  await stamp(captures.page);
}

async function kept(
  sourceKey: string,
  state: CaptureState,
  extras: StepExtras,
  reason: string | null = null,
): Promise<string> {
  const [captureId = ''] = await open(database, { sourceKey, caseName: 'convoy' });
  const made = attempt(captureId, { state: reason === null ? 'done' : 'failed', reason });
  await recordStep(database, made, extras);
  const now = new Date();
  const outcome = { captureId, sourceKey, state, startedAt: now, finishedAt: now };
  await closeCapture(database, { ...outcome, manifestSha256: hashLike(captureId) });
  return captureId;
}

function hashLike(id: string): string {
  return id.replaceAll('-', '').padEnd(64, '0');
}

/** The first entry of the log, with a checkpoint over it that an authority has stamped. */
async function stamp(captureId: string): Promise<void> {
  await database.query(
    `insert into log_entries (idx, body, id, type, at, case_seq, manifest_sha256)
     values (0, '{}', $1, 'capture', now(), 0, $2)`,
    [randomUUID(), hashLike(captureId)],
  );
  await database.query(
    `insert into checkpoints values (1, decode(repeat('00', 32), 'hex'), 'note', repeat('c', 64), now())`,
  );
  await database.query(
    `insert into checkpoint_timestamps values
       (1, 'tsa.example', repeat('d', 64), '2026-02-01T00:00Z', '1.2', '1', null, now())`,
  );
}

async function answer(title: string): Promise<Record<string, unknown>[]> {
  const sql = questions.get(title);
  if (sql === undefined) throw new Error(`docs/catalog.md doesn't ask: ${title}`);
  return reader(sql);
}

describe('the questions of docs/catalog.md, asked by a reader', () => {
  test('are ten, and each runs', async () => {
    expect(questions.size).toBe(10);
    for (const title of questions.keys()) await answer(title);
  });

  test('find what was taken down last month, and nothing of before', async () => {
    expect(await answer('What was taken down last month, by platform?')).toEqual([
      { platform: 'x', removed: 1, back_again: 0 },
    ]);
  });

  test('list a case with its screenshots', async () => {
    const rows = await answer(
      "Which captures does a case hold, each with its screenshot's digest?",
    );
    expect(rows.map(({ id, screenshot }) => [id, screenshot])).toEqual([
      [captures.post, shot.sha256],
      [captures.page, null],
      [captures.failed, null],
    ]);
  });

  test('find the same video under two sources', async () => {
    const rows = await answer(
      'Which pictures and videos were published under more than one source?',
    );
    expect(rows).toMatchObject([
      { sha256: shared, sources: 2, where_found: [elsewhere, post1227] },
    ]);
  });

  test('know which captures are stamped', async () => {
    const rows = await answer('Which captures are not stamped by an authority yet?');
    expect(rows.map(({ id }) => id)).toEqual([captures.post, captures.failed]);
    const [stamped] = await reader(
      `select log_index, checkpoint_size, stamped_at from evidence.captures where id = '${captures.page}'`,
    );
    expect(stamped).toEqual({
      log_index: 0,
      checkpoint_size: 1,
      stamped_at: new Date('2026-02-01T00:00Z'),
    });
  });

  test('find what is gone but kept, and what is incomplete, and why', async () => {
    expect(await answer('What is gone now but kept here?')).toMatchObject([
      { source: post1227, kind: 'deleted-by-author', captures: 1 },
    ]);
    expect(await answer('Which captures are not complete, and why?')).toMatchObject([
      { id: captures.failed, state: 'failed', step: 'record', reason: 'dns' },
    ]);
  });

  test('count submissions, answers, posts and bytes', async () => {
    expect(
      await answer('Who has submitted how much this year, and how much of it was rejected?'),
    ).toEqual([{ submitted_by: 'tester', links: 4, rejected: 1, sources: 3 }]);
    const routes = await answer('What did each route answer about a source, in order?');
    expect(routes.map(({ signal }) => signal)).toEqual(['available', 'not-found']);
    expect(
      await answer('Which posts of an author are kept, with the earliest capture of each?'),
    ).toMatchObject([{ post_id: '1227', captures: 1, text: 'a statement' }]);
    // The same bytes in two captures are held once.
    expect(await answer('How much does the vault hold for each case?')).toEqual([
      { case_name: 'convoy', files: 2, bytes: '10000000000' },
    ]);
  });
});

describe('the views', () => {
  test('are those that the page lists, column by column', async () => {
    const { rows } = await database.query<{ view: string; columns: string[] }>(
      `select table_name as view, array_agg(column_name::text order by ordinal_position) as columns
       from information_schema.columns where table_schema = 'evidence' group by table_name`,
    );
    const inDatabase = Object.fromEntries(rows.map(({ view, columns }) => [view, columns]));
    expect(Object.fromEntries(viewsInPage)).toEqual(inDatabase);
  });

  test('are all that a reader sees, and can’t be written', async () => {
    await expect(reader('select * from holdfast.captures')).rejects.toThrow(/permission denied/);
    await expect(reader('select * from holdfast.pseudonyms')).rejects.toThrow(/permission denied/);
    for (const sql of [
      `delete from evidence.events`,
      `update evidence.pages set title = ''`,
      `insert into evidence.events (id, kind) values (gen_random_uuid(), 'x')`,
    ]) {
      await expect(reader(sql), sql).rejects.toThrow(/permission denied/);
    }
  });

  test('of another catalog in the same database have a schema of their own', async () => {
    const other = await openDatabase({ connection: held.connection, schema: 'second', max: 2 });
    await migrate(other, silent);
    const asked = await reader('select count(*) as captures from second_evidence.captures');
    expect(asked).toEqual([{ captures: 0 }]);
    await dropCatalog(other);
    await expect(reader('select * from second_evidence.captures')).rejects.toThrow(
      /does not exist/,
    );
    await other.close();
  });

  test('come back with a catalog that is made anew, for readers too', async () => {
    const other = await openDatabase({ connection: held.connection, schema: 'again', max: 2 });
    await migrate(other, silent);
    await other.transaction(async (tx) => {
      await dropCatalog({ query: tx.query, schema: 'again' });
      await createCatalog({ query: tx.query, schema: 'again' });
    });
    expect(await reader('select * from again_evidence.captures')).toEqual([]);
    await dropCatalog(other);
    await other.close();
  });

  test('are made where no role may be, and the page’s lines then let readers in', async () => {
    const owner = `owner_${randomUUID().slice(0, 8)}`;
    const later = `reader_${randomUUID().slice(0, 8)}`;
    const lines = /```sql setup\n(.*?)```/s.exec(page)?.[1] ?? '';
    const name = (await database.query<{ name: string }>('select current_database() as name'))
      .rows[0]?.name;
    await database.query(
      `create role ${owner} nologin; grant create on database ${name} to ${owner}`,
    );
    try {
      await database.transaction(async (tx) => {
        await tx.query(`set local role ${owner}`);
        await createCatalog({ query: tx.query, schema: 'theirs' });
      });
      await database.query(
        lines.replaceAll('holdfast_reader', later).replaceAll('evidence', 'theirs_evidence'),
      );
      const rows = await database.transaction(async (tx) => {
        await tx.query(`set local role ${later}`);
        return (await tx.query('select * from theirs_evidence.takedowns')).rows;
      });
      expect(rows).toEqual([]);
    } finally {
      await database.query(`drop schema if exists theirs_evidence, theirs cascade`);
      await database.query(`drop owned by ${owner}; drop role ${owner}`);
      await database.query(`drop role if exists ${later}`);
    }
  });
});
