/** Pages that want the machine, the one of memory: the whole table is a proof (`prove -- hostile-pages`). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserLimits } from '../src/browser/watch-limits.ts';
import { endingOf } from './prove/hostile-pages.ts';
import { openRecordingRig, type RecordingRig } from './support/recording-rig.ts';

let rig: RecordingRig;
beforeAll(async () => {
  rig = await openRecordingRig();
});
afterAll(async () => {
  await rig?.[Symbol.asyncDispose]();
});

describe.runIf(process.platform === 'linux')('a page that wants the machine', () => {
  const options = { timeoutMs: 15_000, limits: { ...browserLimits, memoryBytes: 700 * 1024 ** 2 } };

  test('loses what took its memory, and the capture says so; the one beside it goes on', async () => {
    const { reason, peakMiB } = await endingOf(rig, 'memory without end', options);
    expect(reason).toBe('page-memory');
    expect(peakMiB).toBeGreaterThan(500);
  }, 60_000);

  test.each(['windows without end', 'reloads without end'])(
    '%s: over within its time and 20 s, and the one beside it goes on',
    async (name) => {
      const { tookMs } = await endingOf(rig, name, { timeoutMs: 8_000, limits: browserLimits });
      expect(tookMs).toBeLessThan(28_000);
    },
    90_000,
  );
});
