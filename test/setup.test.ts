/** `holdfast setup`, on a machine that has next to nothing. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageFolder } from '../src/base/own-package.ts';

const run = promisify(execFile);
const bare = mkdtempSync(join(tmpdir(), 'holdfast-bare-'));
const setup = (...options: string[]) => {
  const program = join(packageFolder, 'scripts/holdfast.ts');
  return run(process.execPath, [program, 'setup', ...options], { env: { PATH: bare } });
};

describe.skipIf(process.platform !== 'linux')('setup', () => {
  beforeAll(async () => {
    for (const name of ['sh', 'dirname', 'uname', 'id', 'ls', 'tr']) {
      const { stdout } = await run('which', [name]);
      symlinkSync(stdout.trim(), join(bare, name));
    }
  });
  afterAll(() => rmSync(bare, { recursive: true }));

  test('--list names what is missing and installs nothing', async () => {
    const { stdout } = await setup('--list', '--json');
    expect(JSON.parse(stdout)).toEqual(
      expect.arrayContaining(
        ['chromium', 'ffmpeg', 'libnss3-tools', 'tesseract-ocr'].map((name) => ({
          schema: 'holdfast.missing-package/1',
          package: name,
        })),
      ),
    );
  });

  test('says what to install where it can not do so, with exit code 69', async () => {
    await expect(setup()).rejects.toMatchObject({
      code: 69,
      stderr: expect.stringMatching(/^setup: install these .*chromium ffmpeg/),
    });
  });

  test('--replay says where the player belongs if it can not be fetched', async () => {
    const home = join(bare, 'data');
    await expect(setup('--replay', '--home', home)).rejects.toMatchObject({
      code: 69,
      stderr: expect.stringContaining(`into ${join(home, 'replaywebpage')} yourself`),
    });
  });
});
