/** Fetches the originals of a capture; looks inside them where no frames will be taken. */
import { inspectMedia } from '../src/pipeline/capture/inspect-media.ts';
import { fetchAllMedia } from '../src/pipeline/capture/media.ts';
import { type StageWorker, stageRun } from './stage-worker.ts';

export const media: StageWorker = {
  stage: 'media',
  work: async (app, job) => {
    await fetchAllMedia(app.parts, stageRun(job));
    await inspectMedia(app.parts, stageRun(job), 'media');
  },
};
