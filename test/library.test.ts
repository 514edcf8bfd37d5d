/** The three scripts of the user's wish, and the library that they show. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApp } from '../src/app.ts';
import { insertEvents } from '../src/catalog/events.ts';
import { readConfig } from '../src/config/config.ts';
import {
  type CatalogEvent,
  ConfigError,
  type Finding,
  type Holdfast,
  HoldfastError,
  openHoldfast,
  UsageError,
} from '../src/index.ts';
import { type SmallInternet, startSmallInternet } from './internet/small-internet.ts';
import { startWorkerProcess, type WorkerProcess } from './prove/worker-process.ts';
import { until } from './support/queues.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-library-'));
const script = (name: string) => fileURLToPath(new URL(`../scripts/${name}.ts`, import.meta.url));
let internet: SmallInternet;
let environment: Record<string, string>;
let worker: WorkerProcess | null = null;

beforeAll(async () => {
  internet = await startSmallInternet();
  internet.world.addPage('https://library.example.org/', {
    html: '<!doctype html><title>Library</title><p>A page for three scripts.</p>',
  });
  environment = {
    HOLDFAST_HOME: join(folder, 'data'),
    HOLDFAST_LOG_LEVEL: 'error',
    ...internet.environment,
  };
});
afterAll(async () => {
  await worker?.stop();
  await internet[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function run(name: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, ...environment };
  return (await promisify(execFile)(process.execPath, [script(name), ...args], { env })).stdout;
}

describe('the three scripts', () => {
  test('are under 40 lines each', () => {
    for (const name of ['enqueue', 'schedule', 'query']) {
      expect(readFileSync(script(name), 'utf8').split('\n').length).toBeLessThan(40);
    }
  });

  test('enqueue links, schedule a source, and query what was kept', async () => {
    expect(await run('enqueue', 'See https://library.example.org/ for it', 'case-one')).toMatch(
      /^[0-9a-f-]{36} web:https:\/\/library\.example\.org\/$/m,
    );
    expect(
      await run('schedule', 'https://library.example.org/', '0 6 * * *', 'Europe/Berlin'),
    ).toContain('is due');
    worker = startWorkerProcess(environment);
    await using holdfast = await openHoldfast(environment);
    const found = async () => (await holdfast.find({ case: 'case-one' })).rows;
    await until(async () => (await found()).some(({ state }) => state === 'complete'), 90_000);
    expect(await run('query', 'three scripts')).toContain('\tcomplete\t');
  }, 120_000);
});

test('the library shows, verifies and exports what the workers kept', async () => {
  await using holdfast = await openHoldfast(environment);
  const { rows } = await holdfast.find({ case: 'case-one' });
  const capture = await holdfast.show(rows[0]?.id ?? '');
  expect(capture).toMatchObject({ state: 'complete', source: 'web:https://library.example.org/' });
  for await (const check of holdfast.verify([capture.id])) expect(check.ok).toBe(true);
  const exported = await holdfast.export(capture.id, join(folder, 'out'));
  const checked = execFileSync('sha256sum', ['--check', '--quiet', '--strict', 'SHA256SUMS'], {
    cwd: exported.folder,
  });
  expect(checked.toString()).toBe('');
  await expect(holdfast.export(capture.id, join(folder, 'out'))).rejects.toMatchObject({
    code: 'exists',
  });
}, 60_000);

describe('a program of its own', () => {
  let holdfast: Holdfast;
  let own: Record<string, string>;
  const id = '1227381802398646272';
  const post = `https://x.com/i/status/${id}`;
  const source = `x:status:${id}`;
  const canary = '1227381802398646273';

  beforeAll(async () => {
    own = {
      ...environment,
      HOLDFAST_HOME: join(folder, 'own'),
      HOLDFAST_OPERATOR: 'tester',
      HOLDFAST_HOST_INTERVAL_MS: '0',
      HOLDFAST_PAGE_QUIET_MS: '500',
      HOLDFAST_OCR_LANGUAGES: 'none',
      HOLDFAST_YTDLP: 'none',
      HOLDFAST_CANARIES: `good=x:status:${canary},gone=x:status:20`,
      HOLDFAST_CONCURRENCY: '3',
    };
    holdfast = await openHoldfast(own);
    const { world } = internet;
    const author = { id: '90000009', handle: 'example', name: 'Example' };
    world.addPost({
      id,
      author,
      text: 'A post with a picture.',
      media: [{ kind: 'picture', picture: { width: 640, height: 480, hue: 200, lines: ['a'] } }],
    });
    world.addPost({ id: canary, author, text: 'A post that stays.' });
    world.addPage('https://library.example.org/second', { html: '<title>Second</title><p>Two.' });
    world.addPage('https://library.example.org/folded', {
      html: `<title>Folded</title><p>Seen by all.</p><button onclick="this.outerHTML = '<p>the unfolded part</p>'">Show more</button>`,
    });
    world.addPage('https://library.example.org/stuck', { handler: () => new Promise(() => {}) });
  });
  afterAll(() => holdfast?.close());

  test('archives a text: what was kept, and which links could not be', async () => {
    const { submitted, captures } = await holdfast.archive(`${post} https://x.com/a/status/12x`, {
      case: 'case-two',
      tags: ['night'],
      reason: 'a test',
    });
    expect(submitted).toMatchObject([{ key: source, opened: true }, { rejected: 'bad-id' }]);
    expect(captures).toMatchObject([
      { state: 'complete', source, submission: { case: 'case-two', by: 'tester' } },
    ]);
    expect(captures[0]?.artifacts.map(({ role }) => role)).toContain('media.original');
    const again = await holdfast.archive(post);
    expect(again.submitted).toMatchObject([{ opened: false }]);
    expect(again.captures.map((capture) => capture.id)).toEqual([captures[0]?.id]);
    expect(await holdfast.archive('no link in here')).toEqual({ submitted: [], captures: [] });
  }, 90_000);

  test('finds by whatever a person would name, a page at a time', async () => {
    const { rows } = await holdfast.find({ source: post, author: '@example', limit: 1 });
    expect(rows).toMatchObject([{ source, case: 'case-two' }]);
    expect((await holdfast.find({ text: 'picture' })).rows).toHaveLength(1);
    expect((await holdfast.find({ until: new Date(0) })).rows).toEqual([]);
  });

  test('hands out chosen files, and knows the copies of a file', async () => {
    const { rows } = await holdfast.find({ source });
    const captureId = rows[0]?.id ?? '';
    const { folder: out, files } = await holdfast.export(captureId, join(folder, 'media'), {
      roles: ['media.original'],
    });
    const { artifacts } = await holdfast.show(captureId.slice(0, 13));
    const originals = artifacts.filter(({ role }) => role === 'media.original');
    expect(files).toBe(originals.length);
    const original = originals.find(({ media }) => media?.width === 640);
    const [answer] = await holdfast.similar(join(out, original?.name ?? ''));
    expect(answer?.similar).toMatchObject([
      { sha256: original?.sha256, best: { distance: 0, turned: 'original' } },
    ]);
    expect(answer?.similar[0]?.places[0].captureId).toBe(captureId);
    // Nobody else holds it.
    expect((await holdfast.similar(captureId))[0]?.similar).toEqual([]);
    await expect(
      holdfast.export(captureId, join(folder, 'none'), { roles: ['media.orignal'] }),
    ).rejects.toMatchObject({ code: 'no-such-role' });
  });

  test('looks at a source, and is told of what it finds', async () => {
    expect(await holdfast.check(post)).toMatchObject({ source, availability: 'available' });
    const events = holdfast.events({ kinds: ['suspect'] });
    internet.world.delete(id);
    expect(await holdfast.check(source)).toMatchObject({ happened: ['suspect'] });
    const { value } = await events.next();
    expect(value).toMatchObject({ kind: 'suspect', source });
    await events.return();
    internet.world.restore(id);
  });

  test('works until nothing is left, or until it is told to stop', async () => {
    const [added] = await holdfast.add('https://library.example.org/second', { watch: '6h' });
    const work = await holdfast.work({ untilDone: true, concurrency: 1 });
    await work.ended;
    expect(work.running()).toBe(0);
    expect(await holdfast.show(added?.captureId ?? '')).toMatchObject({ state: 'complete' });

    const stopping = new AbortController();
    const sealing = await holdfast.work({ only: ['seal', 'submit'], signal: stopping.signal });
    stopping.abort();
    await sealing.ended;
    await using third = await holdfast.work({ only: ['seal'] });
    await third.stop(0);
    await third.ended;
  }, 90_000);

  test('goes on after the event that it dealt with last', async () => {
    const seen: CatalogEvent[] = [];
    for await (const event of holdfast.events({ since: 'beginning', kinds: ['capture.closed'] })) {
      seen.push(event);
      if (seen.length === 2) break;
    }
    expect(seen).toMatchObject([{ source }, { source: 'web:https://library.example.org/second' }]);
    const rest = holdfast.events({ since: seen[0]?.cursor ?? '', kinds: ['capture.closed'] });
    expect((await rest.next()).value).toEqual(seen[1]);
    await rest.return();
  });

  test('lists what was found removed in a period', async () => {
    await using app = await openApp(readConfig(own), { make: null });
    const at = new Date('2026-03-05T12:00:00Z');
    await insertEvents(app.parts.database, null, [
      { kind: 'removed', sourceKey: source, detail: { kind: 'deleted-by-author' }, at },
    ]);
    expect(await holdfast.takedowns()).toMatchObject([
      { sourceKey: source, kind: 'deleted-by-author', authorHandle: 'example', confirmedAt: at },
    ]);
    expect(await holdfast.takedowns({ to: at })).toEqual([]);
    expect(await holdfast.takedowns({ from: at })).toHaveLength(1);
  });

  test('says how the queue and the seal stand', async () => {
    expect(await holdfast.status()).toMatchObject({
      schema: 'holdfast.status/1',
      environment: 'live',
      backend: 'postgres',
      unfinished: 0,
      stuck: [],
      stages: { resolve: { active: 0 }, submit: { failed: 0 } },
      seal: { log: { entries: expect.any(Number) } },
    });
  });

  test('verifies everything, the log included', async () => {
    const findings: Finding[] = [];
    for await (const finding of holdfast.verify()) findings.push(finding);
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
    expect(findings.some(({ captureId }) => captureId === null)).toBe(true);
  });

  test('refuses what it does not know or can not use, each time by a stable code', async () => {
    // As plain JavaScript calls it, where no compiler looks first.
    const loose = holdfast as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
    const later = new Date('2026-02-01');
    const rows: [verb: string, given: unknown[], code: string, words: RegExp][] = [
      ['add', [7], 'bad-argument', /text must be a string, not number/],
      ['add', [''], 'bad-argument', /text must not be empty/],
      ['add', [post, { cas: 'x' }], 'unknown-option', /"cas".*it has case, tags/],
      ['add', [post, { case: '' }], 'bad-option', /case: must not be empty/],
      ['add', [post, { case: 'c'.repeat(201) }], 'too-long', /200 characters/],
      ['add', [post, { tags: 'night' }], 'bad-option', /tags/],
      ['add', [post, { priority: 1.5 }], 'bad-option', /priority/],
      ['add', [post, { watch: 'now and then' }], 'bad-plan', /6h/],
      ['add', [post, { profile: 'press' }], 'no-profile', /holdfast profile add/],
      ['add', [post, { format: 'pdf' }], 'bad-option', /format/],
      ['add', [post, { steps: [{ do: 'hover' }] }], 'bad-option', /steps.0.*click, wait/],
      ['add', [post, { platforms: ['y'] }], 'no-such-platform', /x, telegram/],
      ['add', [post, null], 'bad-option', /add: /],
      ['add', [post, { origin: 'watch' }], 'unknown-option', /origin/],
      ['archive', [post, { signal: 'now' }], 'bad-option', /signal/],
      ['work', [{ only: ['pages'] }], 'bad-option', /only/],
      ['work', [{ concurrency: 0 }], 'bad-option', /concurrency/],
      ['watch', [post, '999999w'], 'bad-plan', /ten years/],
      ['watch', [post, '6h', { timeZone: 'Mars' }], 'bad-plan', /Mars/],
      ['watch', [post, '6h', { endsAt: '2030' }], 'bad-option', /endsAt/],
      ['watch', [post, '6h', { endsAt: new Date(0) }], 'bad-time', /nothing would be watched/],
      ['watch', [post, '6h', { quiet: 'nights' }], 'bad-quiet-hours', /22:00/],
      ['watch', ['y:status:1', '6h'], 'not-a-source', /only x and web/],
      ['check', ['case:one'], 'not-a-source', /one by one/],
      ['find', [{ sha256: 'f7fbb40a' }], 'bad-sha256', /64 digits/],
      ['find', [{ state: 'gone' }], 'bad-state', /complete, partial/],
      ['find', [{ since: later, until: new Date('2026-01-01') }], 'empty-period', /earlier/],
      ['find', [{ since: new Date('never') }], 'bad-option', /since/],
      ['find', [{ limit: 0 }], 'bad-option', /limit/],
      ['find', [{ after: 'here' }], 'bad-cursor', /not a place/],
      ['show', ['abcd'], 'short-id', /at least 8/],
      ['show', ['00000000-0000-7000-8000-000000000000'], 'no-capture', /./],
      ['similar', ['./nothing.png'], 'no-such-file', /nothing\.png/],
      ['similar', [folder], 'is-a-folder', /name the files/],
      ['takedowns', [{ from: later, to: later }], 'empty-period', /earlier/],
      ['takedowns', [{ by: 'platform' }], 'unknown-option', /it has from, to/],
      ['export', [{}, folder], 'bad-argument', /capture id/],
      ['export', [post, folder, { format: 'bundle' }], 'unknown-option', /roles, signal/],
    ];
    for (const [verb, given, code, words] of rows) {
      const refused = await loose[verb]?.(...given).catch((error: unknown) => error);
      expect(refused, `${verb} ${code}`).toBeInstanceOf(HoldfastError);
      expect(refused, verb).toMatchObject({ code, message: expect.stringMatching(words) });
    }
    // These say so at the call, before anything is taken from them.
    expect(() => loose.events?.({ since: 5 })).toThrow(UsageError);
    expect(() => loose.verify?.('all')).toThrow(UsageError);
    await expect(holdfast.events({ since: 'x' }).next()).rejects.toMatchObject({
      code: 'bad-cursor',
    });
    await expect(openHoldfast({ HOLDFAST_HOEM: folder })).rejects.toMatchObject({
      code: 'unknown-option',
    });
    await expect(openHoldfast({ HOLDFAST_QUEUE_BOUND: 'x' })).rejects.toBeInstanceOf(ConfigError);
    expect((await holdfast.status()).unfinished).toBe(0);
  });

  test('does on a page what it is told to, and looks a second time', async () => {
    const folded = 'https://library.example.org/folded';
    const { captures } = await holdfast.archive(folded, {
      steps: [{ do: 'click', text: 'Show more' }],
    });
    expect(captures).toMatchObject([
      {
        state: 'complete',
        views: [
          {
            actions: {
              from: 'submission',
              outcomes: [{ do: 'click', target: '“Show more”', state: 'done', reason: null }],
            },
          },
        ],
      },
    ]);
    const names = captures[0]?.artifacts.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'page/screenshot.full.png',
        'page/with-actions/screenshot.full.png',
        'page/with-actions/dom.rendered.html',
      ]),
    );
    expect((await holdfast.find({ text: 'unfolded' })).rows).toHaveLength(1);
    for await (const check of holdfast.verify([captures[0]?.id ?? '']))
      expect(check).toMatchObject({ ok: true });
    // And for every page of a host, by a file.
    mkdirSync(join(folder, 'own', 'steps'));
    const file = join(folder, 'own', 'steps', 'example.org.json');
    writeFileSync(file, '[{ "do": "expand", "selector": "button" }]');
    const byHost = await holdfast.archive(folded, { again: true });
    rmSync(file);
    expect(byHost.captures[0]?.views[0]?.actions).toMatchObject({
      from: 'example.org',
      outcomes: [{ do: 'expand', state: 'done', times: 1 }],
    });
  }, 90_000);

  test('stops at once when its signal is raised, and leaves the capture for later', async () => {
    const reason = new Error('enough');
    const stopping = new AbortController();
    const archiving = holdfast.archive('https://library.example.org/stuck', {
      signal: stopping.signal,
    });
    await until(() => internet.log().some(({ url }) => url.endsWith('/stuck')), 60_000);
    const stoppedAt = Date.now();
    stopping.abort(reason);
    await expect(archiving).rejects.toBe(reason);
    expect(Date.now() - stoppedAt).toBeLessThan(15_000);
    expect((await holdfast.status()).unfinished).toBe(1);
    for (const verb of ['check', 'similar'] as const)
      await expect(holdfast[verb](post, { signal: stopping.signal })).rejects.toBe(reason);
    await expect(holdfast.verify(undefined, { signal: stopping.signal }).next()).rejects.toBe(
      reason,
    );
  }, 90_000);

  test('once it is closed, streams have ended, work has stopped, and every verb says so', async () => {
    const open = await openHoldfast(own);
    const waiting = open.events();
    const next = waiting.next();
    const work = await open.work({ only: ['seal'] });
    const archiving = open.archive('https://library.example.org/stuck', { again: true });
    archiving.catch(() => undefined);
    await until(async () => (await open.status()).stages.page?.active !== 0, 60_000);
    await open.close();
    expect(await next).toEqual({ value: undefined, done: true });
    await work.ended;
    await expect(archiving).rejects.toMatchObject({ code: 'closed' });
    await expect(open.find()).rejects.toMatchObject({ code: 'closed' });
    expect(() => open.events()).toThrow(UsageError);
    await open.close();
  }, 90_000);
});
