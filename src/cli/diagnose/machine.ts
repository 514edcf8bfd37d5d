/** Of the machine itself: Node, fonts, disk, clock. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { link, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from '../../base/make-folder.ts';
import { toolEnvironment } from '../../config/config.ts';
import { shortSize } from '../terminal/output.ts';
import { type Diagnose, ok, warning } from './standing.ts';

const run = promisify(execFile);
const GB = 1e9;

export const ofMachine: Record<string, Diagnose> = {
  node: async () => ok(process.version),
  fonts: async () => {
    const missing: string[] = [];
    for (const [script, letter] of [
      ['Arabic', '62d'],
      ['CJK', '4e2d'],
      ['emoji', '1f600'],
    ] as const) {
      const { stdout } = await run('fc-list', [`:charset=${letter}`, 'family'], {
        env: toolEnvironment(),
      });
      if (stdout.trim() === '') missing.push(script);
    }
    return missing.length === 0
      ? ok('Arabic, CJK and emoji')
      : warning(
          `none for ${missing.join(', ')}: screenshots will show boxes`,
          'apt-get install fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji',
        );
  },
  'data folder': async (config) => {
    const made = await makeFolder(config.home, 0o700);
    const a = join(config.home, `.doctor-${process.pid}`);
    try {
      await writeFile(a, 'written by holdfast doctor\n', { flag: 'wx' });
      await link(a, `${a}-link`);
    } finally {
      await rm(`${a}-link`, { force: true });
      await rm(a, { force: true });
      if (made !== undefined) await rm(made, { recursive: true, force: true });
    }
    return ok(`${config.home}: files can be written and linked`);
  },
  disk: async (config) => {
    const { bavail, bsize } = await statfs(nearest(config.home));
    const free = bavail * bsize;
    const found = `${shortSize(free)} free`;
    return free > 5 * GB
      ? ok(found)
      : warning(
          found,
          'free some space: what does not fit is recorded as disk-full, and the capture is not complete',
        );
  },
  clock: async () => {
    const synced = await run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], {
      timeout: 3_000,
    })
      .then(({ stdout }) => stdout.trim())
      .catch(() => 'unknown');
    const found = `${new Date().toISOString()} (synchronised: ${synced})`;
    return synced === 'yes'
      ? ok(found)
      : warning(
          found,
          'run an NTP service such as chrony: the times in manifests come from this clock',
        );
  },
};

/** The folder itself, or the one above it where it would be made. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}
