/**
 * A platform under a simulated clock: posts with a true history, and routes to them that
 * fail in every way that routes were seen to fail. Everything follows from the seed.
 */
import type { Signal } from '../../src/model/signals.ts';
import type { WatchPlan } from '../../src/watch/plan.ts';
import { parsePlan } from '../../src/watch/plan.ts';
import { chance } from './chance.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
export const yearMs = 365 * day;
export const startMs = Date.UTC(2026, 0, 1);

/** What is true of a post. */
export type Truth =
  | 'live'
  | 'deleted'
  | 'vanished'
  | 'suspended'
  | 'account-gone'
  | 'bounced'
  | 'protected'
  | 'age-gated'
  | 'withheld';

export const goneTruths: ReadonlySet<Truth> = new Set([
  'deleted',
  'vanished',
  'suspended',
  'account-gone',
  'bounced',
]);

export interface SimulatedPost {
  index: number;
  party: string;
  bornAt: Date;
  plan: WatchPlan;
  /** In order of time; the first begins with the simulation. */
  history: { from: number; truth: Truth }[];
  /** Times at which its content changed. */
  edits: number[];
}

export const routes = ['syndication', 'graphql', 'oembed'] as const;
export type Route = (typeof routes)[number];

export type Trouble =
  | 'unreachable'
  | 'rate-limited'
  | 'blocked'
  | 'extractor-broken'
  /** Every id is "not found", canaries too. */
  | 'all-gone'
  /** Every id but the canaries is "not found": only the breaker can tell. */
  | 'all-gone-but-canaries';

/** What routes meet again and again; what only the breaker can tell is put in by hand. */
export const usualTroubles: readonly Trouble[] = [
  'unreachable',
  'rate-limited',
  'blocked',
  'extractor-broken',
  'all-gone',
];

export interface Outage {
  routes: readonly Route[];
  trouble: Trouble;
  from: number;
  to: number;
}

export interface SimulatedWorld {
  posts: SimulatedPost[];
  outages: Outage[];
  /** The same by day since the beginning, to be found quickly. */
  outagesByDay: Outage[][];
  random: () => number;
}

export function simulatedWorld(size: number, seed: number, lengthMs = yearMs): SimulatedWorld {
  const random = chance(seed);
  const posts: SimulatedPost[] = [];
  const plans = ['6h', '1d', '0 7 * * *'].map((text) => parsePlan(text, 'Europe/Berlin'));
  const adaptive = parsePlan('adaptive');
  let author = 0;
  while (posts.length < size) {
    const many = 1 + Math.floor(random() ** 3 * 40);
    const fate = authorsFate(random, lengthMs);
    author += 1;
    for (let nth = 0; nth < many && posts.length < size; nth++) {
      const age = random() < 0.3 ? random() * 30 * day : 30 * day + random() * 3000 * day;
      posts.push({
        index: posts.length,
        party: `author:${author}`,
        bornAt: new Date(startMs - age),
        plan: random() < 0.75 ? adaptive : (plans[Math.floor(random() * plans.length)] ?? adaptive),
        history: [{ from: startMs, truth: 'live' }, ...(fate ?? postsFate(random, lengthMs))],
        edits: random() < 0.1 ? [startMs + random() * lengthMs] : [],
      });
    }
  }
  const outages = outagesOf(random, lengthMs);
  const outagesByDay = Array.from({ length: Math.ceil(lengthMs / day) + 1 }, (_, nth) =>
    outages.filter(({ from, to }) => from < startMs + (nth + 1) * day && to > startMs + nth * day),
  );
  return { posts, outages, outagesByDay, random };
}

/** Some accounts lose everything at one moment, and some of these come back. */
function authorsFate(random: () => number, lengthMs: number): SimulatedPost['history'] | null {
  if (random() > 0.04) return null;
  const truth: Truth = random() < 0.6 ? 'suspended' : random() < 0.5 ? 'account-gone' : 'protected';
  const from = startMs + random() * lengthMs * 0.8;
  const back = from + 20 * day + random() * 60 * day;
  return random() < 0.5
    ? [{ from, truth }]
    : [
        { from, truth },
        { from: back, truth: 'live' },
      ];
}

