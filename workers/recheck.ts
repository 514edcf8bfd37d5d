/** One sweep over the watches: looks at what is due, and captures again where that is called for. */
import { feed } from '../src/pipeline/intake/feed.ts';
import { timeNow } from '../src/pipeline/parts.ts';
import { sweepWatches } from '../src/pipeline/watching/recheck.ts';
import type { StageWorker } from './stage-worker.ts';

export const recheck: StageWorker = {
  stage: 'recheck',
  async work(app, job) {
    const opened = await sweepWatches(app.parts, timeNow(app.parts), job.signal);
    if (opened > 0) await feed(app.parts, await app.queue());
  },
};
