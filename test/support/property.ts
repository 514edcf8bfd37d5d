/** Property tests, from the seed of this run: the same in every `npm test`. The only home of fast-check. */
import fc from 'fast-check';
import { testSeed } from './seed.ts';

fc.configureGlobal({ seed: testSeed });

export { fc };
