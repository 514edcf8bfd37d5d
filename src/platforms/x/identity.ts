/**
 * Every address of X, and of the sites that imitate it, to a canonical key. The id alone
 * identifies a post; the handle in an address is a claim, kept as a fact.
 */
import type { Identify, Identity, Rejection } from '../identity.ts';
import { isFrontEnd } from './address/front-ends.ts';
import { mediaIdentity } from './address/media-host.ts';
import { handleIn, plainPath, post, postInPath, withoutTail } from './address/paths.ts';
import { accountInPath, siteIdentity } from './address/site.ts';

export { idTime, isId, mediaIdTime, syndicationToken } from './address/ids.ts';
export { handleIn } from './address/paths.ts';

const siteNames = [
  'x.com',
  'twitter.com',
  'twitter3e4tixl4xyajtrzo62zg5vztmjuricljdp2c5kshju4avyoid.onion',
];
const siteDoors = new Set(['', 'www', 'm', 'mobile', 'web', 'pro', 'tweetdeck']);
const other: Rejection = { rejected: 'x-other' };

export const identify: Identify = (url) => identifyWithin(url, 2);

/** `depth`: how many addresses may lie inside another (oEmbed, share buttons). */
function identifyWithin(url: URL, depth: number): Identity | Rejection | null {
  const host = url.hostname.toLowerCase().replace(/\.$/, '');
  if (host === 't.co' || host === 'www.t.co') return shortLink(url);
  if (host === 'twimg.com' || host.endsWith('.twimg.com')) return fileHost(url, host);
  if (isFrontEnd(host)) return frontEnd(url, host);
  for (const name of siteNames) {
    if (host === name) return ownSite(url, depth);
    if (host.endsWith(`.${name}`)) return subdomain(url, host.slice(0, -name.length - 1), depth);
  }
  return null;
}

function ownSite(url: URL, depth: number): Identity | Rejection {
  const shared = /^\/+intent\/(?:tweet|post)\b/i.test(url.pathname)
    ? inQuery(url, ['url'], depth)
    : null;
  const own = siteIdentity(url);
  return 'rejected' in own && own.rejected === 'x-other' ? (shared ?? own) : own;
}

function subdomain(url: URL, label: string, depth: number): Identity | Rejection | null {
  if (label === 'pic') return shortLink(url);
  if (label === 'publish') return inQuery(url, ['url', 'query'], depth) ?? other;
  if (label === 'platform' || label.endsWith('syndication')) return embed(url);
  if (label === 'api') return call(url, depth);
  if (siteDoors.has(label)) return ownSite(url, depth);
  // Help, blog, developer pages and so on are pages like any other; posts are posts anywhere.
  const path = plainPath(url.pathname);
  const found = /(?:^|\/)status(?:es)?\//i.test(path) ? postInPath(path) : null;
  return found !== null && 'key' in found ? found : null;
}

/** pic.twitter.com/CODE, pic.x.com/CODE and t.co/CODE are one code, and provisional. */
function shortLink(url: URL): Identity | Rejection {
  const code = withoutTail(plainPath(url.pathname).split('/')[0] ?? '');
  if (code === '') return other;
  if (/(?:…|\.{3})$/.test(code)) return { rejected: 'truncated-display-url' };
  if (!/^[A-Za-z0-9]{4,16}$/.test(code)) return { rejected: 'bad-id' };
  return { key: `x:tco:${code}`, facts: {} };
}

function fileHost(url: URL, host: string): Identity | Rejection | null {
  return host.includes('syndication') ? embed(url) : mediaIdentity(url);
}

/** Widgets and the syndication service name the post, or the account, in the query or path. */
function embed(url: URL): Identity | Rejection | null {
  const id = url.searchParams.get('id') ?? url.searchParams.get('tweetId');
  if (id !== null) return post(id);
  const [, handle] = /\/screen-name\/([^/]+)/i.exec(url.pathname) ?? [];
  const named = handle === undefined ? null : handleIn(handle);
  return named === null ? null : { key: `x:user:${named.toLowerCase()}`, facts: {} };
}

/** Calls of X's public interfaces: `/1.1/statuses/show/ID.json`, `/2/tweets/ID`, oEmbed. */
function call(url: URL, depth: number): Identity | Rejection {
  const [, inPath] = /^\/[0-9.]+\/(?:statuses\/show|tweets)\/([^/]+)$/i.exec(url.pathname) ?? [];
  const id = inPath ?? url.searchParams.get('id');
  return id === null ? (inQuery(url, ['url'], depth) ?? siteIdentity(url)) : post(id);
}

/** Front ends map to the post; their own pages (about, settings) are pages like any other. */
function frontEnd(url: URL, host: string): Identity | Rejection | null {
  let path = plainPath(url.pathname);
  if (host.startsWith('api.')) path = path.replace(/^v?[0-9]+\//i, '');
  const file =
    /^pic\/(?:orig\/)?(?:pbs\.twimg\.com\/)?((?:media|profile_images|tweet_video_thumb|ext_tw_video_thumb|amplify_video_thumb)\/.+)$/i;
  const [, filePath] = file.exec(path) ?? [];
  if (filePath !== undefined) return mediaIdentity(new URL(filePath, 'https://pbs.twimg.com/'));
  return postInPath(path) ?? accountInPath(path);
}

/** The post whose address another address of X carries, in the first of these parameters. */
function inQuery(url: URL, names: string[], depth: number): Identity | Rejection | null {
  const inner = names.map((name) => url.searchParams.get(name)).find((value) => value !== null);
  if (inner === undefined || inner === null || depth === 0) return null;
  const address = /^[a-z]+:/i.test(inner) ? inner : `https://${inner}`;
  return URL.canParse(address) ? identifyWithin(new URL(address), depth - 1) : null;
}

/** The address to open for one of X's keys; `null` where the key alone has none (a video). */
export function addressOf(key: string): string | null {
  const [, kind = '', id = ''] = /^x:([a-z]+):(.+)$/s.exec(key) ?? [];
  const address = addresses[kind];
  return address === undefined
    ? null
    : address + id + (kind === 'photo' ? '?format=jpg&name=orig' : kind === 'gif' ? '.mp4' : '');
}

const addresses: Record<string, string> = {
  status: 'https://x.com/i/status/',
  tco: 'https://t.co/',
  user: 'https://x.com/',
  broadcast: 'https://x.com/i/broadcasts/',
  space: 'https://x.com/i/spaces/',
  event: 'https://x.com/i/events/',
  article: 'https://x.com/i/article/',
  photo: 'https://pbs.twimg.com/media/',
  gif: 'https://video.twimg.com/tweet_video/',
  avatar: 'https://pbs.twimg.com',
  banner: 'https://pbs.twimg.com',
};
