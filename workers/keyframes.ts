/** Takes frames and contact sheets from its videos; then looks inside all its media. */

import { inspectMedia } from '../src/pipeline/capture/inspect-media.ts';
import { extractAllKeyframes } from '../src/pipeline/capture/keyframes.ts';
import { type StageWorker, stageRun } from './stage-worker.ts';

export const keyframes: StageWorker = {
  stage: 'keyframes',
  work: async (app, job) => {
    await extractAllKeyframes(app.parts, stageRun(job));
    await inspectMedia(app.parts, stageRun(job), 'keyframes');
  },
};
