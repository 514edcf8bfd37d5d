/**
 * If much of a platform seems to vanish at once, it is the platform, or we. Pure.
 */

export interface BreakerRule {
  /** Share of the authors (or hosts) looked at lately whose posts went missing. */
  share: number;
  /** Fewer than this many are never "much". */
  atLeast: number;
  /** What counts as lately. */
  windowMs: number;
  /** What has been missing for longer no longer counts as "at once". */
  holdMs: number;
}

const hour = 3_600_000;

export const defaultBreaker: BreakerRule = {
  share: 0.2,
  atLeast: 5,
  windowMs: 6 * hour,
  holdMs: 72 * hour,
};

/** Counted by author or host: one account that is suspended with all its posts is no outage. */
export interface PlatformNow {
  visited: number;
  missing: number;
}

export function isHeld({ visited, missing }: PlatformNow, rule = defaultBreaker): boolean {
  return missing >= rule.atLeast && missing >= rule.share * visited;
}
