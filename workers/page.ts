/** Photographs the pages of a capture. */
import { readDriver } from '../src/browser/browser.ts';
import { visitPages } from '../src/pipeline/capture/page.ts';
import { type StageWorker, stageRun } from './stage-worker.ts';

export const page: StageWorker = {
  stage: 'page',
  prepare: readDriver,
  work: (app, job) => visitPages(app.parts, stageRun(job)),
};
