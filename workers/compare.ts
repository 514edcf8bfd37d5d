/** Compares closed captures with the ones before, and captures the versions of edited posts. */

import { feed } from '../src/pipeline/intake/feed.ts';
import { compareWaiting } from '../src/pipeline/watching/compare.ts';
import type { StageWorker } from './stage-worker.ts';

export const compare: StageWorker = {
  stage: 'compare',
  async work(app, job) {
    const opened = await compareWaiting(app.parts, job.signal);
    if (opened > 0) await feed(app.parts, await app.queue());
  },
};
