/**
 * The script of a year for the small internet: posts and pages with a true history, and what
 * goes wrong on the way to them. Everything in it follows from the seed and the size.
 */
import type { WatchPlan } from '../../src/watch/plan.ts';
import { parsePlan } from '../../src/watch/plan.ts';
import { type Account, idAfter } from '../internet/post.ts';
import { chance } from './chance.ts';
import type { Disturbance } from './removal-bound.ts';
import {
  day,
  goneTruths,
  hour,
  minute,
  type Outage,
  routes,
  startMs,
  type Truth,
  usualTroubles,
} from './simulated-world.ts';

export type PageTruth = 'live' | 'page-gone' | 'page-missing' | 'walled';

export interface Chapter {
  from: number;
  truth: Truth | PageTruth;
}

export interface ScriptedSource {
  key: string;
  link: string;
  /** A post has an account, a page its host. */
  post: { id: string; account: Account } | null;
  host: string | null;
  bornAt: Date;
  planText: string;
  plan: WatchPlan;
  /** In order of time; the first begins with the year. */
  history: Chapter[];
  /** Times at which its content changed; only of what is never gone. */
  edits: number[];
}

export interface HostTrouble extends Disturbance {
  host: string;
  trouble: 'unreachable' | 'server-error' | 'rate-limited' | 'blocked' | 'all-gone' | 'slow';
}

export interface YearScript {
  endMs: number;
  sources: ScriptedSource[];
  /** Of the platform, by route. */
  outages: Outage[];
  hostTroubles: HostTrouble[];
}

export const timeZone = 'Europe/Berlin';

/** Dealt in turn, so that even a few sources have some of each. */
const plans = [...['adaptive', '1d', '2d', '0 7 * * *'], ...Array<string>(12).fill('adaptive')];
const postFates = [
  ...['deleted', 'vanished', 'edited', 'back', 'gated'],
  ...['live', 'live', 'edited', 'live', 'live'],
];
const pageFates = ['page-missing', 'edited', 'back', 'page-gone', 'walled', 'live'];
/** Posts that an account has, in turn: most have one, so that many parties are watched. */
const postsOfAccounts = [1, 2, 1, 1, 3];
const accountFates = ['live', 'live', 'suspended', 'live', 'account-gone', 'live', 'protected'];
const fewestForHolding = 20;

export function scriptedYear(size: number, seed: number, lengthMs: number): YearScript {
  const random = chance(seed);
  const pages = Math.floor(size * 0.3);
  const posts = scriptedPosts(size - pages, random, lengthMs);
  const sources = [
    ...posts,
    ...Array.from({ length: pages }, (_, nth) => scriptedPage(nth, random, lengthMs)),
  ];
  const parties = new Set(posts.map(({ post }) => post?.account.id)).size;
  return {
    endMs: startMs + lengthMs,
    sources,
    outages: platformOutages(random, lengthMs, parties >= fewestForHolding),
    hostTroubles: hostTroubles(sources, random, lengthMs),
  };
}

function scriptedPosts(count: number, random: () => number, lengthMs: number): ScriptedSource[] {
  const posts: ScriptedSource[] = [];
  for (let account = 0; posts.length < count; account++) {
    const fate = count < fewestForHolding ? 'live' : dealt(accountFates, account);
    const shared = fate === 'live' ? null : chapters(fate, account % 2 === 0, random, lengthMs);
    for (let nth = 0; nth < dealt(postsOfAccounts, account) && posts.length < count; nth++) {
      posts.push(scriptedPost(posts.length, account, shared, random, lengthMs));
    }
  }
  return posts;
}

function scriptedPost(
  nth: number,
  account: number,
  shared: Chapter[] | null,
  random: () => number,
  lengthMs: number,
): ScriptedSource {
  const young = nth % 9 === 5;
  const bornMs = startMs - (young ? random() * 20 * day : 30 * day + random() * 2_000 * day);
  // An id holds its time; 4194304n * ms since the platform's epoch.
  const id = idAfter('1', Math.floor((bornMs - 1_288_834_974_657) / 1_000));
  return {
    key: `x:status:${id}`,
    link: `https://x.com/i/status/${id}`,
    post: {
      id,
      account: {
        id: String(90_100_000 + account),
        handle: `account${account}`,
        name: `A${account}`,
      },
    },
    host: null,
    bornAt: new Date(bornMs),
    ...plannedAs(dealt(plans, nth)),
    ...(shared === null
      ? story(dealt(postFates, nth), nth, random, lengthMs)
      : { history: shared, edits: [] }),
  };
}

function scriptedPage(nth: number, random: () => number, lengthMs: number): ScriptedSource {
  const host = `site${Math.floor(nth / 2)}.example.org`;
  // Without TLS every second one: a year of handshakes would show nothing more.
  const link = `${nth % 4 < 2 ? 'http' : 'https'}://${host}/story-${nth}`;
  return {
    key: `web:${link}`,
    link,
    post: null,
    host,
    // Nobody tells when a page was made: its watch counts from its own beginning.
    bornAt: new Date(startMs),
    ...plannedAs(dealt(plans, nth + 1)),
    ...story(dealt(pageFates, nth), nth, random, lengthMs, 'page-missing'),
  };
}

