/**
 * If much of a platform seems to vanish at once, it is the platform, or we. Pure.
 */

import { defaultBreaker } from '../model/watch-rules.ts';

/** Counted by author or host: one account that is suspended with all its posts is no outage. */
export interface PlatformNow {
  visited: number;
  missing: number;
}

export function isHeld({ visited, missing }: PlatformNow, rule = defaultBreaker): boolean {
  return missing >= rule.atLeast && missing >= rule.share * visited;
}
