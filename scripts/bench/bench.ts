/** A measurement: ratios against a baseline in the same run, never a bare time. */
export interface Bench {
  measure(run: BenchRun): Promise<void>;
}

export interface BenchRun {
  /** Pairs of baseline and subject; the median counts. */
  pairs: number;
  say(line: string): void;
}

export interface PairedTimes {
  /** Subject over baseline, one a pair. */
  ratios: number[];
  baselineMs: number[];
  subjectMs: number[];
}

/** Runs both by turns, the order alternating, so that a busy machine is busy for both. */
export async function timePairs(
  pairs: number,
  baseline: () => Promise<unknown>,
  subject: () => Promise<unknown>,
): Promise<PairedTimes> {
  const times: PairedTimes = { ratios: [], baselineMs: [], subjectMs: [] };
  for (let pair = 0; pair < pairs; pair += 1) {
    const first = pair % 2 === 0 ? baseline : subject;
    const second = first === baseline ? subject : baseline;
    const [firstMs, secondMs] = [await timed(first), await timed(second)];
    const [baselineMs, subjectMs] = first === baseline ? [firstMs, secondMs] : [secondMs, firstMs];
    times.baselineMs.push(baselineMs);
    times.subjectMs.push(subjectMs);
    times.ratios.push(subjectMs / baselineMs);
  }
  return times;
}

/** `1.12 x (1.08 to 1.20), 1180 ms against 1050 ms` */
export function inWords({ ratios, baselineMs, subjectMs }: PairedTimes): string {
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  const times = `${median(subjectMs).toFixed(0)} ms against ${median(baselineMs).toFixed(0)} ms`;
  return `${median(ratios).toFixed(2)} x (${range}), ${times}`;
}

export function median(values: number[]): number {
  return percentile(values, 0.5);
}

/** Nearest rank; `share` between 0 and 1. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