function plannedAs(planText: string) {
  return { planText, plan: parsePlan(planText, timeZone) };
}

function story(
  fate: string,
  nth: number,
  random: () => number,
  lengthMs: number,
  silently: Truth | PageTruth = 'vanished',
): Pick<ScriptedSource, 'history' | 'edits'> {
  const live: Chapter[] = [{ from: startMs, truth: 'live' }];
  switch (fate) {
    case 'live':
      return { history: live, edits: [] };
    case 'edited': {
      const at = (share: number) => startMs + (share + random() * 0.2) * lengthMs;
      return { history: live, edits: [at(0.15), at(0.5)] };
    }
    case 'back': {
      const truth = silently === 'vanished' && nth % 16 < 8 ? 'deleted' : silently;
      return { history: chapters(truth, true, random, lengthMs), edits: [] };
    }
    case 'gated':
      return { history: chapters('age-gated', true, random, lengthMs), edits: [] };
    default:
      return {
        history: chapters(fate as Truth | PageTruth, fate === 'walled', random, lengthMs),
        edits: [],
      };
  }
}

/** Live, then otherwise, and perhaps live again: after weeks what was gone, a gate after hours or weeks. */
function chapters(
  truth: string,
  comesBack: boolean,
  random: () => number,
  lengthMs: number,
): Chapter[] {
  const from = startMs + 3 * day + random() * (lengthMs * 0.5 - 3 * day);
  const least = isGone(truth) ? Math.min(15 * day, lengthMs * 0.15) : 2 * hour;
  const backAt = from + least + random() * Math.min(45 * day, lengthMs * 0.15);
  const told: Chapter[] = [
    { from: startMs, truth: 'live' },
    { from, truth: truth as Chapter['truth'] },
  ];
  return comesBack ? [...told, { from: backAt, truth: 'live' }] : told;
}

export function isGone(truth: string): boolean {
  return goneTruths.has(truth as Truth) || truth === 'page-gone' || truth === 'page-missing';
}

/** Four that are sure to come, the platform-wide ones, and some at random. */
function platformOutages(random: () => number, lengthMs: number, held: boolean): Outage[] {
  const begins = (share: number) => startMs + share * lengthMs;
  const lasts = (ms: number) => Math.min(ms, lengthMs * 0.05);
  const outages: Outage[] = [
    { routes, trouble: 'all-gone', from: begins(0.2), to: begins(0.2) + lasts(50 * hour) },
    { routes, trouble: 'unreachable', from: begins(0.6), to: begins(0.6) + lasts(40 * hour) },
    {
      routes: ['graphql'],
      trouble: 'extractor-broken',
      from: begins(0.7),
      to: begins(0.7) + lasts(14 * day),
    },
  ];
  // Where fewer authors are watched than the breaker asks for, nothing could tell this from the truth.
  if (held) {
    const from = begins(0.4);
    outages.push({ routes, trouble: 'all-gone-but-canaries', from, to: from + 30 * hour });
  }
  for (let nth = 0; nth < Math.ceil(lengthMs / (7 * day)); nth++) {
    const from = begins(random());
    outages.push({
      routes: random() < 0.25 ? routes : [routes[Math.floor(random() * 3)] ?? 'syndication'],
      trouble: dealt(usualTroubles, nth),
      from,
      to: from + 10 * minute + random() ** 3 * 18 * hour,
    });
  }
  return outages.sort((a, b) => a.from - b.from);
}

/** Every host has some trouble of its own about once in two months. */
function hostTroubles(
  sources: ScriptedSource[],
  random: () => number,
  lengthMs: number,
): HostTrouble[] {
  const kinds = [
    'unreachable',
    'server-error',
    'rate-limited',
    'blocked',
    'all-gone',
    'slow',
  ] as const;
  const hosts = [...new Set(sources.flatMap(({ host }) => host ?? []))];
  return hosts
    .flatMap((host, nth) =>
      Array.from({ length: Math.ceil(lengthMs / (60 * day)) }, (_, turn): HostTrouble => {
        const from = startMs + random() * lengthMs;
        const to = from + hour + random() ** 2 * 60 * hour;
        return { host, trouble: dealt(kinds, nth + turn), from, to };
      }),
    )
    .sort((a, b) => a.from - b.from);
}

function dealt<Item>(deck: readonly Item[], nth: number): Item {
  const item = deck[nth % deck.length];
  if (item === undefined) throw new TypeError('a deck is never empty');
  return item;
}

/** What stood in the way of this source, in order of time. */
export function disturbancesOf(script: YearScript, { host }: ScriptedSource): Disturbance[] {
  if (host === null) return script.outages;
  return script.hostTroubles.filter((one) => one.host === host && one.trouble !== 'slow');
}

export function truthOf({ history }: ScriptedSource, at: number): Chapter['truth'] {
  return history.findLast(({ from }) => from <= at)?.truth ?? 'live';
}
