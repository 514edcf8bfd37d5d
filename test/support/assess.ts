/** What all visits to a source together say, for tests that have them all at once. */
import {
  type Assessment,
  afterVisit,
  neverVisited,
  type Visit,
} from '../../src/watch/availability.ts';

/** @param visits in any order */
export function assess(visits: Visit[]): Assessment {
  return visits
    .toSorted((a, b) => a.at.getTime() - b.at.getTime())
    .reduce((state, visit) => afterVisit(state, visit), neverVisited);
}
