/** Tells people what happened: alerts to every channel, with retries. */
import { notify as tellChannels } from '../src/pipeline/notify.ts';
import { timeNow } from '../src/pipeline/parts.ts';
import type { StageWorker } from './stage-worker.ts';

export const notify: StageWorker = {
  stage: 'notify',
  work: (app, job) => tellChannels(app.parts, timeNow(app.parts), job.signal),
};
