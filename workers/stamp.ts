/** Upkeep of the seal: entries that are missing, checkpoints that are due, timestamps, witnesses. */
import { sweepSeal } from '../src/pipeline/custody/stamp.ts';
import type { StageWorker } from './stage-worker.ts';

export const stamp: StageWorker = {
  stage: 'stamp',
  work: (app, job) => sweepSeal(app.parts, job.signal),
};
