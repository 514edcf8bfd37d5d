/**
 * X's own web client, as somebody without an account: the second route, independent of
 * syndication. It gives the full text of long posts and names reasons for absence.
 */
import { z } from 'zod';
import type { Answer, Ask } from '../../platform.ts';
import { isBadGuestToken, readGraphql } from './graphql-answer.ts';
import { askedToWaitMs, jsonOf, type RouteReading, read, transportReading } from './reading.ts';
import { honestAgent } from './user-agents.ts';

export interface GraphqlOptions {
  /** Identifies X's web client, not a person: every visitor's browser gets the same. `null`: the known one. */
  bearer: string | null;
  /** Names of the query, newest first; empty: the known ones. They change with X's front end. */
  queryIds: string[];
}

const publicBearer =
  'AAAAAAAAAAAAAAAAAAAAANRILgAAAAAAnNwIzUejRCOuH5E6I8xnZz4puTs%3D1Zv7ttfk8LF81IUq16cHjhLTvJu4FA33AGWWjCpTnA';
const knownQueryIds = [
  '2ICDjqPd81tulZcYrtpTuQ',
  'f2sagi1jweVHFkTUIHzmMQ',
  'qxWQxcMLiTPcavz9Qy5hwQ',
];
const tokenLifeMs = 60 * 60_000;
const maxBytes = 4 * 1024 * 1024;

/** The switches that the query insists on. The server names any that are missing; see `missingFeatures`. */
const on = [
  'articles_preview_enabled',
  'c9s_tweet_anatomy_moderator_badge_enabled',
  'communities_web_enable_tweet_community_results_fetch',
  'creator_subscriptions_tweet_preview_api_enabled',
  'freedom_of_speech_not_reach_fetch_enabled',
  'graphql_is_translatable_rweb_tweet_is_translatable_enabled',
  'longform_notetweets_consumption_enabled',
  'longform_notetweets_inline_media_enabled',
  'longform_notetweets_rich_text_read_enabled',
  'responsive_web_edit_tweet_api_enabled',
  'responsive_web_graphql_timeline_navigation_enabled',
  'responsive_web_twitter_article_tweet_consumption_enabled',
  'rweb_tipjar_consumption_enabled',
  'standardized_nudges_misinfo',
  'tweet_with_visibility_results_prefer_gql_limited_actions_policy_enabled',
  'view_counts_everywhere_api_enabled',
];
const off = [
  'creator_subscriptions_quote_tweet_preview_enabled',
  'responsive_web_enhance_cards_enabled',
  'responsive_web_graphql_exclude_directive_enabled',
  'responsive_web_graphql_skip_user_profile_image_extensions_enabled',
  'responsive_web_media_download_video_enabled',
  'tweet_awards_web_tipping_enabled',
  'tweetypie_unmention_optimization_enabled',
  'verified_phone_label_enabled',
];

export interface GraphqlRoute {
  /** Every answer got a reading, in the order asked; the last one is what the route says. */
  ask(id: string, ask: Ask, signal: AbortSignal): Promise<RouteReading[]>;
}

interface Session {
  bearer: string;
  queryIds: string[];
  features: Record<string, boolean>;
  guest: { token: string; until: number } | null;
}

/** One guest for a process: its token is good for an hour and counted by X. */
export function openGraphql(options: GraphqlOptions): GraphqlRoute {
  const session: Session = {
    bearer: options.bearer ?? publicBearer,
    queryIds: options.queryIds.length > 0 ? [...options.queryIds] : [...knownQueryIds],
    features: Object.fromEntries([
      ...on.map((name) => [name, true]),
      ...off.map((name) => [name, false]),
    ]),
    guest: null,
  };
  return { ask: (id, ask, signal) => askAsGuest(session, id, ask, signal) };
}

async function askAsGuest(
  session: Session,
  id: string,
  ask: Ask,
  signal: AbortSignal,
): Promise<RouteReading[]> {
  const readings: RouteReading[] = [];
  const token = await guestToken(session, ask, readings);
  if (token === null) return readings;
  const answer = await askEveryQueryId(session, { id, token }, ask, signal, readings);
  if (!isBadGuestToken(answer)) return readings;
  session.guest = null;
  const renewed = await guestToken(session, ask, readings);
  if (renewed === null) return readings;
  await askEveryQueryId(session, { id, token: renewed }, ask, signal, readings);
  return readings;
}

