/** Finds out what a link leads to and plants the tree of stages that keeps it. */
import { resolveCapture } from '../src/pipeline/capture/resolve.ts';
import { type StageWorker, stageRun } from './stage-worker.ts';

export const resolve: StageWorker = {
  stage: 'resolve',
  async work(app, job) {
    const run = stageRun(job);
    const tree = await resolveCapture(app.parts, run);
    const queue = await app.queue();
    await queue.addTree(tree, run.captureId, run.round, job.priority);
  },
};
