/** How far a step is, reported while it works and taken back when it has ended, however it ended. */
import { clearProgress, noteProgress, type Progress } from '../catalog/progress.ts';
import type { Parts, StageRun } from './parts.ts';

/** Never fails and never waits: work goes on whether or not anybody can be told. */
export type ReportProgress = (progress: Progress) => void;

export async function reportProgress<Result>(
  { database }: Pick<Parts, 'database'>,
  { captureId }: Pick<StageRun, 'captureId'>,
  step: string,
  work: (report: ReportProgress) => Promise<Result>,
): Promise<Result> {
  // In turn, and all before the end: one that came late would stand there for ever.
  let reported = Promise.resolve();
  const report: ReportProgress = (progress) => {
    reported = reported.then(() => noteProgress(database, captureId, step, progress));
  };
  try {
    return await work(report);
  } finally {
    await reported;
    // What ended the work is what its caller must hear.
    await clearProgress(database, captureId, step).catch(() => undefined);
  }
}
