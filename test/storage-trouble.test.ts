/** A disk that is full, and one that takes nothing: said plainly, and never called complete. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { unfinishedAmong } from '../src/catalog/captures.ts';
import { attemptsOf } from '../src/catalog/steps.ts';
import { ensureEmbedded } from '../src/embedded/embedded.ts';
import { verifyCapture } from '../src/pipeline/verify/captures.ts';
import { addFoundingStory, clipCode } from './internet/founding-story.ts';
import { backends, testHoldfast } from './support/holdfast.ts';
import { until } from './support/queues.ts';

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
  test('an embedded database without room says so, when it is made and when it is started', async () => {
    const disk = smallDisk(30);
    const full = { code: 'disk-full', message: expect.stringMatching(/^disk full: the embedded/) };
    await expect(ensureEmbedded(join(disk, 'small'))).rejects.toMatchObject(full);
    execFileSync('mount', ['-o', 'remount,size=90m', disk]);
    await (await ensureEmbedded(join(disk, 'home'))).release();
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'fill'), Buffer.alloc(bavail * bsize));
    await expect(ensureEmbedded(join(disk, 'home'))).rejects.toMatchObject(full);
    rmSync(join(disk, 'fill'));
    await (await ensureEmbedded(join(disk, 'home'))).release();
  }, 60_000);

  test.each(backends)(
    'a disk that fills up parks what is under way, queue on %s: it says so, closes nothing, and goes on where there is room',
    async (backend) => {
      const disk = smallDisk(3);
      const variables = { HOLDFAST_HOME: join(disk, 'data') };
      await using holdfast = await testHoldfast({ backend, variables });
      await addFoundingStory(holdfast.internet.world);
      const { parts } = holdfast.app;
      const [clip] = await holdfast.submit(`pic.twitter.com/${clipCode}`);
      const id = clip?.captureId ?? '';
      const workers = await holdfast.work();
      try {
        const full = async () =>
          (await attemptsOf(parts.database, id)).filter(({ reason }) => reason === 'disk-full');
        await until(async () => (await full()).length > 0, 60_000);
        expect((await full()).every(({ final }) => !final)).toBe(true);
        expect(await unfinishedAmong(parts.database, [id])).toEqual([id]);
        execFileSync('mount', ['-o', 'remount,size=200m', disk]);
        const [kept] = await holdfast.untilClosed([id], 120_000);
        expect(kept?.state).toBe('complete');
        // However long it was parked, each step says it once.
        const steps = (await full()).map(({ step }) => step);
        expect(new Set(steps).size).toBe(steps.length);
      } finally {
        await workers.close(10_000);
      }
      for await (const finding of verifyCapture(parts, id))
        expect(finding).toMatchObject({ ok: true });
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
