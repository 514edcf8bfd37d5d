/** Draws our own picture of a post. */
import { renderCapture } from '../src/pipeline/capture/render.ts';
import { type StageWorker, stageRun } from './stage-worker.ts';

export const render: StageWorker = {
  stage: 'render',
  work: (app, job) => renderCapture(app.parts, stageRun(job)),
};
