/** A disk that is full, and one that takes nothing: said plainly, and never called complete. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { verifyCapture } from '../src/pipeline/verify/captures.ts';
import { addFoundingStory, clipCode } from './internet/founding-story.ts';
import { backends, testHoldfast } from './support/holdfast.ts';

const mounted: string[] = [];

/** A small disk of its own: root ignores file modes, but not the end of a disk. */
function smallDisk(sizeMiB: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', folder]);
  mounted.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of mounted.splice(0)) {
    execFileSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
});

describe.runIf(process.getuid?.() === 0)('storage in trouble (needs root to mount)', () => {
  test.each(backends)(
    'a disk that fills up half-way, queue on %s: the step says so, the capture is not complete',
    async (backend) => {
      const home = join(smallDisk(3), 'data');
      await using holdfast = await testHoldfast({ backend, variables: { HOLDFAST_HOME: home } });
      await addFoundingStory(holdfast.internet.world);
      const [clip] = await holdfast.archive(`pic.twitter.com/${clipCode}`);
      expect(clip?.state).not.toBe('complete');
      expect(clip?.steps.map(({ reason }) => reason)).toContain('disk-full');
      for await (const check of verifyCapture(holdfast.app.parts, clip?.id ?? '')) {
        expect(check).toMatchObject({ ok: true });
      }
    },
    240_000,
  );

  test('a vault that is read-only takes no submission, and says why', async () => {
    const disk = smallDisk(16);
    const home = join(disk, 'data');
    mkdirSync(home);
    await using holdfast = await testHoldfast({
      backend: 'postgres',
      variables: { HOLDFAST_HOME: home },
    });
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    await expect(holdfast.submit('https://example.org/')).rejects.toMatchObject({
      code: 'vault-read-only',
      exitCode: 77,
    });
    execFileSync('mount', ['-o', 'remount,rw', disk]);
    expect(await holdfast.submit('https://example.org/')).toMatchObject([{ opened: true }]);
  }, 120_000);
});
