/** Hands captures to the queue, and again those that the queue has lost. */
import { feed as feedQueue } from '../src/pipeline/feed.ts';
import type { StageWorker } from './stage-worker.ts';

export const feed: StageWorker = {
  stage: 'feed',
  async work(app) {
    await feedQueue(app.parts, await app.queue());
  },
};
