/** Other programs enqueue: a plain BullMQ producer, which knows only what `holdfast config` prints. */
import { type ChildProcess, spawn } from 'node:child_process';
import { json, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { slots } from '../src/catalog/feeder.ts';
import { submissionById } from '../src/catalog/submissions.ts';
import { listWatches } from '../src/catalog/watches.ts';
import { mostLinks, mostTextBytes, submitFromJob } from '../src/pipeline/requests/submit-job.ts';
import type { Workers } from '../src/queue/queue.ts';
import { startWorkers } from '../workers/main.ts';
import { backends, type TestHoldfast, testHoldfast } from './support/holdfast.ts';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** One that is left would look for a server that is gone, and hold the output of this process open. */
const programs = new Set<ChildProcess>();
afterEach(() => {
  for (const program of programs) program.kill('SIGKILL');
});

interface Ended {
  id: string;
  result?: { schema: string; submissions: Record<string, unknown>[] };
  failed?: string;
}

describe.each(backends)('a producer on %s', (backend) => {
  let holdfast: TestHoldfast;
  let workers: Workers;
  let address: string[];
  beforeAll(async () => {
    holdfast = await testHoldfast({ backend });
    // Nothing is captured here: what a submission leads to is known before.
    workers = await startWorkers(holdfast.app, { only: ['submit'] });
    const { home, databaseUrl, redisUrl } = holdfast.config;
    const settings = { HOLDFAST_HOME: home, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl };
    const { jobs } = (await json(
      run(file('../scripts/holdfast.ts'), ['config', '--json'], settings),
    )) as { jobs: { backend: string; prefix: string; queues: { submit: string } } };
    address = [jobs.backend, jobs.prefix, jobs.queues.submit, redisUrl ?? databaseUrl ?? ''];
  });
  afterAll(async () => {
    await workers?.close(0);
    await holdfast?.[Symbol.asyncDispose]();
  });

  async function produced(...jobs: { data: unknown; options?: object }[]): Promise<Ended[]> {
    const lines = await text(run(file('support/plain-producer.ts'), address, {}, jobs));
    return lines
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Ended);
  }

  const good = { schema: 'holdfast.submit/1', text: 'see https://example.org/one', by: 'desk' };

  test('hears what became of every link, as if a person had added them', async () => {
    const [ended] = await produced({
      data: {
        ...good,
        text: 'https://example.org/a and https://x.com/a/status/12x',
        case: 'harbour',
        options: { tags: ['night'], note: 'from the wire', priority: 7, watch: '6h' },
      },
    });
    const { database } = holdfast.app.parts;
    expect(ended?.result).toMatchObject({
      schema: 'holdfast.submitted/1',
      submissions: [
        { key: 'web:https://example.org/a', rejected: null, opened: true },
        { key: null, rejected: 'bad-id', captureId: null },
      ],
    });
    const [kept] = ended?.result?.submissions ?? [];
    expect(await submissionById(database, String(kept?.submissionId))).toMatchObject({
      origin: 'program',
      submittedBy: 'desk',
      caseName: 'harbour',
      tags: ['night'],
      note: 'from the wire',
      priority: 7,
    });
    // Rows first, and the feeder after: the capture has been handed over.
    expect((await slots(database)).map(({ captureId }) => captureId)).toContain(kept?.captureId);
    expect(await listWatches(database)).toMatchObject([
      { sourceKey: 'web:https://example.org/a', everyMs: 6 * 3_600_000, createdBy: 'desk' },
    ]);
  });

  test('is told by a stable code why a payload is not taken, and the worker goes on', async () => {
    const long = `${'https://example.org/ '.repeat(60)}${'x'.repeat(mostTextBytes)}`;
    const many = Array.from({ length: mostLinks + 1 }, (_, n) => `https://e.org/${n}`).join(' ');
    const hostile: [data: unknown, reason: RegExp][] = [
      [null, /^bad-payload: /],
      [7, /^bad-payload: /],
      ['https://example.org/', /^bad-payload: /],
      [[good], /^bad-payload: /],
      [{}, /^bad-payload: .*schema/],
      [{ ...good, schema: 'holdfast.submit/2' }, /^bad-payload: .*schema/],
      [{ ...good, by: undefined }, /^bad-payload: .*by/],
      [{ ...good, by: '' }, /^bad-payload: .*by: must not be empty/],
      [{ ...good, text: { toString: 'x' } }, /^bad-payload: .*text/],
      [{ ...good, captureId: 'mine' }, /^bad-payload: .*captureId/],
      [{ ...good, waitedMs: -1 }, /^bad-payload: .*waitedMs/],
      [JSON.parse(`{"__proto__":{"text":"x"},${JSON.stringify(good).slice(1)}`), /^bad-payload: /],
      [{ ...good, options: { profile: 'press' } }, /^bad-payload: .*profile/],
      [{ ...good, options: { origin: 'human' } }, /^bad-payload: .*origin/],
      [{ ...good, options: { priority: 1e9 } }, /^bad-payload: .*priority/],
      [{ ...good, options: { tags: Array(101).fill('x') } }, /^bad-payload: .*tags/],
      [{ ...good, ['k'.repeat(100_000)]: 1 }, /^bad-payload: .{0,600}$/],
      [{ ...good, text: long }, /^too-large: /],
      [{ ...good, text: many }, /^too-many-links: /],
      [{ ...good, options: { follow: 'some' } }, /^bad-payload: .*follow/],
      [{ ...good, options: { platforms: ['telegramm'] } }, /^no-such-platform: /],
      [{ ...good, text: 'nothing to capture' }, /^no-links: /],
      [{ ...good, case: 'c'.repeat(201) }, /^too-long: /],
      [{ ...good, options: { watch: 'now and then' } }, /^bad-plan: /],
      [{ ...good, options: { watch: '6h', timeZone: 'Mars' } }, /^bad-plan: /],
    ];
    const before = await submissionCount();
    const ended = await produced(...hostile.map(([data]) => ({ data })), { data: good });
    expect(ended).toHaveLength(hostile.length + 1);
    for (const [index, [, reason]] of hostile.entries())
      expect(ended[index]?.failed, JSON.stringify(hostile[index]).slice(0, 80)).toMatch(reason);
    expect(ended.at(-1)?.result?.submissions).toMatchObject([{ opened: true }]);
    expect(await submissionCount()).toBe(before + 1);
    expect(workers.running()).toBe(0);
  }, 60_000);

  test('chooses what of an article is followed, and hears what was not', async () => {
    const article = `<nav><a href="https://example.org/menu">Menu</a></nav><main><p>As a long sentence says,
      <a href="https://example.org/source">a source</a> and <a href="https://t.me/channel/7">a post</a>.</p></main>`;
    const [ended] = await produced({
      data: { ...good, text: article, options: { platforms: ['telegram'] } },
    });
    expect(ended?.result).toMatchObject({
      submissions: [{ key: 'web:https://t.me/channel/7' }],
      leftAside: [
        { link: 'https://example.org/menu', why: 'navigation' },
        { link: 'https://example.org/source', why: 'other-platform' },
      ],
    });
  });

  test('may have its job run twice: the same comes of it, once', async () => {
    const { parts } = holdfast.app;
    const queue = await holdfast.app.queue();
    const data = { ...good, text: 'https://example.org/twice', options: { again: true } };
    const job = { id: '4711', addedAt: new Date('2026-11-24T12:00:00Z'), data };
    const before = await submissionCount();
    const first = await submitFromJob(parts, queue, job);
    expect(await submitFromJob(parts, queue, job)).toEqual(first);
    expect(await submissionCount()).toBe(before + 1);
    const other = await submitFromJob(parts, queue, { ...job, id: '4712' });
    expect(other.submissions[0]?.captureId).not.toBe(first.submissions[0]?.captureId);
  });

  test('whose worker died between the file and its rows gets what the file says', async () => {
    const { parts } = holdfast.app;
    const queue = await holdfast.app.queue();
    const data = { ...good, text: 'https://example.org/half', options: { again: true } };
    const job = { id: '4713', addedAt: new Date('2026-11-24T12:00:00Z'), data };
    const cut = new Error('killed');
    const keep = parts.vault.keepRecord.bind(parts.vault);
    vi.spyOn(parts.vault, 'keepRecord').mockImplementationOnce(async (...record) => {
      await keep(...record);
      throw cut;
    });
    const before = await submissionCount();
    await expect(submitFromJob(parts, queue, job)).rejects.toBe(cut);
    expect(await submissionCount()).toBe(before);
    const { submissions } = await submitFromJob(parts, queue, job);
    expect(await submissionCount()).toBe(before + 1);
    expect(submissions).toMatchObject([{ key: 'web:https://example.org/half', opened: true }]);
    expect(await submitFromJob(parts, queue, job)).toEqual({
      schema: 'holdfast.submitted/1',
      submissions,
    });
  });

  async function submissionCount(): Promise<number> {
    const { database } = holdfast.app.parts;
    const { rows } = await database.query<{ n: number }>('select count(*) as n from submissions');
    return rows[0]?.n ?? 0;
  }
});

/** Its standard output, which ends when the program does. */
function run(
  script: string,
  args: string[],
  settings: Record<string, string | null>,
  input?: unknown,
) {
  const given = Object.entries(settings).filter(([, value]) => value !== null);
  const env = { PATH: process.env.PATH, ...Object.fromEntries(given) };
  const child = spawn(process.execPath, [script, ...args], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  programs.add(child);
  child.once('close', () => programs.delete(child));
  child.stdin.end(JSON.stringify(input ?? null));
  return child.stdout;
}
