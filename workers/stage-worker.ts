/** What every file of this folder exports: one stage, glued to its function of `pipeline/`. */
import type { App } from '../src/app.ts';
import type { StageRun } from '../src/pipeline/parts.ts';
import { parseCapturePayload } from '../src/pipeline/payloads.ts';
import type { StageName } from '../src/queue/jobs.ts';
import type { StageJob } from '../src/queue/queue.ts';

export interface StageWorker {
  stage: StageName;
  /** Reads what its first job will need, while that one is still on its way. */
  prepare?(): void;
  /** What it gives is the job's result; stages whose results are rows give nothing. */
  work(app: App, job: StageJob): Promise<unknown>;
}

/** Job data, parsed, as the stages of a capture want it. @throws PermanentError `bad-payload` */
export function stageRun(job: StageJob): StageRun {
  const { captureId, round } = parseCapturePayload(job.data);
  const { attempt, lastAttempt, waitedMs, signal } = job;
  return { captureId, round, attempt, lastAttempt, waitedMs, signal };
}
