/** A browser from its start to its end: where it puts its files, which program it is, and that nothing of it stays. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chromiumPath, launchBrowser } from '../src/browser/browser.ts';
import type { Database } from '../src/catalog/database.ts';
import { readConfig } from '../src/config/config.ts';
import type { Door } from '../src/egress/egress.ts';
import { toolVersions } from '../src/pipeline/tool-versions.ts';

const tools = { chromium: null, chromiumSandbox: true };
const noDoor = { url: 'http://127.0.0.1:9', connections: () => [] } as unknown as Door;

const noDatabase = { query: async () => ({ rows: [] }) } as unknown as Database;

/** As /tmp is: short, so that a profile in it has room for a socket's path, and open to everybody. */
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp('/tmp/hf-');
  chmodSync(folder, 0o1777);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a program of a process of its own says, whose temporary folder is this one. */
async function run(temporary: string, program: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return (await text(child.stdout)).trim();
}

const from = (path: string) => JSON.stringify(join(import.meta.dirname, path));

test('a capture leaves nothing in the folder for temporary files', async () => {
  const capture = `
    import { openPageServer } from ${from('support/page-server.ts')};
    import { openRecordingRig } from ${from('support/recording-rig.ts')};
    await using server = await openPageServer({ '/': { body: '<title>here</title><h1>here</h1>' } });
    await using rig = await openRecordingRig();
    console.log((await rig.visit(server.url('/'))).state);`;
  expect(readdirSync(folder)).toEqual([]);
  expect(await run(folder, capture)).toBe('done');
  expect(readdirSync(folder)).toEqual([]);
});

/** Starts a browser, shows a page that sounds, stops it at once, and says where its profile was. */
const startAndStop = (notes: string) => `
  import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
  import { launchBrowser } from ${from('../src/browser/browser.ts')};
  const folder = ${JSON.stringify(notes)};
  mkdirSync(folder);
  const stop = new AbortController();
  const { signal } = stop;
  const door = { url: 'http://127.0.0.1:9', connections: () => [] };
  const tools = { chromium: null, chromiumSandbox: true };
  const browser = await launchBrowser({ tools, door, extraCaFile: null, folder, signal });
  const note = readdirSync(folder).find((name) => name.endsWith('.note'));
  const [, profile] = readFileSync(folder + '/' + note, 'utf8').split('\\n');
  const context = await browser.newContext({ widthPx: 300, heightPx: 200 });
  const page = await context.newPage();
  await page.goto('data:text/html,<title>shown</title>');
  await page.evaluate('new AudioContext().createOscillator().start()');
  const title = await page.title();
  stop.abort(new Error('stopped by the test'));
  await browser[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
  console.log(JSON.stringify([title, profile, existsSync(profile)]));`;

test('nor does a browser that is stopped at once', async () => {
  const said = await run(folder, startAndStop(join(folder, 'notes')));
  const profile = expect.stringContaining(join(folder, 'playwright_chromiumdev_profile-'));
  expect(JSON.parse(said)).toEqual(['shown', profile, false]);
  expect(readdirSync(folder)).toEqual([]);
});

test('where that folder has too long a path for a socket, a browser runs in /tmp, and stays in neither', async () => {
  const long = join(folder, 'a-folder-with-a-long-name-'.repeat(4));
  mkdirSync(long);
  chmodSync(long, 0o1777);
  const said = await run(long, startAndStop(join(folder, 'notes')));
  const profile = expect.stringMatching(/^\/tmp\/playwright_chromiumdev_profile-\w{6}$/);
  expect(JSON.parse(said)).toEqual(['shown', profile, false]);
  expect(readdirSync(long)).toEqual([]);
});

test.skipIf(process.platform !== 'linux')(
  'is known by the digests of the file that is named and of the program that it runs',
  async () => {
    // As Debian has it: a script that starts the browser.
    const script = join(folder, 'chromium');
    const starts = `#!/bin/sh\nexec '${await chromiumPath(tools)}' "$@"\n`;
    writeFileSync(script, starts, { mode: 0o755 });
    const { signal } = new AbortController();
    await using browser = await launchBrowser({
      tools: { ...tools, chromium: script },
      door: noDoor,
      extraCaFile: null,
      folder,
      signal,
    });
    const programs = await browser.programs();
    const [named, ran = '', ...others] = Object.keys(programs);
    expect([named, ...others]).toEqual([script]);
    expect(readFileSync(ran).subarray(0, 4).toString('latin1')).toBe('\x7fELF');
    const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
    expect(programs).toEqual({ [script]: sha256(script), [ran]: sha256(ran) });
    // What manifests of this process say from now on.
    const { digests } = await toolVersions({ ...readConfig().tools, chromium: script }, noDatabase);
    expect(digests).toMatchObject({ chromium: programs });
  },
);

test('is stopped without an unheard failure where its profile can not be removed', async () => {
  const unheard: unknown[] = [];
  const hear = (reason: unknown) => unheard.push(reason);
  process.on('unhandledRejection', hear);
  const stop = new AbortController();
  const { signal } = stop;
  const browser = await launchBrowser({ tools, door: noDoor, extraCaFile: null, folder, signal });
  const note = join(folder, readdirSync(folder).find((name) => name.endsWith('.note')) ?? '');
  const noted = readFileSync(note, 'utf8');
  const [pid = ''] = noted.split('\n');
  writeFileSync(note, `${pid}\n${note}/no-folder\n`);
  stop.abort(new Error('stopped by the test'));
  while (existsSync(`/proc/${pid}/exe`)) await sleep(20);
  await expect(browser[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'ENOTDIR' });
  writeFileSync(note, noted);
  await browser[Symbol.asyncDispose]();
  await nextTurn(); // Node tells of them after the microtasks of a turn
  process.off('unhandledRejection', hear);
  expect(unheard).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});
