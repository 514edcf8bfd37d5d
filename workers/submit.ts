/** Takes in what other programs ask for. */
import { submitFromJob } from '../src/pipeline/requests/submit-job.ts';
import type { StageWorker } from './stage-worker.ts';

export const submit: StageWorker = {
  stage: 'submit',
  work: async (app, job) => submitFromJob(app.parts, await app.queue(), job),
};
