/** The proof of `npm run prove -- lies`, reduced: most kinds of lies side by side on one page, some alone. */
import { afterAll, beforeAll, test } from 'vitest';
import { proveTogether } from './prove/lies.ts';
import { allLies } from './support/lies/all-lies.ts';
import { openRecordingRig, type RecordingRig } from './support/recording-rig.ts';
import { testSeed } from './support/seed.ts';

let rig: RecordingRig;
beforeAll(async () => {
  rig = await openRecordingRig();
});
afterAll(() => rig?.[Symbol.asyncDispose]());

test('whatever a page shows is in its record, or named as missing', async () => {
  const together = allLies.filter(({ isAlone }) => !isAlone);
  await proveTogether(rig, together, testSeed);
}, 60_000);
