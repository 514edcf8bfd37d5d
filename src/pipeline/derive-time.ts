/**
 * How long a derive job may take over one file, whatever is made of it, and over all of them: by
 * the clock. The decoder of pictures has limits of its own, which are stricter (`pictureTime`).
 */
import { type BudgetLimits, TimeBudget } from '../base/time-budget.ts';
import type { LimitConfig } from '../config/config.ts';

const minute = 60_000;
/** So much each file has, also where others have used up the time of the job. */
const ordinaryMs = 10_000;

/** Pictures, documents and texts, and our own picture of a post. */
export const stillTime: BudgetLimits = { fileMs: 3 * minute, jobMs: 6 * minute, ordinaryMs };

/** Part of the job's that one video or sound may take: one hostile file leaves something for the rest. */
const shareOfOne = 0.75;

/** A short limit for what has to be fetched says nothing of how long reading it takes. */
export function recordingTime({ mediaTimeoutMs }: Pick<LimitConfig, 'mediaTimeoutMs'>) {
  const jobMs = Math.max(10 * minute, 2 * mediaTimeoutMs);
  return { fileMs: shareOfOne * jobMs, jobMs, ordinaryMs } satisfies BudgetLimits;
}

/** Where neither of the two ends a job: what hundreds of files have at any rate, and its last entry. */
const slackMs = 15 * minute;

export function deriveTimeoutMs(limits: Pick<LimitConfig, 'mediaTimeoutMs'>): number {
  return recordingTime(limits).jobMs + stillTime.jobMs + slackMs;
}

/** The time of one job: long recordings take none of what pictures and documents have. */
export class DeriveTime {
  readonly recordings: TimeBudget;
  readonly stills: TimeBudget;

  constructor(limits: Pick<LimitConfig, 'mediaTimeoutMs'>, still: BudgetLimits = stillTime) {
    this.recordings = new TimeBudget(recordingTime(limits));
    this.stills = new TimeBudget(still);
  }
}
