/** `bin/holdfast` in a fresh clone: the first verb sets up what is missing, then does its job. */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { packageFolder } from '../src/base/own-package.ts';
import type { Ran } from './support/command-line.ts';

const run = promisify(execFile);
const notCloned = /^(?:\.git|node_modules|coverage|dist|holdfast-[a-z-]+|.*\.log)$/;

const folder = mkdtempSync(join(tmpdir(), 'holdfast-clone-'));
const clone = join(folder, 'clone');
/** All that the machine has: no browser, no ffmpeg, no apt-get. */
const bare = join(folder, 'bin');

beforeAll(async () => {
  cpSync(packageFolder, clone, {
    recursive: true,
    filter: (path) => path === packageFolder || !notCloned.test(basename(path)),
  });
  mkdirSync(bare);
  for (const name of [
    'sh',
    'cmp',
    'cp',
    'dirname',
    'flock',
    'id',
    'ln',
    'ls',
    'mkdir',
    'tr',
    'uname',
  ])
    await link(name);
});
beforeEach(() => {
  rmSync(join(clone, 'node_modules'), { recursive: true, force: true });
  rmSync(join(folder, 'npm-runs'), { force: true });
  npmThat(`
    echo 'added 410 packages in 1m'
    echo run >>'${folder}/npm-runs'
    mkdir node_modules
    ln -s '${packageFolder}'/node_modules/* '${packageFolder}/node_modules/.bin' node_modules/
    cp '${packageFolder}/node_modules/.package-lock.json' node_modules/`);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function link(name: string): Promise<void> {
  const { stdout } = await run('which', [name]);
  symlinkSync(stdout.trim(), join(bare, name));
}

/** Stands for the registry, which tests do without. */
function npmThat(script: string): void {
  writeFileSync(join(bare, 'npm'), `#!/bin/sh\nset -eu\n${script}\n`);
  chmodSync(join(bare, 'npm'), 0o755);
}

const npmRuns = () => readFileSync(join(folder, 'npm-runs'), 'utf8').split('\n').length - 1;

/** In another folder than the clone, by its path. */
function shell(command: string): Promise<Ran> {
  return new Promise((resolve) => {
    const options = {
      cwd: folder,
      env: { PATH: bare, NODE_COMPILE_CACHE: join(folder, 'compiled') },
    };
    execFile('/bin/sh', ['-c', command], options, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

describe.skipIf(process.platform !== 'linux')('the first verb in a fresh clone', () => {
  test('installs npm packages, says so in one line on stderr, and does its job', async () => {
    const text = 'see https://example.org/story';
    const first = await shell(`echo '${text}' | clone/bin/holdfast links --json`);
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject([{ key: 'web:https://example.org/story' }]);
    expect(first.stderr.match(/^setup: installing npm packages .*$/gm)).toHaveLength(1);
    expect(first.stderr).not.toContain('added 410');
  });

  test('does its job although a tool that it does not need can not be installed', async () => {
    const { code, stdout, stderr } = await shell(
      'echo https://example.org | clone/bin/holdfast links -q',
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'web:https://example.org/\n' });
    expect(stderr).toMatch(/^setup: install these .*chromium ffmpeg/m);
  });

  test('is the only one that does: the second says nothing', async () => {
    await shell('clone/bin/holdfast --version');
    expect(await shell('clone/bin/holdfast --version')).toMatchObject({ code: 0, stderr: '' });
    expect(npmRuns()).toBe(1);
  });

  test('may be two at once, in one pipeline', async () => {
    const both = 'clone/bin/holdfast --version | { clone/bin/holdfast links - --json; echo $?; }';
    expect((await shell(both)).stdout).toMatch(/^\[\]\n0\n$/);
    expect(npmRuns()).toBe(1);
  });

  test('brings the packages up to date after the lock has changed', async () => {
    await shell('clone/bin/holdfast --version');
    rmSync(join(clone, 'node_modules'), { recursive: true });
    mkdirSync(join(clone, 'node_modules/.cache'), { recursive: true });
    const old = new Date('2026-01-01');
    for (const name of ['.package-lock.json', '.cache/holdfast-setup']) {
      writeFileSync(join(clone, 'node_modules', name), '');
      utimesSync(join(clone, 'node_modules', name), old, old);
    }
    npmThat(`echo run >>'${folder}/npm-runs'`);
    await shell('clone/bin/holdfast --version');
    expect(npmRuns()).toBe(2);
  });

  test('ends with exit code 69 and no data where the packages can not be installed', async () => {
    npmThat('echo "npm error network" >&2; exit 1');
    const { code, stdout, stderr } = await shell('clone/bin/holdfast links - </dev/null');
    expect({ code, stdout }).toEqual({ code: 69, stdout: '' });
    expect(stderr).toContain('npm error network');
    expect(stderr).toContain('setup: npm ci failed');
    expect(existsSync(join(clone, 'node_modules'))).toBe(false);
  });

  test('says so where there is no npm', async () => {
    rmSync(join(bare, 'npm'));
    const { code, stderr } = await shell('clone/bin/holdfast links - </dev/null');
    expect(code).toBe(69);
    expect(stderr).toMatch(/^setup: there is no npm: install Node 20 or later/);
  });
});

test('a Node that is too old is named, whatever the verb', async () => {
  const { publishConfig } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  expect(publishConfig.engines.node).toBe('>=22.18');
  const old = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})`;
  const program = join(packageFolder, 'scripts/holdfast.ts');
  for (const verb of ['doctor', '--help']) {
    const ran = run(process.execPath, ['--import', old, program, verb]);
    await expect(ran).rejects.toMatchObject({
      code: 69,
      stdout: '',
      stderr: expect.stringMatching(
        /^error: Holdfast needs Node 22\.18 or later, and this is 20\.20\.2: .*\n$/,
      ),
    });
  }
});
