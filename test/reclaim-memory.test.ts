/** Garbage of many requests, taken out while they go on. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { collectGarbage } from '../src/base/collect-garbage.ts';
import { MemoryReclaimer } from '../src/recorder/reclaim-memory.ts';

const MiB = 1024 * 1024;

test('pieces of a body do not gather, though each is still held when it is told of', async () => {
  collectGarbage('major');
  const memory = new MemoryReclaimer();
  const before = largeTextBytes();
  let peak = 0;
  for (let piece = 0; piece < 40; piece += 1) {
    await Promise.resolve(messageWith(2 * MiB)).then(({ data }) => {
      memory.piece(2 * MiB);
      expect(data.length).toBeGreaterThan(2 * MiB);
    });
    await nextTurn();
    peak = Math.max(peak, largeTextBytes() - before);
  }
  // Those on their way, of 107 MiB in all.
  expect(peak).toBeLessThan(10 * MiB);
});

/** As it comes from the browser: a piece in Base64 in the text of its message. */
function messageWith(sizeBytes: number): { data: string } {
  const message = JSON.stringify({ data: Buffer.alloc(sizeBytes, 7).toString('base64') });
  return JSON.parse(message) as { data: string };
}

/** Texts of this size lie apart from others, and stay there until everything is looked through. */
function largeTextBytes(): number {
  return getHeapSpaceStatistics()
    .filter((space) => space.space_name.endsWith('large_object_space'))
    .reduce((sum, space) => sum + space.space_used_size, 0);
}
