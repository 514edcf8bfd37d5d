/** What a person is told who typed something wrong: what happened, to what, and what to do next. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, openApp } from '../src/app.ts';
import { readConfig } from '../src/config/config.ts';
import { readLinks } from '../src/links/read-links.ts';
import { submitLinks } from '../src/pipeline/intake/submit.ts';
import { verbsInOneProcess } from './support/verbs-in-one-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-refusals-'));
const home = join(folder, 'data');
const verbs = verbsInOneProcess(folder);
const { run } = verbs;
let held: App;
/** Of two captures that were asked for at once: their ids begin alike. */
let begins = '';
let captureId = '';

beforeAll(async () => {
  writeFileSync(join(folder, 'words.txt'), 'plain words');
  writeFileSync(join(folder, 'half.json'), '{"cookies":');
  writeFileSync(join(folder, 'cut.zip'), 'PK\x03\x04 and no more');
  mkdirSync(join(folder, 'box'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  held = await openApp(readConfig({ HOLDFAST_HOME: home, HOLDFAST_LOG_LEVEL: 'silent' }), {
    make: 'live',
  });
  const links = readLinks('https://example.org/one https://example.org/two');
  const [first] = await submitLinks(held.parts, links, {});
  captureId = first?.captureId ?? '';
  begins = captureId.slice(0, 8);
}, 60_000);
afterAll(async () => {
  await verbs.end();
  await held?.close();
  rmSync(folder, { recursive: true, force: true });
});

const order = ['--authority', 'A', '--reference', '1'];
const unknown = '00000000-0000-7000-8000-000000000000';
const unheld = 'b'.repeat(64);
const steering = '\u001b[31mred\u202e';
const endless = 'x'.repeat(120_000);
const page = 'https://example.org/one';

type Row = [what: string, args: string[], code: number, reason: string, words: RegExp];

const rows: Row[] = [
  ['an id that nothing has', ['show', unknown], 3, 'no-capture', /holdfast find/],
  ['an id that steers the terminal', ['show', steering], 3, 'no-capture', /"\[31mred"/],
  ['an id without end', ['show', endless], 3, 'no-capture', /xxx….*holdfast find/],
  ['too little of an id', ['show', 'abcd'], 2, 'short-id', /at least 8 of its/],
  ['a state that is none', ['find', '--state', 'gone'], 2, 'bad-state', /complete, partial/],
  ['half a digest', ['find', '--sha256', 'f7fbb40a'], 2, 'bad-sha256', /all 64 digits/],
  ['a flag that a script left empty', ['find', '--case', ''], 2, 'empty-flag', /--case is empty/],
  ['a tag that is empty', ['add', page, '--tag', ''], 2, 'empty-flag', /--tag is empty/],
  [
    'a period that is over before it begins',
    ['find', '--since', '2026-02', '--until', '2026-01'],
    2,
    'empty-period',
    /since must be earlier/,
  ],
  [
    'the same of takedowns',
    ['takedowns', '--from', '2026-02', '--to', '2026-01'],
    2,
    'empty-period',
    /from must be earlier/,
  ],
  ['no number of rows', ['alerts', '--limit', 'x'], 2, 'bad-number', /1 to 1000, not "x"/],
  [
    'no number of workers',
    ['work', '--concurrency', '2x'],
    2,
    'bad-number',
    /--concurrency must be 1 to/,
  ],
  ['no stage', ['work', '--only', 'page,'], 2, 'no-such-stage', /use resolve, page/],
  [
    'a platform that is none',
    ['add', page, '--platform', 'y'],
    2,
    'no-such-platform',
    /choose from x, tele/,
  ],
  ['a host of no page', ['add', 'words.txt', '--same-host'], 2, 'no-own-address', /does not say/],
  ['no priority', ['add', page, '--priority', 'high'], 2, 'bad-number', /not "high"/],
  ['no plan', ['watch', page, 'now and then'], 2, 'bad-plan', /an interval such as 6h/],
  ['an interval of ages', ['watch', page, '999999w'], 2, 'bad-plan', /and ten years/],
  ['a day that never comes', ['watch', page, '0 0 31 2 *'], 2, 'bad-plan', /never matches a time/],
  [
    'no time zone',
    ['watch', page, '6h', '--tz', 'Mars'],
    2,
    'bad-plan',
    /"Mars" is not a valid time zone: use one such as/,
  ],
  [
    'an end that is over',
    ['watch', page, '6h', '--until', '2020-01-01'],
    2,
    'bad-time',
    /nothing would be watched/,
  ],
  ['a case without end', ['watch', page, '6h', '--case', endless], 2, 'too-long', /200 characters/],
  ['a platform that is none', ['watch', 'y:status:1', '6h'], 2, 'not-a-source', /only x and web/],
  ['a case where one source is asked for', ['check', 'case:one'], 2, 'not-a-source', /one by one/],
  ['what is no link', ['check', steering], 2, 'not-a-source', /give a link, or a key/],
  ['what was never watched', ['unwatch', page], 3, 'no-watch', /holdfast watches/],
  [
    'words as a picture',
    ['similar', 'words.txt'],
    2,
    'not-media',
    /words\.txt: .*not a picture, video/,
  ],
  ['a folder as a picture', ['similar', 'box'], 2, 'is-a-folder', /name the files in it/],
  ['a pipe as a picture', ['fingerprint', 'pipe'], 2, 'not-a-file', /save it as one/],
  ['a picture that is not there', ['similar', './no.png'], 3, 'no-such-file', /or a capture id/],
  ['a folder as a text', ['links', 'box'], 2, 'is-a-folder', /name the files in it/],
  ['a file that nobody holds', ['clusters', unheld], 3, 'no-file', /holdfast show/],
  [
    'a removal of what nobody holds',
    ['removal', unheld.toUpperCase(), ...order, '--yes'],
    3,
    'no-file',
    /nothing was removed/,
  ],
  [
    'a key for what is no bundle',
    ['verify', unknown, '--vkey', 'x'],
    2,
    'bundle-only',
    /goes with a bundle/,
  ],
  [
    'a bundle that is not there',
    ['verify', './nowhere'],
    3,
    'no-bundle',
    /name a folder or zip file/,
  ],
  [
    'a bundle that is cut off',
    ['verify', 'cut.zip'],
    2,
    'no-bundle',
    /cut\.zip: not a zip file, or one that is cut off/,
  ],
  ['a bundle in a pipe', ['verify', 'pipe'], 2, 'no-bundle', /nor a regular file/],
  [
    'a web archive with an endless name',
    ['verify-wacz', endless],
    3,
    'no-file',
    /name a web archive/,
  ],
  ['a web archive that is a folder', ['verify-wacz', 'box'], 2, 'not-a-file', /not a regular file/],
  [
    'half a profile',
    ['profile', 'add', 'desk', 'half.json'],
    2,
    'bad-profile',
    /as Playwright writes it/,
  ],
  [
    'a profile that is not there',
    ['add', page, '--profile', 'desk'],
    3,
    'no-profile',
    /holdfast profile add/,
  ],
  ['a channel that is not there', ['alerts', 'test', 'desk'], 3, 'no-channel', /channels: none/],
  [
    'an alert that is not there',
    ['alerts', 'show', endless],
    3,
    'no-alert',
    /holdfast alerts lists them/,
  ],
  ['rows of what is no table', ['config', '--csv'], 2, 'no-rows', /use --json/],
  [
    'rows of a removal, before anything is removed',
    ['removal', unheld, ...order, '--yes', '--csv'],
    2,
    'no-rows',
    /use --json/,
  ],
  ['a shell that is none', ['completion', 'cmd'], 2, 'no-such-shell', /bash, zsh or fish/],
  [
    'a file for a data folder',
    ['find', '--home', 'words.txt'],
    2,
    'bad-home',
    /name a folder, not a file/,
  ],
  [
    'a data folder where none can be',
    ['add', page, '--home', '/proc/x'],
    2,
    'bad-home',
    /\/proc\/x/,
  ],
];

describe('with a message that says what to do, and no stack trace', () => {
  test.each(rows)(
    '%s',
    async (_, args, code, reason, words) => {
      const { stderr, ...ran } = await run(args, { home });
      expect({ ...ran, stderr }).toMatchObject({ code, stdout: '' });
      expect(stderr).toContain(`[${reason}]`);
      expect(stderr).toMatch(words);
      expect(stderr).not.toMatch(/unexpected error|\n {4}at /);
      expect(stderr.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      expect(Math.max(...stderr.split('\n').map((line) => line.length))).toBeLessThan(800);
    },
    60_000,
  );
});

describe('an export', () => {
  const refused: [what: string, to: string, more: string[], code: number, reason: string][] = [
    ['into a folder that takes no files', '/proc/x', [], 2, 'bad-target'],
    ['as a bundle there', '/proc/x/bundle', ['--format', 'bundle'], 2, 'bad-target'],
    ['as a web archive there', '/proc/x.wacz', ['--format', 'wacz'], 2, 'unfinished'],
    ['below a file', 'words.txt/x', [], 2, 'bad-target'],
    ['of a role that no file has', 'roles', ['--role', 'kyeframe'], 2, 'no-such-role'],
    ['with a flag that does nothing', 'idle', ['--restricted'], 2, 'idle-flag'],
    ['since half a number', 'since', ['--format', 'bundle', '--since', '1e3'], 2, 'bad-size'],
  ];
  test.each(refused)(
    '%s is refused, and ends',
    async (_, to, more, code, reason) => {
      const ran = await run(['export', captureId, '--to', to, ...more], { home });
      expect(ran).toMatchObject({ code, stderr: expect.stringContaining(`[${reason}]`) });
    },
    60_000,
  );
});

test('part of an id that two captures have names both, with their links', async () => {
  const { code, stderr } = await run(['show', begins], { home });
  expect(code).toBe(2);
  expect(stderr).toMatch(/\[ambiguous-id\]\n {2}\S{36} {2}20.*Z {2}https:\/\/example\.org\/one\n/);
  expect(stderr).toMatch(/https:\/\/example\.org\/two\n$/);
});

test('what can not be captured is named without what would steer a terminal', async () => {
  const { code, stderr } = await run(['add', steering, '--case', 'rejected'], { home });
  expect({ code, stderr }).toEqual({
    code: 4,
    stderr: 'rejected: [31mred (not-a-link): submit a link or a text that holds one\n',
  });
});

test('links of an article that are left aside are told and kept nowhere: exit code 0', async () => {
  const menu = Array.from({ length: 60 }, (_, at) => `<a href="https://example.org/m/${at}">M</a>`);
  writeFileSync(
    join(folder, 'article.html'),
    `<nav>${menu.join('')}</nav><main><p>One long sentence of an article, with <a href="https://example.org/s">its source</a>.</p></main><footer><a href="mailto:desk@example.org">Mail</a></footer>`,
  );
  const { code, stdout, stderr } = await run(['add', 'article.html', '--json'], { home });
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr:
      '61 links left aside: 60 in menus, footers and sidebars, 1 that leads to no page (to take them: --follow all; holdfast links lists them)\n',
  });
  expect(JSON.parse(stdout)).toMatchObject([{ link: 'https://example.org/s', rejected: null }]);
  const none = await run(['add', 'article.html', '--follow', 'none'], { home });
  expect(none).toMatchObject({ code: 3, stderr: expect.stringMatching(/nothing added\n$/) });
  const all = await run(['links', 'article.html', '--follow', 'all', '-q'], { home });
  expect(all.stdout.trim().split('\n')).toHaveLength(61);
});

test('a hold on a file that nobody holds is noted', async () => {
  const { code, stderr } = await run(['hold', unheld, ...order], { home });
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: `note: no capture holds a file with the SHA-256 ${unheld} yet\n`,
  });
});

test('a check that nobody answers is to be made later: exit code 75', async () => {
  writeFileSync(join(folder, '.env'), 'HOLDFAST_UPSTREAM_PROXY=http://127.0.0.1:9\n');
  const { code, stdout } = await run(['check', page], { home });
  rmSync(join(folder, '.env'));
  expect({ code, stdout }).toMatchObject({
    code: 75,
    stdout: expect.stringContaining('no route gave an answer'),
  });
}, 60_000);

test.each(['config.json', 'home.json'])('a %s that is a folder is named', async (name) => {
  const odd = join(folder, `odd-${name}`);
  mkdirSync(join(odd, name), { recursive: true });
  const { code, stderr } = await run(['find'], { home: odd });
  expect(code).not.toBe(1);
  expect(stderr).toContain(odd);
  expect(stderr).not.toMatch(/\n {4}at /);
});

test('nothing that was refused left anything behind that keeps its process alive', async () => {
  await verbs.end();
});
