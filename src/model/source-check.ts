/** One look at a source now. */
import type { Availability, Signal } from './signals.ts';

/** How far a source that is missing is from being concluded removed. */
export interface ToRemoval {
  /** Counted so far, and how many it takes. */
  misses: number;
  needed: number;
  /** From when on another miss counts. */
  nextCountsFrom: Date;
  /** When the last of them may come at the earliest. */
  notBefore: Date;
}

/** What each route said, and what follows from everything that was ever observed. */
export interface SourceCheck {
  source: string;
  availability: Availability;
  kind: Signal | null;
  since: Date | null;
  firstSeen: Date | null;
  lastSeen: Date | null;
  firstMissed: Date | null;
  confirmedAt: Date | null;
  misses: number;
  /** `null`: it is not missing, or no miss counts so far. */
  toRemoval: ToRemoval | null;
  /** Something happened between the visit before and this one: `suspect`, `removed` … */
  happened: string[];
  routes: {
    route: string;
    url: string;
    httpStatus: number | null;
    signal: string;
    statement: string | null;
    failure: string | null;
    bodySha256: string | null;
    /** Whether the route gave what is known to be there; `null`: it was not asked. */
    canary: 'passed' | 'failed' | null;
    at: Date;
  }[];
}
