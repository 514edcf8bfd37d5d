/** Fetches the originals of a capture. */
import { fetchAllMedia } from '../src/pipeline/capture/media.ts';
import { type StageWorker, stageRun } from './stage-worker.ts';

export const media: StageWorker = {
  stage: 'media',
  work: (app, job) => fetchAllMedia(app.parts, stageRun(job)),
};
