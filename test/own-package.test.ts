/** What Holdfast says of itself in a manifest. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownCommit } from '../src/base/own-package.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-own-'));
afterAll(() => rmSync(folder, { recursive: true }));

function git(...args: string[]): string {
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@test.invalid'];
  return execFileSync('git', [...who, ...args], { cwd: folder, encoding: 'utf8' }).trim();
}

describe('the commit of a checkout', () => {
  beforeAll(() => {
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '--message', 'empty');
  });

  test('is that of its branch', async () => {
    expect(await ownCommit(folder)).toBe(git('rev-parse', 'HEAD'));
  });

  test('is found where git has put its branches into one list', async () => {
    git('pack-refs', '--all');
    expect(await ownCommit(folder)).toBe(git('rev-parse', 'HEAD'));
  });

  test('is that of no branch where none is checked out', async () => {
    git('checkout', '--quiet', '--detach');
    expect(await ownCommit(folder)).toBe(git('rev-parse', 'HEAD'));
  });

  test('is not that of a repository around an installed package', async () => {
    const installed = join(folder, 'node_modules/holdfast');
    mkdirSync(installed, { recursive: true });
    expect(await ownCommit(installed)).toBeNull();
  });
});
