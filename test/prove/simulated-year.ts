/**
 * A year of watching under a simulated clock: the pure functions that plan, conclude and
 * hold back are the program's own; only the platform and the clock are made up.
 */
import assert from 'node:assert/strict';
import type { Signal } from '../../src/model/signals.ts';
import { standingOf } from '../../src/model/signals.ts';
import { defaultBreaker } from '../../src/model/watch-rules.ts';
import {
  type Assessment,
  afterVisit,
  type CanaryWord,
  neverVisited,
  type Said,
  type Transition,
  transition,
} from '../../src/watch/availability.ts';
import { isHeld } from '../../src/watch/breaker.ts';
import { hotMs, nextVisit, type Situation } from '../../src/watch/plan.ts';
import { chance } from './chance.ts';
import { extendedMs, lookBackMs, regularMs, undisturbedMs } from './removal-bound.ts';
import {
  answerOf,
  goneTruths,
  hour,
  type Route,
  routes,
  type SimulatedPost,
  type SimulatedWorld,
  simulatedWorld,
  startMs,
  truthAt,
  yearMs,
} from './simulated-world.ts';
import { TimeQueue } from './time-queue.ts';

export interface YearReport {
  visits: number;
  requests: number;
  removals: number;
  restorations: number;
  suspicionsCleared: number;
  held: number;
  /** Of the removals: found within the plan's own bound, whatever outages there were. */
  withinPlan: number;
  /** The others, all of them within that bound and the time of the outages that they met. */
  delayedByOutages: number;
}

interface Watched {
  post: SimulatedPost;
  state: Assessment;
  dueAt: number;
  hotUntil: Date | null;
  told: { kind: Transition; at: number }[];
}

const seenByCapture: Said[] = [{ route: 'syndication', signal: 'available', canary: 'unasked' }];

const confirmWindowMs = 10 * 60_000;

/** @throws AssertionError naming the post whose story was told wrongly */
export function simulateYear(size: number, seed: number, lengthMs = yearMs): YearReport {
  const world = simulatedWorld(size, seed, lengthMs);
  const year = new Year(world, seed);
  year.run(startMs + lengthMs);
  return year.check(startMs + lengthMs);
}

class Year {
  readonly #world: SimulatedWorld;
  readonly #random: () => number;
  readonly #watched: Watched[];
  readonly #byParty = new Map<string, Watched[]>();
  readonly #queue = new TimeQueue();
  readonly #window = new PartyWindow();
  readonly #missing = new Set<Watched>();
  #canaries: { until: number; words: Map<Route, CanaryWord> } | null = null;
  #visits = 0;
  #requests = 0;
  #held = 0;

