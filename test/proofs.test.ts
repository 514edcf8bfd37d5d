/** The proofs of `npm run prove`, reduced: the same code with a smaller size. */
import { describe, expect, test } from 'vitest';
import { proveOn } from '../scripts/prove/crash.ts';
import { proof as largeVideo } from '../scripts/prove/large-video.ts';
import { proof as load } from '../scripts/prove/load.ts';
import { haveFixtures, proof as recorded } from '../scripts/prove/recorded.ts';

const said: string[] = [];
const run = (size: number) => ({ size, seed: 1, say: (line: string) => void said.push(line) });

describe('proofs, reduced', () => {
  test.each(['postgres', 'redis'] as const)(
    'a worker killed while it fetched, queue on %s: the same captures end complete, a rebuilt catalog answers the same',
    async (backend) => {
      await proveOn(backend, run(1), [{ victim: 'worker', stage: 'media' }]);
    },
    240_000,
  );

  test('PostgreSQL killed while pages were visited: the same captures end complete', async () => {
    await proveOn('postgres', run(1), [{ victim: 'postgres', stage: 'page' }]);
  }, 240_000);

  test('Redis killed while pages were visited: the same captures end complete', async () => {
    await proveOn('redis', run(1), [{ victim: 'redis', stage: 'page' }]);
  }, 240_000);

  test('posts queued at once all end, in a small worker', () => load.prove(run(8)), 240_000);

  test('a video of 96 MiB takes little memory', () => largeVideo.prove(run(96)), 240_000);

  test.skipIf(!haveFixtures)(
    'recorded answers end in the state that they deserve (../shared/fixtures)',
    () => recorded.prove(run(4)),
    240_000,
  );

  test('each said what it saw', () => {
    expect(said.join('\n')).toMatch(/both complete[\s\S]*no process left behind/);
  });
});
