/** One sweep over the watches: captures again what is due. */
import { feed } from '../src/pipeline/feed.ts';
import { sweepWatches } from '../src/pipeline/recheck.ts';
import type { StageWorker } from './stage-worker.ts';

export const recheck: StageWorker = {
  stage: 'recheck',
  async work(app) {
    const opened = await sweepWatches(app.parts, new Date());
    if (opened > 0) await feed(app.parts, await app.queue());
  },
};
