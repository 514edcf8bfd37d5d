/** Reads everything back, writes the manifest, closes the capture, and makes room for the next. */
import { feed } from '../src/pipeline/feed.ts';
import { sealCapture } from '../src/pipeline/seal.ts';
import { type StageWorker, stageRun } from './stage-worker.ts';

export const seal: StageWorker = {
  stage: 'seal',
  async work(app, job) {
    await sealCapture(app.parts, stageRun(job));
    await feed(app.parts, await app.queue());
  },
};
