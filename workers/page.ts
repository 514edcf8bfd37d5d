/** Photographs the pages of a capture. */
import { visitPages } from '../src/pipeline/page.ts';
import { type StageWorker, stageRun } from './stage-worker.ts';

export const page: StageWorker = {
  stage: 'page',
  work: (app, job) => visitPages(app.parts, stageRun(job)),
};
