/**
 * Whoever knows the formats and may write to a bundle, to the vault or to the catalog changes
 * one thing at a time and makes everything else fit that can be made to fit. Each such tampering
 * is found, or was named beforehand as what nothing can find; untouched, nothing is raised.
 */
import { archiveHalf } from './archive-half.ts';
import { bundleHalf } from './bundle-half.ts';
import type { Proof } from './proof.ts';
import { conclude, type Half } from './tampering.ts';

const halves: Half[] = [bundleHalf, archiveHalf];
const fullSize = 100;

/** Size: percent of the tamperings of each half. */
export const proof: Proof = {
  fullSize,
  async prove(run) {
    for (const half of halves) conclude(half, await half.attack(run), run, fullSize);
  },
};
