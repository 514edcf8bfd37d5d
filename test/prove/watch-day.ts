/** What a day of watching old posts costs, by the program's own plan. */
import type { Signal } from '../../src/model/signals.ts';
import { afterVisit, neverVisited, type Said } from '../../src/watch/availability.ts';
import { nextVisit, parsePlan } from '../../src/watch/plan.ts';
import { chance } from './chance.ts';
import { day, minute, startMs } from './simulated-world.ts';
import { TimeQueue } from './time-queue.ts';

export interface DayCosts {
  visits: number;
  /** With those to canaries. */
  requests: number;
}

const routes = ['syndication', 'graphql', 'oembed'];
const canaryWindowMs = 10 * minute;
/** Two known sources, by every route. */
const requestsOfCanaries = 2 * routes.length;

/**
 * Posts of 31 days to ten years, due at any time of their plan. One in a hundred is absent,
 * and all of these are found missing on this very day: the dearest day that they can cost.
 */
export function dayOfOldPosts(posts: number, seed: number): DayCosts {
  const random = chance(seed);
  const plan = parsePlan('adaptive');
  const queue = new TimeQueue();
  const all = Array.from({ length: posts }, (_, index) => {
    const absent = index % 100 === 0;
    queue.push(startMs + random() * (absent ? day : 7 * day), index);
    return {
      absent,
      bornAt: new Date(startMs - 31 * day - random() * 3_600 * day),
      state: afterVisit(neverVisited, visitAt(startMs - day, [['syndication', 'available']])),
    };
  });
  const costs = { visits: 0, requests: 0 };
  let canariesUntil = 0;
  for (let next = queue.pop(); next !== null && next.at < startMs + day; next = queue.pop()) {
    const post = all[next.index];
    if (post === undefined) break;
    costs.visits += 1;
    costs.requests += post.absent ? routes.length : 1;
    if (post.absent && next.at >= canariesUntil) {
      costs.requests += requestsOfCanaries;
      canariesUntil = next.at + canaryWindowMs;
    }
    post.state = afterVisit(
      post.state,
      visitAt(
        next.at,
        post.absent
          ? routes.map((route): [string, Signal] => [route, 'not-found'])
          : [['syndication', 'available']],
      ),
    );
    const at = new Date(next.at);
    const { availability, firstMissed, since, muteSince } = post.state;
    const { bornAt } = post;
    const situation = { bornAt, availability, firstMissed, since, muteSince, hotUntil: null };
    queue.push(nextVisit(plan, situation, at, at, null, random()).getTime(), next.index);
  }
  return costs;
}

function visitAt(at: number, heard: [route: string, signal: Signal][]) {
  const said = heard.map(([route, signal]): Said => ({ route, signal, canary: 'passed' }));
  return { at: new Date(at), said, held: false };
}
