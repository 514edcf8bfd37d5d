/** The proofs of `npm run prove`, reduced: the same code with a smaller size. */
import { describe, expect, test } from 'vitest';
import { clipCode } from './internet/founding-story.ts';
import { proveOn } from './prove/crash.ts';
import { proof as due } from './prove/due.ts';
import { proof as largeVideo } from './prove/large-video.ts';
import { proof as load } from './prove/load.ts';
import { haveFixtures, proof as recorded } from './prove/recorded.ts';
import { havePdqFixtures, proof as similar } from './prove/similar.ts';
import { proof as things } from './prove/things.ts';
import { proof as watch } from './prove/watch.ts';
import { proveYear } from './prove/year.ts';

const said: string[] = [];
const run = (size: number) => ({ size, seed: 1, say: (line: string) => void said.push(line) });

describe('proofs, reduced', () => {
  // The servers' deaths on either backend are in `queue-crashes` too; all of it is in the full proof.
  test.each([
    ['postgres', { victim: 'postgres', stage: 'page' }],
    ['redis', { victim: 'worker', stage: 'media' }],
  ] as const)(
    'queue on %s, and %o killed: the same captures end complete, a rebuilt catalog answers the same',
    (backend, victim) =>
      proveOn(backend, { ...run(1), text: `pic.twitter.com/${clipCode}` }, [victim]),
    240_000,
  );

  test('posts queued at once all end, in a small worker', () => load.prove(run(3)), 240_000);

  test(
    'watches that are all due are visited, and a pasted link does not wait for them',
    () => due.prove(run(20)),
    240_000,
  );

  test('a video of 64 MiB takes little memory', () => largeVideo.prove(run(64)), 240_000);

  test.skipIf(!haveFixtures)(
    'recorded answers end in the state that they deserve (../shared/fixtures)',
    () => recorded.prove(run(2)),
    240_000,
  );

  test.skipIf(!havePdqFixtures)(
    'edited copies are found again, strangers are not (../shared/fixtures/pdq)',
    () => similar.prove(run(1)),
    240_000,
  );

  test(
    'files, answers without a page, refreshes, fragments and odd media end as they deserve',
    () => things.prove(run(14)),
    240_000,
  );

  test('a year of watching 500 sources: no false removal, every true one found', async () => {
    await watch.prove(run(500));
  }, 120_000);

  // The full proof has a year on both queue backends.
  test('two weeks of watching 6 sources over HTTP, queue and SQL: all true, nothing doubled', async () => {
    const lines: string[] = [];
    const fortnightMs = 14 * 24 * 3_600_000;
    await proveYear(
      'postgres',
      { size: 6, seed: 1, say: (line) => void lines.push(line) },
      fortnightMs,
    );
    expect(lines.join()).toMatch(/3 of 3 removals found.*1 of 1 restorations, 2 of 2 edits/);
  }, 240_000);

  test('each said what it saw', () => {
    expect(said.join('\n')).toMatch(/all complete, same files[\s\S]*no process left behind/);
  });
});
