/** What X's own site shows under a path that isn't a post: accounts, streams, walls. */
import type { Identity, Rejection } from '../../identity.ts';
import { isId } from './ids.ts';
import { handleIn, plainPath, post, postInPath, withoutTail } from './paths.ts';

const other: Rejection = { rejected: 'x-other' };

/** Views of an account: the account is what they identify. */
const accountTabs = new Set(
  `with_replies replies tweets posts media photos videos likes favorites highlights articles
   followers following verified_followers followers_you_follow follow lists memberships
   photo header_photo about moments topics affiliates superfollows subscriptions communities`.split(
    /\s+/,
  ),
);

/** First path parts that belong to X itself, so no account can have them. */
const reserved = new Set(
  `i home search explore notifications messages settings login logout signup account hashtag
   compose intent share tos privacy about jobs download who_to_follow bookmarks topics widgets
   oauth sessions search-home search-advanced activity invitations mentions trends
   connect_people personalization goodies discover statuses status communities grok premium
   premium_sign_up verified-choose verified-orgs-signup safety welcome articles people site
   rules connect public_timeline saved_searches badges error keyboard_shortcuts similar_to
   tweet lists moments followers following timeline web robots.txt login_redirect logged_out
   manifest.json sw.js opensearch.xml en de fr es ar tr ja`.split(/\s+/),
);

/** An address of x.com or twitter.com, by its path and query. */
export function siteIdentity(url: URL): Identity | Rejection {
  const address = withoutHashbang(url);
  const path = plainPath(address.pathname);
  return (
    postInPath(path) ??
    thingInPath(path) ??
    namedInQuery(path, address.searchParams) ??
    accountInPath(path) ??
    other
  );
}

/** An account under any path: also for front ends, which show accounts under the same names. */
export function accountInPath(path: string): Identity | null {
  const [first = '', tab, ...more] = path.split('/');
  const handle = handleIn(first);
  if (handle === null || reserved.has(handle.toLowerCase()) || more.length > 0) return null;
  if (tab !== undefined && !accountTabs.has(withoutTail(tab).toLowerCase())) return null;
  return account(handle);
}

function account(handle: string): Identity {
  return { key: `x:user:${handle.toLowerCase()}`, facts: {} };
}

/** The old site kept its paths behind `#!`. */
function withoutHashbang(url: URL): URL {
  const [, behind] = /^#!\/*(?![a-z]+:)(.+)$/i.exec(url.hash) ?? [];
  return behind === undefined ? url : new URL(`https://x.com/${behind}`);
}

/** Streams, spaces, events and articles have numbers or codes of their own. */
function thingInPath(path: string): Identity | Rejection | null {
  const [, kind = '', part = ''] =
    /^i\/(broadcasts|spaces|events|articles?)\/([^/]+)/i.exec(path) ?? [];
  const id = withoutTail(part);
  switch (kind.toLowerCase()) {
    case 'broadcasts':
      return coded('x:broadcast', id);
    case 'spaces':
      return coded('x:space', id);
    case 'events':
      return numbered('x:event', id);
    case 'article':
    case 'articles':
      return numbered('x:article', id);
    default:
      return null;
  }
}

function coded(kind: string, code: string): Identity | Rejection {
  return /^[A-Za-z0-9]{6,24}$/.test(code)
    ? { key: `${kind}:${code}`, facts: {} }
    : { rejected: 'bad-id' };
}

function numbered(kind: string, id: string): Identity | Rejection {
  return isId(id) ? { key: `${kind}:${id}`, facts: {} } : { rejected: 'bad-id' };
}

/** Buttons and log-in walls name their post or account in the query. */
function namedInQuery(path: string, query: URLSearchParams): Identity | Rejection | null {
  const wall = query.get('redirect_after_login') ?? query.get('redirect_uri');
  if (wall !== null && /login|account|flow/i.test(path)) return behindWall(wall);
  if (/^intent\//i.test(path)) {
    const id = query.get('in_reply_to') ?? query.get('tweet_id');
    if (id !== null) return post(id);
    const handle = handleIn(query.get('screen_name') ?? '');
    if (handle !== null) return account(handle);
  }
  return null;
}

/** The address that X's log-in wall promises to come back to. */
function behindWall(target: string): Identity | Rejection {
  if (!URL.canParse(target, 'https://x.com/')) return other;
  const path = plainPath(new URL(target, 'https://x.com/').pathname);
  return postInPath(path) ?? thingInPath(path) ?? accountInPath(path) ?? other;
}
