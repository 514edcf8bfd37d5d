/** The README is short, and its commands work as written, in its order, against the small internet. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownVersion, packageFolder } from '../src/base/own-package.ts';
import { type SmallInternet, startSmallInternet } from './internet/small-internet.ts';

const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8');
const commands = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
  block.trim().split('\n'),
);

describe('the README', () => {
  test('has at most 900 words', () => {
    expect(readme.split(/\s+/).filter(Boolean).length).toBeLessThanOrEqual(900);
  });

  test('names the package of this version', () => {
    expect(readme).toContain(`npm install ./holdfast-${ownVersion()}.tgz`);
  });

  test('shows a picture of at most 150 kB', () => {
    const [, picture = ''] = /!\[[^\]]+\]\(([^)]+)\)/.exec(readme) ?? [];
    expect(statSync(join(packageFolder, picture)).size).toBeLessThanOrEqual(150_000);
  });
});

describe('the commands of the README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-readme-'));
  const running = new Set<ChildProcess>();
  let internet: SmallInternet;
  let captureId = '';

  beforeAll(async () => {
    for (const name of ['bin', 'package.json', 'scripts', 'node_modules', 'test', 'src', 'workers'])
      symlinkSync(join(packageFolder, name), join(folder, name));
    internet = await startSmallInternet();
    internet.world.addPage('https://example.com/', {
      html: '<!doctype html><title>Example</title><p>An example page.</p>',
    });
  });
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL');
    await internet?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  async function shell(line: string): Promise<{ code: number | null; stdout: string }> {
    const child = spawn('/bin/sh', ['-c', line], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOLDFAST_HOST_INTERVAL_MS: '0',
        HOLDFAST_PAGE_QUIET_MS: '500',
        HOLDFAST_OCR_LANGUAGES: 'none',
        HOLDFAST_YTDLP: 'none',
        ...internet.environment,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.add(child);
    const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    running.delete(child);
    return { code, stdout };
  }

  test.each(commands)('%s', { timeout: 120_000 }, async (line) => {
    const { code, stdout } = await shell(line.replaceAll(/\bID\b/g, captureId.slice(-8)));
    expect(code).toBe(0);
    if (line.includes(' archive ')) {
      expect(stdout).toMatch(/^state {7}complete$/m);
      captureId = /^capture {5}(\S+)$/m.exec(stdout)?.[1] ?? '';
    }
    if (line.includes(' find ') || line.includes(' show ')) expect(stdout).toContain(captureId);
  });

  test('are all there', () => {
    expect(commands[0]).toMatch(/^bin\/holdfast archive /);
    expect(commands.length).toBeGreaterThan(7);
  });
});
