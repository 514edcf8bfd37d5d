/** Hands captures and derive jobs to the queue, and again those that the queue has lost. */
import { keepSearchable } from '../src/catalog/keep-searchable.ts';
import { feedDerivations, recoverLostJobs } from '../src/pipeline/derive/feed-derivations.ts';
import { feed as feedQueue, recoverLost } from '../src/pipeline/intake/feed.ts';
import type { StageWorker } from './stage-worker.ts';

export const feed: StageWorker = {
  stage: 'feed',
  async work(app) {
    const queue = await app.queue();
    await recoverLost(app.parts, queue);
    await feedQueue(app.parts, queue);
    await recoverLostJobs(app.parts, queue);
    await feedDerivations(app.parts, queue);
    await keepSearchable(app.parts.database, { most: 2_000 });
  },
};
