/** Makes what is to be made of a sealed capture: frames, fingerprints, our own picture, text. */
import { deriveCapture } from '../src/pipeline/derive/derive-capture.ts';
import { feedDerivations } from '../src/pipeline/derive/feed-derivations.ts';
import { type StageWorker, stageRun } from './stage-worker.ts';

export const derive: StageWorker = {
  stage: 'derive',
  async work(app, job) {
    await deriveCapture(app.parts, stageRun(job));
    await feedDerivations(app.parts, await app.queue());
  },
};
