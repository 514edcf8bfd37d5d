/** Asks another archive to keep a copy, where a case opted in. */
import { timeNow } from '../src/pipeline/parts.ts';
import { saveElsewhere as sweepSaves } from '../src/pipeline/watching/save-elsewhere.ts';
import type { StageWorker } from './stage-worker.ts';

export const saveElsewhere: StageWorker = {
  stage: 'save-elsewhere',
  async work(app, job) {
    await sweepSaves(app.parts, timeNow(app.parts), job.signal);
  },
};