  constructor(world: SimulatedWorld, seed: number) {
    this.#world = world;
    this.#random = chance(seed + 1);
    this.#watched = world.posts.map((post) => ({
      post,
      // A watch begins with a capture, which saw it.
      state: afterVisit(neverVisited, { at: new Date(startMs), said: seenByCapture, held: false }),
      dueAt: startMs + this.#random() * regularMs(post, startMs),
      hotUntil: null,
      told: [],
    }));
    for (const one of this.#watched) {
      const mates = this.#byParty.get(one.post.party) ?? [];
      this.#byParty.set(one.post.party, [...mates, one]);
      this.#queue.push(one.dueAt, one.post.index);
    }
  }

  run(endMs: number): void {
    for (;;) {
      const next = this.#queue.pop();
      if (next === null || next.at > endMs) return;
      const one = this.#watched[next.index];
      // Moved nearer meanwhile: this is its old time.
      if (one === undefined || one.dueAt !== next.at) continue;
      this.#visit(one, next.at);
    }
  }

  #visit(one: Watched, at: number): void {
    this.#visits += 1;
    const before = one.state;
    const heard = this.#ask(one.post, before, at);
    const isMiss = seemsGone(heard);
    const words = isMiss || before.gone ? this.#canariesAt(at) : null;
    const said: Said[] = heard.map(({ route, signal }) => ({
      route,
      signal,
      canary: words?.get(route) ?? 'unasked',
    }));
    const when = new Date(at);
    this.#window.add(one.post.party, at);
    if (isMiss && before.firstSeen !== null) this.#missing.add(one);
    if (!isMiss || before.availability === 'removed') this.#missing.delete(one);
    const visited = this.#window.size(at);
    const held = isMiss && isHeld({ visited, missing: this.#lost(at, one, visited) });
    if (held) this.#held += 1;
    one.state = afterVisit(before, { at: when, said, held });
    const kind = transition(before, one.state);
    if (kind !== null) this.#tell(one, kind, at);
    const edited = one.post.edits.some(
      (edit) => edit <= at && edit > (before.lastVisit?.getTime() ?? at),
    );
    if (edited || kind === 'restored') one.hotUntil = new Date(at + hotMs);
    this.#schedule(
      one,
      nextVisit(one.post.plan, situationOf(one), when, when, null, this.#random()).getTime(),
    );
  }

  #ask(post: SimulatedPost, before: Assessment, at: number): { route: Route; signal: Signal }[] {
    const thorough = before.availability !== 'available' && before.availability !== 'unknown';
    const heard: { route: Route; signal: Signal }[] = [];
    for (const route of routes) {
      this.#requests += 1;
      const signal = answerOf(this.#world, post, route, at);
      heard.push({ route, signal });
      if (!thorough && signal === 'available') break;
    }
    return heard;
  }

  #canariesAt(at: number): Map<Route, CanaryWord> {
    if (this.#canaries !== null && this.#canaries.until > at) return this.#canaries.words;
    this.#requests += 6;
    const words = new Map<Route, CanaryWord>();
    for (const route of routes) {
      const standing = standingOf(answerOf(this.#world, null, route, at));
      if (standing === 'present') words.set(route, 'passed');
      else if (standing !== 'nothing') words.set(route, 'failed');
    }
    this.#canaries = { until: at + confirmWindowMs, words };
    return words;
  }

  /** Parties with a source that went missing lately, looked at lately, not concluded upon. */
  #lost(at: number, asking: Watched, visited: number): number {
    const parties = new Set<string>();
    for (const one of this.#missing) {
      // More than enough to be held: no need to count on.
      if (isHeld({ visited, missing: parties.size })) break;
      const { missingSince, lastVisit, availability } = one.state;
      if (one !== asking) {
        if (availability === 'removed' || missingSince === null || lastVisit === null) continue;
        if (missingSince.getTime() < at - defaultBreaker.holdMs) continue;
        if (lastVisit.getTime() < at - defaultBreaker.windowMs) continue;
      } else if (availability === 'removed') continue;
      parties.add(one.post.party);
    }
    return parties.size;
  }

  #tell(one: Watched, kind: Transition, at: number): void {
    one.told.push({ kind, at });
    if (kind !== 'suspect' && kind !== 'removed') return;
    // As the catalog does: the account's other adaptive watches become dense, and due.
    for (const mate of this.#byParty.get(one.post.party) ?? []) {
      if (mate === one || !mate.post.plan.adaptive || mate.state.availability === 'removed')
        continue;
      mate.hotUntil = new Date(at + hotMs);
      this.#schedule(mate, Math.min(mate.dueAt, at + this.#random() * hour));
    }
  }

  #schedule(one: Watched, dueAt: number): void {
    if (dueAt === one.dueAt) return;
    one.dueAt = dueAt;
    this.#queue.push(dueAt, one.post.index);
  }

  /** Compares what was told with what was true. */
  check(endMs: number): YearReport {
    let [removals, restorations, cleared, withinPlan] = [0, 0, 0, 0];
    for (const one of this.#watched) {
      for (const { kind, at } of one.told) {
        const { truth } = truthAt(one.post, at);
        const why = `post ${one.post.index}: told ${kind} at ${new Date(at).toISOString()}, when it was ${truth}: ${JSON.stringify(one.post.history)}`;
        if (kind === 'removed') assert.ok(goneTruths.has(truth), why);
        if (kind === 'restored') assert.equal(truth, 'live', why);
        if (kind === 'cleared') cleared += 1;
      }
      const story = this.#checkStory(one, endMs);
      removals += story.removals;
      restorations += story.restorations;
      withinPlan += story.withinPlan;
    }
    return {
      visits: this.#visits,
      requests: this.#requests,
      removals,
      restorations,
      suspicionsCleared: cleared,
      held: this.#held,
      withinPlan,
      delayedByOutages: removals - withinPlan,
    };
  }

  #checkStory(one: Watched, endMs: number) {
    const { post, told } = one;
    const story = { removals: 0, restorations: 0, withinPlan: 0 };
    for (const [nth, { from, truth }] of post.history.entries()) {
      const until = post.history[nth + 1]?.from ?? endMs;
      if (goneTruths.has(truth)) {
        const { outages } = this.#world;
        const boundMs = extendedMs(outages, from, undisturbedMs(post, from));
        if (from + boundMs > Math.min(until, endMs)) continue;
        const found = told.find(({ kind, at }) => kind === 'removed' && at >= from && at < until);
        const why = `post ${post.index}: ${truth} since ${new Date(from).toISOString()}, told ${JSON.stringify(told)}, bound ${boundMs / hour} h`;
        assert.ok(found !== undefined && found.at - from <= boundMs, why);
        story.removals += 1;
        if (found.at - from <= undisturbedMs(post, from)) story.withinPlan += 1;
        const backAt = until;
        const next = post.history[nth + 1];
        if (next?.truth !== 'live') continue;
        const looksMs = extendedMs(outages, backAt, lookBackMs(post, backAt, backAt - from));
        if (backAt + looksMs > Math.min(post.history[nth + 2]?.from ?? endMs, endMs)) continue;
        const restored = told.find(
          ({ kind, at }) => kind === 'restored' && at >= backAt && at - backAt <= looksMs,
        );
        assert.ok(restored !== undefined, `${why}; back since ${new Date(backAt).toISOString()}`);
        story.restorations += 1;
      }
    }
    return story;
  }
}

function situationOf({ post, state, hotUntil }: Watched): Situation {
  const { availability, firstMissed, since, muteSince } = state;
  return { bornAt: post.bornAt, availability, firstMissed, since, muteSince, hotUntil };
}

function seemsGone(heard: { signal: Signal }[]): boolean {
  const standings = new Set(heard.map(({ signal }) => standingOf(signal)));
  if (standings.has('present') || standings.has('restricted')) return false;
  return standings.has('stated') || standings.has('silent');
}

/** Parties that were looked at within the breaker's window. */
class PartyWindow {
  readonly #entries: { party: string; at: number }[] = [];
  readonly #counts = new Map<string, number>();
  #first = 0;

  add(party: string, at: number): void {
    this.#entries.push({ party, at });
    this.#counts.set(party, (this.#counts.get(party) ?? 0) + 1);
  }

  size(at: number): number {
    for (; this.#first < this.#entries.length; this.#first++) {
      const entry = this.#entries[this.#first];
      if (entry === undefined || entry.at >= at - defaultBreaker.windowMs) break;
      const left = (this.#counts.get(entry.party) ?? 1) - 1;
      if (left === 0) this.#counts.delete(entry.party);
      else this.#counts.set(entry.party, left);
    }
    if (this.#first > 100_000) {
      this.#entries.splice(0, this.#first);
      this.#first = 0;
    }
    return this.#counts.size;
  }
}
