/** The seed of everything that tests draw by chance: fixed, so that a run fails or passes again as it did. */
import { noise } from './noise.ts';

/** Another one is set, and printed, by `npm run prove -- fuzz`. */
export const testSeed = Number(process.env.HOLDFAST_TEST_SEED ?? 20200212);

let drawn = 0;

/** Bytes where any will do; other ones at each call. */
export function anyBytes(sizeBytes: number): Buffer {
  drawn += 1;
  return noise(`${testSeed} ${drawn}`, sizeBytes);
}
