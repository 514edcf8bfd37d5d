/**
 * Fifty readers at the pages of a million captures: `holdfast serve` as it is, asked by a process of
 * its own for a page every five seconds each. Times are a reader's: from asking to the last byte.
 *
 * BENCH_SECONDS sets how long they read; BENCH_READERS how many there are.
 */
import assert from 'node:assert/strict';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Question } from '../../src/model/found-capture.ts';
import { type Bench, type BenchRun, median, percentile } from './bench.ts';
import { openSeeded, type SeededArchive } from './find-archive.ts';
import { asks, questions } from './find-questions.ts';
import { revisitedSources } from './find-seed-copies.ts';
import { processorSecondsOf } from './processor-seconds.ts';
import type { Load, Loaded } from './readers-load.ts';

const seconds = Number(process.env.BENCH_SECONDS ?? 120);
const readers = Number(process.env.BENCH_READERS ?? 50);
const everyMs = 5_000;
const program = fileURLToPath(new URL('../../scripts/holdfast.ts', import.meta.url));

/** What each kind of page is to answer within, for 19 readers in 20. */
const aimsMs: Record<string, number> = { source: 100 };
const aimMs = 50;
const aimGzipBytes = 30 * 1024;

const listPages = {
  overview: '/',
  captures: '/items',
  watches: '/watches',
  takedowns: '/takedowns',
  queue: '/queue',
};

export const bench: Bench = {
  async measure(run) {
    await using archive = await openSeeded(run.say);
    await using server = await serve(archive.home);
    const pages = await pagesOf(archive);
    const ask = (part: Partial<Load>) =>
      load({ ...server, readers, everyMs, seconds, pages, ...part });
    // Programs and caches are warm, as they are for all readers but the first.
    await ask({ readers: 1, everyMs: 100, seconds: 15 });
    const database = postmasterOf(archive.home);
    const before = [processorSecondsOf(server.pid), processorSecondsOf(database)] as const;
    const loaded = await ask({});
    const spent = {
      server: processorSecondsOf(server.pid) - before[0],
      database: processorSecondsOf(database) - before[1],
    };
    sayAll(loaded, spent, run);
  },
};

interface Server extends AsyncDisposable {
  pid: number;
  address: string;
  cookie: string;
}

async function serve(home: string): Promise<Server> {
  const child = spawn(process.execPath, [program, 'serve', '--no-work', '--port', '0'], {
    env: { ...process.env, HOLDFAST_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout });
  const [link] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  const opened = await fetch(link, { redirect: 'manual' });
  const cookie = opened.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  return {
    ...{ pid: child.pid ?? 0, address: link.slice(0, link.indexOf('/open/')), cookie },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** By turns of every kind: lists, searches with their facets, sources with a long history. */
async function pagesOf({ database, size }: SeededArchive): Promise<Load['pages']> {
  const sources = await revisitedSources(database, size);
  const asked = Object.values(questions(size));
  const lists = Object.entries(listPages);
  return Array.from({ length: asks * asked.length }, (_, i) => {
    const turn = Math.floor(i / 3);
    const [kind, path] = lists[turn % lists.length] ?? [];
    const question = asked[turn % asked.length]?.(Math.floor(turn / asked.length)) ?? {};
    const source = sources[turn % sources.length] ?? '';
    const pages = [
      { kind: kind ?? '', path: path ?? '' },
      { kind: 'search', path: `/items?${queryOf(question)}` },
      { kind: 'source', path: `/source?key=${encodeURIComponent(source)}` },
    ];
    return pages[i % pages.length] ?? { kind: '', path: '/' };
  });
}

function queryOf({ text, case: caseName, order, until }: Question): string {
  const query = new URLSearchParams();
  const said = { q: text, case: caseName, order, until: until?.toISOString().slice(0, 10) };
  for (const [name, value] of Object.entries(said)) if (value !== undefined) query.set(name, value);
  return query.toString();
}

async function load(asked: Load): Promise<Loaded> {
  const child = fork(new URL('./readers-load.ts', import.meta.url));
  child.send({ ...asked });
  const [loaded] = (await once(child, 'message')) as [Loaded];
  return loaded;
}

function postmasterOf(home: string): number {
  return Number(
    readFileSync(join(home, 'postgres', 'db', 'postmaster.pid'), 'utf8').split('\n')[0],
  );
}

function sayAll(
  { answers, processorSeconds }: Loaded,
  spent: { server: number; database: number },
  { say }: BenchRun,
): void {
  assert.deepEqual(
    answers.filter(({ status }) => status !== 200),
    [],
  );
  const each = (processor: number) => `${((processor / answers.length) * 1000).toFixed(1)} ms`;
  say(
    `${readers} readers, a page every ${everyMs / 1000} s each: ${answers.length} pages in ${seconds} s; ` +
      `processor time a page: holdfast serve ${each(spent.server)}, PostgreSQL ${each(spent.database)}, readers ${each(processorSeconds)}; ` +
      `load of the machine ${loadavg()
        .map((one) => one.toFixed(1))
        .join(' ')}`,
  );
  for (const [kind, of] of Map.groupBy(answers, ({ kind }) => kind)) say(inWords(kind, of));
}

function inWords(kind: string, answers: Loaded['answers']): string {
  const times = answers.map(({ ms }) => ms);
  const aim = aimsMs[kind] ?? aimMs;
  const most = Math.max(...answers.map(({ gzipBytes }) => gzipBytes));
  const isReached = percentile(times, 0.95) < aim && most < aimGzipBytes;
  return (
    `${kind.padEnd(10)} median ${median(times).toFixed(1)}, 95 % below ${percentile(times, 0.95).toFixed(1)} ms; ` +
    `${(most / 1024).toFixed(1)} KB compressed at most; wanted ${aim} ms and 30 KB: ${isReached ? 'reached' : 'MISSED'}`
  );
}
