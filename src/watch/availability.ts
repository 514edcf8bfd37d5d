/**
 * From observations to a conclusion. Pure: the same visits always give the same answer, so
 * whatever is claimed can be derived again by anybody who holds the observations.
 *
 * `removed` is claimed only after several misses over time, each of them heard by at least
 * two routes that gave a known-good source in the same window. One miss is `suspect`.
 * Trouble on the way (429, 403, 5xx, time-outs, unreadable answers) says nothing.
 */
import { type Availability, mostTelling, type Signal, standingOf } from '../model/signals.ts';
import { type AvailabilityRule, defaultRule, type MissesNeeded } from '../model/watch-rules.ts';

/** Whether the route gave what is known, in the same window: a known-good source, and no known-gone one. */
export type CanaryWord = 'passed' | 'failed' | 'unasked';

export interface Said {
  route: string;
  signal: Signal;
  canary: CanaryWord;
}

/** Everything that was heard about one source at one moment. */
export interface Visit {
  at: Date;
  said: Said[];
  /** Much of the platform seemed to vanish at once: what this visit missed is not counted. */
  held: boolean;
}

export interface Assessment {
  availability: Availability;
  /** The signal behind it; `null` where there is nothing to explain. */
  kind: Signal | null;
  since: Date | null;
  firstSeen: Date | null;
  lastSeen: Date | null;
  /** Of the present run of misses. */
  firstMissed: Date | null;
  confirmedAt: Date | null;
  /** Counted ones of the present run. */
  misses: number;
  /** The last visit that said anything about the source, and the last one at all. */
  lastTold: Date | null;
  lastVisit: Date | null;
  /** Since when visits said nothing about the source, or could not be believed. */
  muteSince: Date | null;
  everRemoved: boolean;
  /** Concluded to be removed, and not seen whole since. */
  gone: boolean;
  /** Since when it isn't found, counted or not: what the breaker looks at. */
  missingSince: Date | null;
  run: MissRun;
}

/** Counted misses so far, by the kind of miss: how many, the first and the last. */
type MissRun = Partial<Record<'stated' | 'any' | 'domain', Count>>;
interface Count {
  misses: number;
  first: Date;
  /** The last one that was counted, and the last one at all. */
  lastCounted: Date;
  last: Date;
}

export const neverVisited: Assessment = {
  availability: 'unknown',
  kind: null,
  since: null,
  firstSeen: null,
  lastSeen: null,
  firstMissed: null,
  confirmedAt: null,
  misses: 0,
  lastTold: null,
  lastVisit: null,
  muteSince: null,
  everRemoved: false,
  gone: false,
  missingSince: null,
  run: {},
};

/** What one more visit makes of what was known. */
export function afterVisit(
  before: Assessment,
  visit: Visit,
  rule: AvailabilityRule = defaultRule,
): Assessment {
  const visited = { ...before, lastVisit: visit.at };
  // A route that fails with its canaries says nothing about anything else either.
  const heard = visit.said.filter(({ canary }) => canary !== 'failed');
  const signal = mostTelling(heard.map((said) => said.signal));
  if (signal === null) return { ...visited, muteSince: before.muteSince ?? visit.at };
  switch (standingOf(signal)) {
    case 'present':
      return seen(visited, visit.at, before.everRemoved ? 'restored' : 'available', null);
    case 'restricted':
      return seen(visited, visit.at, 'restricted', signal);
    default:
      return missed(visited, visit, signal, rule);
  }
}

function seen(
  before: Assessment,
  at: Date,
  availability: Availability,
  kind: Signal | null,
): Assessment {
  const same = before.availability === availability && before.kind === kind;
  return {
    ...before,
    availability,
    kind,
    since: same ? before.since : at,
    firstSeen: before.firstSeen ?? at,
    lastSeen: at,
    lastTold: at,
    firstMissed: null,
    confirmedAt: null,
    misses: 0,
    missingSince: null,
    muteSince: null,
    gone: before.gone && availability === 'restricted',
    run: {},
  };
}

