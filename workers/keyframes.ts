/** Takes frames and contact sheets from its videos. */
import { extractAllKeyframes } from '../src/pipeline/keyframes.ts';
import { type StageWorker, stageRun } from './stage-worker.ts';

export const keyframes: StageWorker = {
  stage: 'keyframes',
  work: (app, job) => extractAllKeyframes(app.parts, stageRun(job)),
};
