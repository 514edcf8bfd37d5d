/** Many posts queued at once: all end, the worker stays small, nothing is left behind. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { unfinishedAmong } from '../../src/catalog/captures.ts';
import { until } from '../support/queues.ts';
import type { Proof } from './proof.ts';
import { provingGround } from './proving-ground.ts';
import { processesWith } from './worker-process.ts';

const MiB = 1024 * 1024;
const limitMiB = 300;
const firstId = 1227381802398646272n;

/** Size: posts. */
export const proof: Proof = {
  fullSize: 200,
  async prove({ size, say }) {
    await using ground = await provingGround('postgres');
    const links = Array.from({ length: size }, (_, index) => {
      const id = String(firstId + BigInt(index) * 4194304n * 60_000n);
      ground.internet.world.addPost({
        id,
        author: { id: '90000003', handle: 'example', name: 'Example' },
        text: `Post number ${index} of a crowd, made for a test.`,
      });
      return `https://x.com/example/status/${id}`;
    });
    const worker = ground.startWorker();
    const startedAt = Date.now();
    const ids = await ground.submit(links.join('\n'));
    assert.equal(ids.length, size);
    const sizes = await watchUntilDone(
      ids,
      ground.app.parts.database,
      () => worker.residentBytes() ?? 0,
    );
    const seconds = (Date.now() - startedAt) / 1000;
    // What is made of the last ones follows their seals.
    const records = await ground.untilClosed(ids, 60_000);
    const states = Object.groupBy(records, ({ state }) => state ?? 'unfinished');
    assert.equal(
      states.complete?.length,
      size,
      JSON.stringify(
        Object.fromEntries(Object.entries(states).map(([state, list]) => [state, list?.length])),
      ),
    );
    const half = peakWhile(sizes, size * 0.25, size * 0.5);
    const last = peakWhile(sizes, size * 0.5, size);
    say(
      `${size} posts in ${seconds.toFixed(0)} s (${(size / seconds).toFixed(2)}/s), all complete; worker peak ${mib(Math.max(half, last))} MiB; second quarter ${mib(half)}, last half ${mib(last)} MiB`,
    );
    assert.ok(
      Math.max(half, last) < limitMiB * MiB,
      `the worker took ${mib(Math.max(half, last))} MiB`,
    );
    assert.ok(
      size < 100 || last < half * 1.1,
      `the worker grew from ${mib(half)} to ${mib(last)} MiB`,
    );
    await worker.stop();
    await until(
      () => processesWith(ground.home).every((line) => line.includes('postgres')),
      20_000,
    );
    say('no process left behind');
  },
};

interface Sample {
  done: number;
  bytes: number;
}

async function watchUntilDone(
  ids: string[],
  database: Parameters<typeof unfinishedAmong>[0],
  residentBytes: () => number,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const deadline = Date.now() + ids.length * 60_000;
  for (;;) {
    const open = (await unfinishedAmong(database, ids)).length;
    samples.push({ done: ids.length - open, bytes: residentBytes() });
    if (open === 0) return samples;
    assert.ok(Date.now() < deadline, `${open} of ${ids.length} are still open`);
    await sleep(200);
  }
}

function peakWhile(samples: Sample[], from: number, to: number): number {
  return Math.max(
    0,
    ...samples.filter(({ done }) => done >= from && done <= to).map(({ bytes }) => bytes),
  );
}

function mib(bytes: number): string {
  return (bytes / MiB).toFixed(0);
}
