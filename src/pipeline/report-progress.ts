/** How far a step is, told while it works and taken back when it has ended, however it ended. */
import { clearProgress, noteProgress, type Progress } from '../catalog/progress.ts';
import type { Parts, StageRun } from './parts.ts';

/** Never fails and never waits: work goes on whether anybody can be told or not. */
export type Tell = (progress: Progress) => void;

export async function whileTelling<Result>(
  { database }: Pick<Parts, 'database'>,
  { captureId }: Pick<StageRun, 'captureId'>,
  step: string,
  work: (tell: Tell) => Promise<Result>,
): Promise<Result> {
  // In turn, and all before the end: one that came late would stand there for ever.
  let told = Promise.resolve();
  const tell: Tell = (progress) => {
    told = told.then(() => noteProgress(database, captureId, step, progress));
  };
  try {
    return await work(tell);
  } finally {
    await told;
    // What ended the work is what its caller must hear.
    await clearProgress(database, captureId, step).catch(() => undefined);
  }
}
