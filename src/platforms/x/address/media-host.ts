/** Files on twimg.com: which picture, video, animation or portrait an address names. */
import type { Identity, LinkFacts, Rejection } from '../../identity.ts';
import { isId } from './ids.ts';
import { plainPath } from './paths.ts';

/** `null`: a file of X's that is no media of a post (stylesheets, emoji, link cards). */
export function mediaIdentity(url: URL): Identity | Rejection | null {
  const path = plainPath(url.pathname);
  return picture(path, url) ?? video(path) ?? animation(path) ?? portrait(path, url);
}

function picture(path: string, url: URL): Identity | null {
  const found = /^media\/([A-Za-z0-9_-]{4,40})(?:\.([a-z0-9]{2,5}))?(?::[a-z0-9]+)?$/i.exec(path);
  if (!found?.[1]) return null;
  const facts: LinkFacts = {};
  const format = url.searchParams.get('format') ?? found[2];
  if (format !== undefined && /^[a-z0-9]{2,5}$/i.test(format)) facts.fmt = format.toLowerCase();
  return { key: `x:photo:${found[1]}`, facts };
}

function video(path: string): Identity | Rejection | null {
  const found = /^(?:ext_tw_video|amplify_video)(_thumb)?\/([^/]+)\/(.+)$/i.exec(path);
  if (!found) return null;
  const [, thumb, id = '', rest = ''] = found;
  if (!isId(id)) return { rejected: 'bad-id' };
  const role = thumb === undefined ? fileRole(rest) : 'poster';
  const facts: LinkFacts = { role };
  if (role !== 'poster') facts.res = /(?:^|\/)([0-9]{2,5}x[0-9]{2,5})\//.exec(rest)?.[1] ?? null;
  return { key: `x:video:${id}`, facts };
}

function animation(path: string): Identity | null {
  const found =
    /^tweet_video(_thumb)?\/([A-Za-z0-9_-]{4,40})(?:\.([a-z0-9]{2,5}))?(?::[a-z0-9]+)?$/i;
  const [, thumb, key, suffix = ''] = found.exec(path) ?? [];
  if (key === undefined) return null;
  return {
    key: `x:gif:${key}`,
    facts: { role: thumb === undefined ? fileRole(`.${suffix}`) : 'poster' },
  };
}

function portrait(path: string, url: URL): Identity | null {
  if (/^profile_images\/./i.test(path)) return { key: `x:avatar:${url.pathname}`, facts: {} };
  if (/^profile_banners\/./i.test(path)) return { key: `x:banner:${url.pathname}`, facts: {} };
  return null;
}

function fileRole(path: string): string {
  if (/\.mp4$/i.test(path)) return 'mp4';
  if (/\.m3u8$/i.test(path)) return 'hls';
  return /\.(?:m4s|ts|m4a|aac)$/i.test(path) ? 'segment' : 'other';
}
