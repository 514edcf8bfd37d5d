/** Questions about all jobs of one round of a capture. */

import { type CaptureRound, type CaptureStage, captureStages, jobId } from './jobs.ts';
import type { Producers } from './producers.ts';

const ended = new Set(['completed', 'failed', 'unknown']);

/**
 * A tree is alive exactly as long as its root, which waits for everything below it; before
 * there is a tree, there is `resolve`.
 */
export async function isLive(producers: Producers, of: CaptureRound): Promise<boolean> {
  const stages: CaptureStage[] = ['seal', 'resolve'];
  for (const stage of stages) {
    const queue = await producers.queue(stage);
    if (!ended.has(await queue.getJobState(jobId(of, stage)))) return true;
  }
  return false;
}

export async function isDeriving(producers: Producers, of: CaptureRound): Promise<boolean> {
  const queue = await producers.queue('derive');
  return !ended.has(await queue.getJobState(jobId(of, 'derive')));
}

/** From the root down, so that taking out a child doesn't set its parent going. */
export async function cancelRound(producers: Producers, of: CaptureRound): Promise<void> {
  for (const stage of captureStages.toReversed()) {
    const queue = await producers.queue(stage);
    const id = jobId(of, stage);
    const isUnderWay = async () => (await queue.getJobState(id)) === 'active';
    const job = await queue.getJob(id);
    if (job === undefined || (await isUnderWay())) continue;
    try {
      await job.remove({ removeChildren: false });
    } catch (error) {
      if (!(await isUnderWay())) throw error; // else it began just now
    }
  }
}
