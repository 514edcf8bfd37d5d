/** What pages ask, of an archive with thousands of captures: looked up by keys, however much else is there. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { middlingWord, seed } from '../scripts/bench/find-seed.ts';
import { revisited, revisitedSources } from '../scripts/bench/find-seed-copies.ts';
import type { Database, Queryable } from '../src/catalog/database.ts';
import { findCaptures } from '../src/catalog/find.ts';
import { overviewCounts, sourcesInDoubt } from '../src/catalog/overview.ts';
import { sourcesNow } from '../src/catalog/source-now.ts';
import { historyOf } from '../src/pipeline/answers/timeline.ts';
import { phraseLookUp } from '../src/search/query/terms.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';

const size = 2_000;
let held: TestDatabase;
let database: Database;
let sources: string[];

beforeAll(async () => {
  held = await testDatabase();
  database = held.database;
  await seed(database, size, () => undefined);
  sources = await revisitedSources(database, size);
});
afterAll(() => held.close());

/** Rows that were read, of tables and by their keys alike. */
function rowsRead(tables: string[], ask: (tx: Queryable) => Promise<unknown>): Promise<number> {
  return database.transaction(async (tx) => {
    // Small tables are read whole sooner than by their keys; these stand for large ones.
    await tx.query('set local enable_seqscan = off');
    const before = await rowsReadSoFar(tx, tables);
    await ask(tx);
    return (await rowsReadSoFar(tx, tables)) - before;
  });
}

async function rowsReadSoFar(tx: Queryable, tables: string[]): Promise<number> {
  const { rows } = await tx.query<{ read: number }>(
    `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::integer as read
     from pg_stat_xact_user_tables where relname = any($1) and schemaname = current_schema()`,
    [tables],
  );
  return rows[0]?.read ?? 0;
}

test('the history of a source reads what is of the source', async () => {
  const tables = ['captures', 'capture_outcomes', 'submissions'];
  const [source = ''] = sources;
  const history = await historyOf(database, source);
  expect(history.entries.filter(({ what }) => what === 'closed')).toHaveLength(revisited.times + 1);
  const read = await rowsRead(tables, (tx) => historyOf(tx, source));
  expect(read).toBeLessThan(tables.length * 4 * revisited.times);
});

test('what is so now of watched sources is not read out of all that was ever observed', async () => {
  const now = await sourcesNow(database, sources);
  expect(new Set([...now.values()].map(({ lastCheck }) => lastCheck !== null))).toEqual(
    new Set([true]),
  );
  const read = await rowsRead(['observations'], (tx) => sourcesNow(tx, sources));
  expect(read).toBeLessThan(4 * sources.length);
});

test('the overview counts a week without reading what went well in it', async () => {
  const { rows } = await database.query<{ state: string; count: number; today: number }>(
    `select state, count(*), count(*) filter (where opened_at >= now() - interval '1 day') as today
     from captures join capture_outcomes on capture_id = captures.id
     where opened_at >= now() - interval '7 days' group by state`,
  );
  const counts = await overviewCounts(database);
  expect(counts.states).toEqual(Object.fromEntries(rows.map(({ state, count }) => [state, count])));
  expect(counts.week).toBe(rows.reduce((sum, { count }) => sum + count, 0));
  expect(counts.today).toBe(rows.reduce((sum, { today }) => sum + today, 0));
  const read = await rowsRead(['capture_outcomes'], overviewCounts);
  expect(read).toBeLessThan(counts.week / 10);
});

test('sources in doubt are the latest of all, whatever the doubt is', async () => {
  const { rows } = await database.query<{ key: string }>(
    `select source_key as key from source_now
     where availability in ('suspect', 'removed', 'restricted')
     order by since desc nulls last limit 6`,
  );
  const doubts = await sourcesInDoubt(database, 6);
  expect(doubts.map(({ sourceKey }) => sourceKey)).toEqual(rows.map(({ key }) => key));
});

test('a phrase is looked up by its pairs of words: few captures are read that do not hold it', async () => {
  const count = async (query: string) =>
    (
      await database.query<{ count: number }>(
        'select count(*) from searchable_captures where words @@ $1::tsquery',
        [query],
      )
    ).rows[0]?.count ?? 0;
  const phrase = `army ${middlingWord(3)}`;
  const holding = await count(phrase.replace(' ', '<->'));
  const lookUp = phraseLookUp(phrase) ?? '';
  expect(await count(lookUp)).toBe(holding);
  // Without their places, as an index knows them.
  expect(await count(lookUp.replace('<->', '&'))).toBeLessThan(1.1 * holding);
  expect(await count(phrase.replace(' ', '&'))).toBeGreaterThan(2 * holding);
  const found = await findCaptures(database, { text: `"${phrase}"`, limit: 1_000 });
  expect(found.rows).toHaveLength(holding);
});

test('the word before a phrase, and one that only follows it elsewhere, change nothing', async () => {
  const { rows } = await database.query<{ word: string }>(
    `select split_part(body, ' ', 2) as word from captured_posts where body like 'army %' limit 1`,
  );
  const [first] = rows;
  const found = await findCaptures(database, {
    text: `"army ${first?.word}" -"${first?.word} army"`,
  });
  const texts = await database.query<{ body: string }>(
    'select body from captured_posts where capture_id = any($1)',
    [found.rows.map(({ id }) => id)],
  );
  expect(texts.rows.length).toBeGreaterThan(0);
  for (const { body } of texts.rows) {
    expect(` ${body} `).toContain(` army ${first?.word} `);
    expect(` ${body} `).not.toContain(` ${first?.word} army `);
  }
});
