/** Tells people what happened: alerts to every channel, with retries. */

import { timeNow } from '../src/pipeline/parts.ts';
import { notify as tellChannels } from '../src/pipeline/watching/notify.ts';
import type { StageWorker } from './stage-worker.ts';

export const notify: StageWorker = {
  stage: 'notify',
  work: (app, job) => tellChannels(app.parts, timeNow(app.parts), job.signal),
};
