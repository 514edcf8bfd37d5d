/** Hashes again what is due, and ends removals that were begun. */
import { sweepFixity } from '../src/pipeline/custody/fixity.ts';
import { finishRemovals } from '../src/pipeline/custody/removal.ts';
import type { StageWorker } from './stage-worker.ts';

export const fixity: StageWorker = {
  stage: 'fixity',
  async work(app, job) {
    await finishRemovals(app.parts);
    await sweepFixity(app.parts, { signal: job.signal });
  },
};
