/** The command line as a person or a script meets it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { type App, openApp } from '../src/app.ts';
import { readConfig } from '../src/config/config.ts';
import { commandLine } from './support/command-line.ts';
import { verbsInOneProcess } from './support/verbs-in-one-process.ts';

const workers = fileURLToPath(new URL('../workers/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = commandLine(folder);

const jsonLines = (text: string): unknown[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe('links', () => {
  test('prints keys and rejections in order, as the contract has them, and touches nothing', async () => {
    const input =
      'Seen: @CJTFOIRpic.twitter.com/GcOPR6wfTJ, https://x.com/a/status/12x and https://example.org/a?utm_source=b';
    const { code, stdout } = await run(['links', '-', '--jsonl'], { input });
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toEqual([
      { link: 'pic.twitter.com/GcOPR6wfTJ', key: 'x:tco:GcOPR6wfTJ', facts: {} },
      { link: 'https://x.com/a/status/12x', rejected: 'bad-id' },
      { link: 'https://example.org/a?utm_source=b', key: 'web:https://example.org/a', facts: {} },
    ]);
  });

  test('says which file is missing, with exit code 3', async () => {
    const { code, stderr } = await run(['links', './nothing.txt']);
    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('nothing.txt'),
    });
  });
});

describe('exit codes', () => {
  test('2 for a verb or option that is none', async () => {
    expect((await run(['archvie'])).code).toBe(2);
    expect((await run(['find', '--nothing'])).code).toBe(2);
  });

  test('3 when a verb that only reads finds no data folder, saying where it looked', async () => {
    const { code, stderr } = await run(['find', 'anything']);
    expect(code).toBe(3);
    expect(stderr).toContain('holdfast-data');
  });

  test('7 when settings are wrong, all of them told', async () => {
    writeFileSync(join(folder, '.env'), 'HOLDFAST_QUEUE_BOUND=none\nHOLDFAST_UPSTREAM_PROXY=x\n');
    const ran = await Promise.all([run(['config']), run([], { script: workers })]);
    rmSync(join(folder, '.env'));
    for (const { code, stderr } of ran) {
      expect(code).toBe(7);
      expect(stderr).toContain('QUEUE_BOUND');
      expect(stderr).toContain('UPSTREAM_PROXY');
    }
  });

  test('config shows what is in force, and no secret in any form', async () => {
    const secrets = [
      'wayback-secret',
      'db-secret',
      'db-query-secret',
      'tsa-secret',
      'bearer-secret',
    ];
    const [wayback, database, query, tsa, bearer] = secrets;
    const settings = [
      `HOLDFAST_WAYBACK_KEY=access:${wayback}`,
      `DATABASE_URL=postgres://u:${database}@db.example/x?password=${query}`,
      `HOLDFAST_TSA_URLS=https://tsa.example/?key=${tsa}`,
      `HOLDFAST_X_BEARER=${bearer}`,
    ];
    writeFileSync(join(folder, '.env'), settings.join('\n'));
    const ran = await Promise.all([run(['config']), run(['config', '--json'])]);
    rmSync(join(folder, '.env'));
    for (const { code, stdout } of ran) {
      expect(code).toBe(0);
      expect(stdout).toContain('db.example');
      for (const secret of secrets) expect(stdout).not.toContain(secret);
    }
  });

  test('69 when the database named can not be reached', async () => {
    writeFileSync(join(folder, '.env'), 'DATABASE_URL=postgres://127.0.0.1:1/none\n');
    const home = join(folder, 'away');
    const ran = await Promise.all([
      run(['add', 'https://example.org/'], { home }),
      run([], { home, script: workers }),
    ]);
    rmSync(join(folder, '.env'));
    for (const { code, stderr } of ran)
      expect({ code, stderr }).toMatchObject({
        code: 69,
        stderr: expect.stringContaining('database-unreachable'),
      });
  });
});

describe('a data folder of its own', () => {
  const home = join(folder, 'data');
  // Held open from its first use on, so that not every command starts and stops the server.
  let held: App | null = null;
  afterAll(() => held?.close());
  const verbs = verbsInOneProcess(folder);
  const verb = verbs.run;

  test('add keeps what can be captured and what can not, with exit code 4', async () => {
    const { code, stdout, stderr } = await run(
      [
        'add',
        'https://example.org/a',
        'javascript:alert(1)',
        '--case',
        'one',
        '--tag',
        'x',
        '--jsonl',
      ],
      { home },
    );
    expect(code).toBe(4);
    expect(jsonLines(stdout)).toMatchObject([
      { schema: 'holdfast.submission/1', key: 'web:https://example.org/a', opened: true },
      { key: null, rejected: 'scheme', captureId: null },
    ]);
    expect(stderr).toContain('javascript:alert(1)');
    held = await openApp(readConfig({ HOLDFAST_HOME: home, HOLDFAST_LOG_LEVEL: 'silent' }), {
      make: null,
    });
  });

  test('find, show and status read it; a capture that nobody worked on is unfinished', async () => {
    const found = await verb(['find', '--case', 'one', '--json'], { home });
    const [row] = JSON.parse(found.stdout) as { id: string; state: null }[];
    expect(row).toMatchObject({ source: 'web:https://example.org/a', state: null });
    const told = await verb(['timeline', row?.id ?? '', '-q'], { home });
    expect(told).toMatchObject({ code: 0, stdout: expect.stringContaining(row?.id ?? '-') });
    const shown = await verb(['show', row?.id ?? '', '--json'], { home });
    expect(JSON.parse(shown.stdout)).toMatchObject({
      schema: 'holdfast.capture/1',
      state: null,
      environment: 'live',
      submission: { case: 'one', tags: ['x'] },
      steps: [],
      artifacts: [],
      seal: null,
    });
    const status = await verb(['status', '--json'], { home });
    expect(JSON.parse(status.stdout)).toMatchObject({ unfinished: 1, backend: 'postgres' });
  });

  test('watch, watches and unwatch', async () => {
    expect((await verb(['watch', 'https://example.org/a', '6h'], { home })).code).toBe(0);
    expect((await verb(['watch', 'https://example.org/b', 'now and then'], { home })).code).toBe(2);
    const listed = await verb(['watches', '-q'], { home });
    expect(listed.stdout.trim()).toBe('web:https://example.org/a');
    expect((await verb(['unwatch', 'https://example.org/a'], { home })).code).toBe(0);
    expect((await verb(['unwatch', 'https://example.org/a'], { home })).code).toBe(3);
  });

  test('cancel closes a capture as what it is; verify and export take it from there', async () => {
    const [id = ''] = (await verb(['find', '-q'], { home })).stdout.trim().split('\n');
    expect((await verb(['cancel', id], { home })).code).toBe(0);
    expect(JSON.parse((await verb(['show', id, '--json'], { home })).stdout)).toMatchObject({
      state: 'failed',
      steps: [{ name: 'record', state: 'failed', reason: 'cancelled' }],
    });
    expect((await verb(['verify', '--all'], { home })).code).toBe(0);
    const to = join(folder, 'out.csv');
    expect((await verb(['export', id, '--to', to, '--format', 'csv'], { home })).code).toBe(0);
    // What can't be written is said in words, whatever the format, and never overwritten.
    const refused: [to: string, more: string[], code: string][] = [
      [to, ['--format', 'csv'], 'exists'],
      [join(folder, 'nowhere', 'out.csv'), ['--format', 'csv'], 'bad-target'],
      [join(folder, 'nowhere', 'bundle'), ['--format', 'bundle'], 'bad-target'],
      [join(to, 'under-a-file'), ['--format', 'files'], 'bad-target'],
      [join(to, 'under-a-file'), ['--format', 'bundle'], 'bad-target'],
      ['', [], 'empty-flag'],
      [join(folder, 'roles'), ['--role', 'kyeframe'], 'no-such-role'],
    ];
    for (const [target, more, reason] of refused) {
      const { code, stderr } = await verb(['export', id, '--to', target, ...more], { home });
      expect({ code, stderr }).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`[${reason}]`),
      });
    }
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  });

  test('a report of takedowns is JSON with --json, as every answer is', async () => {
    for (const flag of ['--json', '--jsonl']) {
      const { stdout } = await verb(['takedowns', '--by', 'platform', flag], { home });
      expect(JSON.parse(stdout)).toMatchObject({ schema: 'holdfast.takedowns/1' });
    }
  });

  test('a case that holds nothing is noted where it is named', async () => {
    const order = ['--authority', 'A', '--reference', '1'];
    for (const args of [
      ['hold', '--case', 'oen', ...order],
      ['watch', 'case:oen', '6h'],
      ['alerts', 'feed', 'oen'],
    ]) {
      const { code, stderr } = await verb(args, { home });
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: 'note: no capture is in a case called "oen" yet\n',
      });
    }
  });

  test('show of an id that is none is exit code 3', async () => {
    expect((await verb(['show', '00000000-0000-7000-8000-000000000000'], { home })).code).toBe(3);
  });

  test('no verb left anything behind that keeps its process alive', async () => {
    await verbs.end();
  });
});

test('doctor looks at everything and makes no data folder, so that a demonstration may still go there', async () => {
  const home = join(folder, 'not-yet', 'data');
  const { stdout } = await run(['doctor', '--json'], { home });
  const findings = JSON.parse(stdout) as { what: string; state: string }[];
  const faults = findings.filter(({ state }) => state === 'fault');
  expect(faults.map(({ what }) => what)).toEqual([]);
  expect(findings.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['data folder', 'postgresql', 'queue']),
  );
  expect(existsSync(join(folder, 'not-yet'))).toBe(false);
}, 120_000);

test('init keeps what it is told, and what it was told before', async () => {
  const home = join(folder, 'asked');
  const alerts = 'https://ntfy.example.org/desk';
  const told = ['--operator', 'night desk', '--alerts', alerts];
  expect((await run(['init', ...told], { home })).code).toBe(0);
  expect((await run(['init', '--organisation', 'Example News'], { home })).code).toBe(0);
  const kept = (name: string) => JSON.parse(readFileSync(join(home, name), 'utf8'));
  expect(kept('config.json')).toEqual({
    HOLDFAST_OPERATOR: 'night desk',
    HOLDFAST_ORGANISATION: 'Example News',
  });
  expect(kept('alerts.json')).toEqual({
    channels: [{ name: 'alerts', kind: 'ntfy', url: alerts }],
  });
  const again = await run(['init', '--alerts', alerts], { home });
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('[exists]') });
  const wrong = await run(['init', '--authority', 'nowhere'], { home });
  expect(wrong).toMatchObject({ code: 7, stderr: expect.stringContaining('HOLDFAST_TSA_URLS') });
}, 60_000);

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish'])('for %s names every verb', async (shell) => {
    const { stdout } = await run(['completion', shell]);
    for (const verb of ['archive', 'find', 'verify', 'unwatch']) expect(stdout).toContain(verb);
  });
});
