/**
 * Whether the times that a log gives itself, and those that captures claim, can all be so. Each
 * is the word of one machine; held against each other and against the word of authorities, a
 * false one stands out unless everything else is false in the same way.
 */
import type { PriorCheckpoint } from './sealed-records.ts';

/** By when a whole checkpoint existed, on the word of somebody else. */
export interface TrustedTime {
  /** Of the checkpoint: how many entries existed by then. */
  size: number;
  genTime: Date;
  /** What both clocks may differ by. */
  skewMs: number;
  authority: string;
}

/** Several machines write to one log; more than this is a clock that is wrong, or a lie. */
export const clockToleranceMs = 60_000;
/** What an authority's clock and ours may differ by, beyond what it claims. */
export const stampToleranceMs = 2_000;
/** A token is recorded as soon as it comes; more than this means that a clock is wrong. */
const recordedWithinMs = 10 * 60_000;

interface Placed {
  index: number;
  at: Date;
}

/** Takes the entries in the order of the log, whether all are there or only some. */
export class OrderOfTime {
  /** Ascending by size; each with the earliest time from its size on. */
  readonly #bounds: TrustedTime[];
  #bound = 0;
  #newest: { ms: number; words: string } | null = null;

  constructor(times: TrustedTime[]) {
    const descending = times.toSorted((one, other) => other.size - one.size);
    let earliest: TrustedTime | undefined;
    this.#bounds = descending
      .map((time) => {
        if (earliest === undefined || latestMs(time) < latestMs(earliest)) earliest = time;
        return { ...earliest, size: time.size };
      })
      .reverse();
  }

  /** What is wrong with the time of the next entry, or `null`. */
  faultOf({ index, at }: Placed): string | null {
    while ((this.#bounds[this.#bound]?.size ?? Number.POSITIVE_INFINITY) <= index) this.#bound += 1;
    const before = this.#newest;
    const by = this.#bounds[this.#bound];
    if (before === null || at.getTime() > before.ms)
      this.#newest = { ms: at.getTime(), words: `entry ${index} is of ${at.toISOString()}` };
    if (before !== null && at.getTime() < before.ms - clockToleranceMs)
      return `goes back in time: it is of ${at.toISOString()}, but before it ${before.words}`;
    if (by !== undefined && at.getTime() > latestMs(by) + clockToleranceMs)
      return `is of ${at.toISOString()}, but ${by.authority} saw it at ${by.genTime.toISOString()}`;
    return null;
  }

  /** The entry that was asked about last records a token of this time: nothing after it is older. */
  learn({ genTime, skewMs, authority }: Omit<TrustedTime, 'size'>): void {
    const ms = genTime.getTime() - skewMs;
    if (this.#newest !== null && ms <= this.#newest.ms) return;
    this.#newest = { ms, words: `a token of ${authority} is of ${genTime.toISOString()}` };
  }
}

function latestMs({ genTime, skewMs }: TrustedTime): number {
  return genTime.getTime() + skewMs;
}

/** Whether a token is not of the time at which the log says that it came. */
export function clocksDiffer(
  { genTime, skewMs }: Pick<TrustedTime, 'genTime' | 'skewMs'>,
  recordedAt: Date,
): boolean {
  const lateMs = recordedAt.getTime() - genTime.getTime();
  return lateMs < -skewMs || lateMs > recordedWithinMs + skewMs;
}

/** What a capture claims, and what the log says of it. */
export interface ClaimedTimes {
  startedAt: Date;
  finishedAt: Date;
  /** Of its entry. */
  enteredAt: Date;
  prior: PriorCheckpoint | null | undefined;
}

/**
 * `back-dated` or `post-dated`, where its own entries show that, or `null`.
 * @param knownAt time of the newest entry under the checkpoint that its manifest names
 */
export function faultOfClaim(
  { startedAt, finishedAt, enteredAt }: Omit<ClaimedTimes, 'prior'>,
  knownAt: Date | null,
): 'back-dated' | 'post-dated' | null {
  if (startedAt > finishedAt) return 'back-dated';
  if (knownAt !== null && startedAt.getTime() < knownAt.getTime() - clockToleranceMs)
    return 'back-dated';
  return finishedAt.getTime() > enteredAt.getTime() + clockToleranceMs ? 'post-dated' : null;
}

/** The newest time among the first entries of a log, of which only some may be here. */
export function newestUnder(places: Placed[]): (size: number) => Date | null {
  const indexes = places.map(({ index }) => index);
  const newest: Date[] = [];
  for (const [place, { at }] of places.entries()) {
    const before = newest[place - 1];
    newest.push(before === undefined || at > before ? at : before);
  }
  return (size) => {
    let [from, to] = [0, indexes.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((indexes[middle] ?? 0) < size) from = middle + 1;
      else to = middle;
    }
    return newest[from - 1] ?? null;
  };
}