function missed(
  before: Assessment,
  visit: Visit,
  signal: Signal,
  rule: AvailabilityRule,
): Assessment {
  const missingSince = before.missingSince ?? visit.at;
  if (visit.held) return { ...before, missingSince, muteSince: before.muteSince ?? visit.at };
  const firstMissed = before.firstMissed ?? visit.at;
  const counts = isCounted(visit.said, signal, rule);
  const run = counts ? plural(before.run, visit.at, signal, rule) : before.run;
  const base: Assessment = {
    ...before,
    lastTold: visit.at,
    muteSince: null,
    missingSince,
    firstMissed,
    run,
    misses: run.any?.misses ?? 0,
  };
  if (before.availability === 'removed') return { ...base, kind: worded(before.kind, signal) };
  const conclusion = concluded(base, signal, rule);
  if (conclusion === null) {
    const kind = before.availability === 'suspect' ? worded(before.kind, signal) : signal;
    return { ...base, availability: 'suspect', kind, since: firstMissed };
  }
  return {
    ...base,
    availability: 'removed',
    kind: conclusion,
    since: firstMissed,
    confirmedAt: visit.at,
    everRemoved: true,
    gone: true,
  };
}

/**
 * Two routes at least miss it, both having given what is known to be there. Where none says
 * in words that it is gone, no route may be mute: the one that can't be heard may be the one
 * that would name a softer reason (withheld here, behind a log-in).
 */
function isCounted(said: Said[], signal: Signal, rule: AvailabilityRule): boolean {
  const missing = new Set(
    said.filter((one) => one.canary === 'passed' && isMiss(one.signal)).map(({ route }) => route),
  );
  if (missing.size < rule.routes) return false;
  return standingOf(signal) === 'stated' || said.every(({ route }) => missing.has(route));
}

function isMiss(signal: Signal): boolean {
  const standing = standingOf(signal);
  return standing === 'stated' || standing === 'silent';
}

function plural(run: MissRun, at: Date, signal: Signal, rule: AvailabilityRule): MissRun {
  const one = (count: Count | undefined): Count => {
    if (count === undefined) return { misses: 1, first: at, lastCounted: at, last: at };
    if (at.getTime() - count.lastCounted.getTime() < rule.spacingMs) return { ...count, last: at };
    return { ...count, misses: count.misses + 1, lastCounted: at, last: at };
  };
  const stated = standingOf(signal) === 'stated';
  const domain = signal === 'domain-gone';
  return {
    // That a name is not found is no second opinion on a page that is not found.
    any: domain ? run.any : one(run.any),
    stated: stated ? one(run.stated) : run.stated,
    domain: domain ? one(run.domain) : run.domain,
  };
}

/** The kind of removal that the run of misses proves, if it proves one. */
function concluded(state: Assessment, signal: Signal, rule: AvailabilityRule): Signal | null {
  const { run } = state;
  if (enough(run.stated, rule.stated)) return worded(state.kind, signal);
  // Without words, only what was seen before can be missing.
  if (state.firstSeen === null) return null;
  if (enough(run.any, rule.silent)) return worded(state.kind, signal);
  return enough(run.domain, rule.domain) ? 'domain-gone' : null;
}

function enough(count: Count | undefined, needed: MissesNeeded): boolean {
  if (count === undefined || count.misses < needed.misses) return false;
  return count.last.getTime() - count.first.getTime() >= needed.overMs;
}

/** A reason once given stays, where a later answer only says "not found". */
function worded(before: Signal | null, now: Signal): Signal {
  const keeps = before !== null && standingOf(before) === 'stated' && standingOf(now) === 'silent';
  return keeps ? before : now;
}

/** What happened between two assessments of one source, as kinds of events. */
export type Transition =
  | 'suspect'
  | 'removed'
  | 'restored'
  | 'restricted'
  /** A suspicion that did not come true, or a restriction that was lifted. */
  | 'cleared';

export function transition(before: Assessment, after: Assessment): Transition | null {
  if (before.availability === after.availability) {
    const otherwise = after.availability === 'restricted' && before.kind !== after.kind;
    return otherwise ? 'restricted' : null;
  }
  switch (after.availability) {
    case 'suspect':
    case 'removed':
    case 'restricted':
      return after.availability;
    case 'restored':
      return before.gone ? 'restored' : 'cleared';
    case 'available':
      return before.availability === 'unknown' ? null : 'cleared';
    default:
      return null;
  }
}
