/**
 * Searching an archive of a million captures on the embedded database, with the settings that it
 * has: whole answers, as `find` and a page ask for them. And how quickly what is searched keeps up.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Database } from '../../src/catalog/database.ts';
import { countFacets } from '../../src/catalog/facets.ts';
import { findCaptures } from '../../src/catalog/find.ts';
import { keepSearchable } from '../../src/catalog/keep-searchable.ts';
import { type Bench, type BenchRun, median, percentile } from './bench.ts';
import { openSeeded } from './find-archive.ts';
import { asks, questions } from './find-questions.ts';
import { commonWord, contentOf, insert } from './find-seed.ts';

const added = 2_000;

export const bench: Bench = {
  async measure(run) {
    await using archive = await openSeeded(run.say);
    const { database, size } = archive;
    await saySizes(database, run);
    await measureQuestions(database, size, run);
    await measureKeepingUp(database, size, run);
  },
};

async function saySizes(database: Database, { say }: BenchRun): Promise<void> {
  const { rows } = await database.query<{ line: string }>(
    `select format('table %s, words beside it %s, keys of words %s, of addresses %s; shared_buffers %s, work_mem %s',
       pg_size_pretty(pg_relation_size('searchable_captures')),
       pg_size_pretty(pg_table_size('searchable_captures') - pg_relation_size('searchable_captures')),
       pg_size_pretty(pg_relation_size('searchable_captures_words')),
       pg_size_pretty(pg_relation_size('searchable_captures_addresses')),
       current_setting('shared_buffers'), current_setting('work_mem')) as line`,
  );
  say(rows[0]?.line ?? '');
}

async function measureQuestions(database: Database, size: number, { say }: BenchRun) {
  const clock = await clockOf(database);
  for (const [what, question] of Object.entries(questions(size))) {
    const ask = (i: number) => findCaptures(database, { limit: 50, ...question(i) });
    say(inWords(what, await timed(clock, ask)));
  }
  const facets = {
    'facets of everything': () => ({}),
    'facets of a common word': (i: number) => ({ text: `${commonWord} -nothing${i}` }),
  };
  for (const [what, question] of Object.entries(facets))
    say(inWords(what, await timed(clock, (i) => countFacets(database, question(i)))));
}

interface Timed {
  times: number[];
  /** Of this process and the server together: on a busy machine, waiting is not work. */
  processorTimes: number[];
  found: number;
}

async function timed(
  clock: () => number,
  ask: (i: number) => Promise<{ rows?: unknown[]; counted?: number }>,
): Promise<Timed> {
  const times: number[] = [];
  const processorTimes: number[] = [];
  let found = 0;
  for (let i = 0; i < asks; i += 1) {
    const [startedAt, before] = [performance.now(), clock()];
    const { rows, counted } = await ask(i);
    times.push(performance.now() - startedAt);
    processorTimes.push(clock() - before);
    found += rows?.length ?? counted ?? 0;
  }
  return { times, processorTimes, found: found / asks };
}

/** Processor time of this process and of its one connection's server process, in ms. */
async function clockOf(database: Database): Promise<() => number> {
  const { rows } = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
  const path = `/proc/${rows[0]?.pid}/schedstat`;
  const serverMs = () =>
    existsSync(path) ? Number(readFileSync(path, 'utf8').split(' ')[0]) / 1e6 : Number.NaN;
  return () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000 + serverMs();
  };
}

function inWords(what: string, { times, processorTimes, found }: Timed): string {
  const told = (values: number[]) =>
    `median ${median(values).toFixed(1)}, 95 % below ${percentile(values, 0.95).toFixed(1)} ms`;
  return `${what.padEnd(24)} ${told(times)}; processor time ${told(processorTimes)}; ${found.toFixed(1)} found each`;
}

/** Captures come in as stages write them; their rows are made one batch after the other. */
async function measureKeepingUp(database: Database, size: number, { say }: BenchRun) {
  const { rows } = await database.query<{ count: number }>(
    `select count(*) from captures where id >= $1`,
    [contentOf(size).captureId],
  );
  const from = size + (rows[0]?.count ?? 0);
  const contents = Array.from({ length: added }, (_, i) => contentOf(from + i));
  await insert(database, contents);
  await database.query('insert into searchable_stale (capture_id) select unnest($1::uuid[])', [
    contents.map(({ captureId }) => captureId),
  ]);
  const startedAt = performance.now();
  await keepSearchable(database, { wait: true });
  const seconds = (performance.now() - startedAt) / 1000;
  say(`${added} captures made searchable at ${(added / seconds).toFixed(0)} a second`);
  const startedAgain = performance.now();
  const found = await findCaptures(database, { text: commonWord, limit: 50 });
  say(
    `then the common word: ${(performance.now() - startedAgain).toFixed(1)} ms, ${found.rows.length} found`,
  );
}
