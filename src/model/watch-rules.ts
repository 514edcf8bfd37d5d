/** How many misses make a removal, and how many removals at once make an outage. Settings can change both. */

const minute = 60_000;
const hour = 60 * minute;

export interface AvailabilityRule {
  /** Where the origin says in words that it is gone. */
  stated: MissesNeeded;
  /** Where it is only not there. */
  silent: MissesNeeded;
  /** Where its host's name no longer exists. */
  domain: MissesNeeded;
  /** How many routes must agree in one visit before it counts as a miss. */
  routes: number;
  /** Misses that are closer together than this count once. */
  spacingMs: number;
}

export interface MissesNeeded {
  misses: number;
  /** From the first to the last of them, at least. */
  overMs: number;
}

export const defaultRule: AvailabilityRule = {
  stated: { misses: 2, overMs: hour },
  silent: { misses: 3, overMs: 24 * hour },
  domain: { misses: 4, overMs: 7 * 24 * hour },
  routes: 2,
  spacingMs: 10 * minute,
};

/** If much of a platform seems to vanish at once, it is the platform, or we. */
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

export const defaultBreaker: BreakerRule = {
  share: 0.2,
  atLeast: 5,
  windowMs: 6 * hour,
  holdMs: 72 * hour,
};
