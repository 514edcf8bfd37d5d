/** Reads everything back, writes the manifest, closes the capture, and makes room for the next. */
import { sealCapture } from '../src/pipeline/capture/seal.ts';
import { feedDerivations } from '../src/pipeline/derive/feed-derivations.ts';
import { feed } from '../src/pipeline/intake/feed.ts';
import { type StageWorker, stageRun } from './stage-worker.ts';

export const seal: StageWorker = {
  stage: 'seal',
  async work(app, job) {
    await sealCapture(app.parts, stageRun(job));
    const queue = await app.queue();
    await feed(app.parts, queue);
    await feedDerivations(app.parts, queue);
  },
};