function postsFate(random: () => number, lengthMs: number): SimulatedPost['history'] {
  const kind = random();
  const from = startMs + random() * lengthMs * 0.85;
  const later = (least: number, most: number) => from + least + random() * (most - least);
  if (kind < 0.06) return [{ from, truth: 'deleted' }];
  if (kind < 0.1) return [{ from, truth: 'vanished' }];
  if (kind < 0.11) return [{ from, truth: 'bounced' }];
  // Gone and back again.
  if (kind < 0.14) {
    const truth = random() < 0.5 ? 'vanished' : 'bounced';
    return [
      { from, truth },
      { from: later(15 * day, 60 * day), truth: 'live' },
    ];
  }
  // Gates that come and go, some for an hour, some for months.
  if (kind < 0.22) {
    const truth = random() < 0.7 ? 'age-gated' : random() < 0.5 ? 'protected' : 'withheld';
    return [
      { from, truth },
      { from: later(hour, 90 * day), truth: 'live' },
    ];
  }
  return [];
}

/** All at random, and four that are sure to come, one after the other. */
function outagesOf(random: () => number, lengthMs: number): Outage[] {
  const at = (share: number) => startMs + share * lengthMs;
  const outages: Outage[] = [
    { routes, trouble: 'all-gone', from: at(0.2), to: at(0.2) + 50 * hour },
    { routes, trouble: 'all-gone-but-canaries', from: at(0.4), to: at(0.4) + 30 * hour },
    { routes, trouble: 'unreachable', from: at(0.6), to: at(0.6) + 40 * hour },
    { routes: ['graphql'], trouble: 'extractor-broken', from: at(0.7), to: at(0.7) + 20 * day },
  ];
  for (let index = 0; index < Math.ceil((lengthMs / yearMs) * 120); index++) {
    const route = routes[Math.floor(random() * 3)] ?? 'syndication';
    const from = at(random());
    outages.push({
      routes: random() < 0.25 ? routes : [route],
      trouble: usualTroubles[Math.floor(random() * usualTroubles.length)] ?? 'unreachable',
      from,
      to: from + 10 * minute + random() ** 3 * 18 * hour,
    });
  }
  return outages.sort((a, b) => a.from - b.from);
}

export function truthAt(post: SimulatedPost, at: number): { from: number; truth: Truth } {
  const found = post.history.findLast(({ from }) => from <= at);
  return found ?? { from: startMs, truth: 'live' };
}

function troubleOf(world: SimulatedWorld, route: Route, at: number): Trouble | null {
  const today = world.outagesByDay[Math.floor((at - startMs) / day)] ?? [];
  const found = today.find(
    ({ from, to, routes: hit }) => from <= at && at < to && hit.includes(route),
  );
  return found?.trouble ?? null;
}

/** What a route says, by the table of answers: the same truth looks different by route. */
const answers: Record<Truth, Record<Route, Signal>> = {
  live: { syndication: 'available', graphql: 'available', oembed: 'available' },
  deleted: { syndication: 'deleted-by-author', graphql: 'not-found', oembed: 'not-found' },
  vanished: { syndication: 'not-found', graphql: 'not-found', oembed: 'not-found' },
  suspended: { syndication: 'not-found', graphql: 'account-suspended', oembed: 'not-found' },
  'account-gone': { syndication: 'account-gone', graphql: 'not-found', oembed: 'not-found' },
  bounced: { syndication: 'not-found', graphql: 'removed-by-platform', oembed: 'not-found' },
  protected: { syndication: 'protected', graphql: 'protected', oembed: 'blocked' },
  'age-gated': { syndication: 'login-required', graphql: 'login-required', oembed: 'not-found' },
  withheld: { syndication: 'not-found', graphql: 'geo-withheld', oembed: 'not-found' },
};

/** A single answer that is wrong by itself: an edge of a network that doesn't know the post yet. */
const glitchShare = 0.002;

export function answerOf(
  world: SimulatedWorld,
  post: SimulatedPost | null,
  route: Route,
  at: number,
): Signal {
  const trouble = troubleOf(world, route, at);
  switch (trouble) {
    case 'all-gone':
      return 'not-found';
    case 'all-gone-but-canaries':
      return post === null ? 'available' : 'not-found';
    case null:
      break;
    default:
      return trouble;
  }
  if (post === null) return 'available';
  const { truth } = truthAt(post, at);
  if (truth === 'live' && world.random() < glitchShare) return 'not-found';
  return answers[truth][route];
}
