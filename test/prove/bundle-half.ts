/** Bundles: every kind of file × every change × lists left or made to fit. */
import { type Half, nothingYet } from './tampering.ts';

export const bundleHalf: Half = {
  name: 'bundles',
  least: { tamperings: 0, untouched: 0 },
  attack: async () => nothingYet(),
};