const activation = z.object({ guest_token: z.string().regex(/^\d{1,30}$/) });

async function guestToken(
  session: Session,
  ask: Ask,
  readings: RouteReading[],
): Promise<string | null> {
  if (session.guest !== null && session.guest.until > Date.now()) return session.guest.token;
  const answer = await ask({
    route: 'graphql',
    url: 'https://api.x.com/1.1/guest/activate.json',
    method: 'POST',
    headers: { authorization: `Bearer ${session.bearer}`, 'user-agent': honestAgent },
    maxBytes,
  });
  const parsed = activation.safeParse(jsonOf(answer));
  if (answer.status === 200 && parsed.success) {
    session.guest = { token: parsed.data.guest_token, until: Date.now() + tokenLifeMs };
    // An answer about ourselves: it says nothing about any post.
    readings.push(read(answer, 'unknown', 'guest token'));
    return session.guest.token;
  }
  readings.push(transportReading(answer) ?? read(answer, 'extractor-broken', 'no guest token'));
  return null;
}

interface Asked {
  id: string;
  token: string;
}

/** The first query name that X still knows answers; it is asked first from then on. */
async function askEveryQueryId(
  session: Session,
  asked: Asked,
  ask: Ask,
  signal: AbortSignal,
  readings: RouteReading[],
): Promise<Answer> {
  let answer = await askOnce(session, session.queryIds[0] ?? '', asked, ask, readings);
  for (const queryId of session.queryIds.slice(1)) {
    if (!isStale(answer)) break;
    signal.throwIfAborted();
    answer = await askOnce(session, queryId, asked, ask, readings);
    if (!isStale(answer)) moveToFront(session.queryIds, queryId);
  }
  return answer;
}

/** An unknown query name gets a bare 404 with nothing in it. It is no word about the post. */
function isStale(answer: Answer): boolean {
  return answer.status === 404 && jsonOf(answer) === undefined;
}

function moveToFront(list: string[], item: string): void {
  list.splice(list.indexOf(item), 1);
  list.unshift(item);
}

async function askOnce(
  session: Session,
  queryId: string,
  asked: Asked,
  ask: Ask,
  readings: RouteReading[],
): Promise<Answer> {
  const answer = await ask(question(session, queryId, asked));
  readings.push(withWait(readGraphql(answer, asked.id)));
  const missing = missingFeatures(answer).filter((name) => !(name in session.features));
  if (missing.length === 0) return answer;
  for (const name of missing) session.features[name] = false;
  const again = await ask(question(session, queryId, asked));
  readings.push(withWait(readGraphql(again, asked.id)));
  return again;
}

function withWait(reading: RouteReading): RouteReading {
  if (reading.signal !== 'rate-limited') return reading;
  return { ...reading, retryAfterMs: askedToWaitMs(reading.answer) };
}

/** X refuses a query that leaves out a switch, and names it. */
function missingFeatures(answer: Answer): string[] {
  if (answer.status !== 400) return [];
  const listed = /features cannot be null: ([\w, ]{1,4000})/.exec(
    answer.body.toString('utf8', 0, 8192),
  )?.[1];
  return (listed ?? '').split(/,\s*/).filter((name) => /^[a-z]\w{2,100}$/.test(name));
}

function question(session: Session, queryId: string, { id, token }: Asked) {
  const url = new URL(
    `https://api.x.com/graphql/${encodeURIComponent(queryId)}/TweetResultByRestId`,
  );
  url.search = new URLSearchParams({
    variables: JSON.stringify({
      tweetId: id,
      withCommunity: false,
      includePromotedContent: false,
      withVoice: false,
    }),
    features: JSON.stringify(session.features),
    fieldToggles: JSON.stringify({ withArticleRichContentState: false }),
  }).toString();
  return {
    route: 'graphql',
    url: url.href,
    headers: {
      authorization: `Bearer ${session.bearer}`,
      'x-guest-token': token,
      'x-twitter-active-user': 'yes',
      'x-twitter-client-language': 'en',
      'user-agent': honestAgent,
    },
    maxBytes,
  };
}
