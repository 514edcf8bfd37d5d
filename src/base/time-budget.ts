/**
 * Time by the clock for work on strangers' files: so much over each of them, and so much over all
 * files of a job. What a single question may take is not enough: there are many questions to a
 * file, and many files to a job.
 */
import { PermanentError } from './errors.ts';
import { timeLimit } from './time-limit.ts';

export interface BudgetLimits {
  /** Over one file, whatever is asked about it. */
  fileMs: number;
  /** Over all files of the job together, beside what each of them has at any rate. */
  jobMs: number;
  /** So much every file has, also where others have used up the job's: most need far less. */
  ordinaryMs: number;
}

/** What stops work before its time is up. */
type Signals = readonly AbortSignal[];

export class TimeBudget {
  readonly #limits: BudgetLimits;
  readonly #spentMs = new Map<string, number>();
  /** Of the job's: what files took beyond what each has at any rate. */
  #jobSpentMs = 0;

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
  }

  /**
   * Works on a file for as long as there is time for it. Spends of one budget follow each other.
   * @throws PermanentError `file-time-limit`, `job-time-limit`, when the work has ended; what the
   *   work throws
   */
  async spend<Result>(
    file: string,
    signals: Signals,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const leftMs = this.#leftMs(file);
    if (leftMs <= 0) throw this.#spent(file);
    using limit = timeLimit(leftMs, ...signals);
    const startedAt = performance.now();
    try {
      return await work(limit.signal);
    } catch (error) {
      if (!limit.isOver) throw error;
      throw this.#spent(file, error);
    } finally {
      this.#note(file, performance.now() - startedAt);
    }
  }

  #leftMs(file: string): number {
    const { fileMs } = this.#limits;
    const spentMs = this.#spentMs.get(file) ?? 0;
    return Math.min(fileMs - spentMs, this.#ordinaryLeftMs(spentMs) + this.#jobLeftMs());
  }

  #jobLeftMs(): number {
    return Math.max(0, this.#limits.jobMs - this.#jobSpentMs);
  }

  #ordinaryLeftMs(spentMs: number): number {
    return Math.max(0, this.#limits.ordinaryMs - spentMs);
  }

  #note(file: string, tookMs: number): void {
    const before = this.#spentMs.get(file) ?? 0;
    this.#jobSpentMs += Math.max(0, tookMs - this.#ordinaryLeftMs(before));
    this.#spentMs.set(file, before + tookMs);
  }

  /** What is spent just now is not noted yet. */
  #spent(file: string, cause?: unknown): PermanentError {
    const { fileMs, jobMs, ordinaryMs } = this.#limits;
    const spentMs = this.#spentMs.get(file) ?? 0;
    if (fileMs - spentMs <= this.#ordinaryLeftMs(spentMs) + this.#jobLeftMs())
      return new PermanentError(
        'file-time-limit',
        `the ${seconds(fileMs)} that one file may take were used up`,
        { cause },
      );
    return new PermanentError(
      'job-time-limit',
      `the ${seconds(jobMs)} that files of one job may take were used up; ` +
        `${seconds(ordinaryMs)} more were not enough for this one`,
      { cause },
    );
  }
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
