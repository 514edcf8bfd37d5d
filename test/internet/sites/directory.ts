/** Which site answers for which host. A host that is not here and has no page doesn't exist. */
import { type Answer, html, type SiteRequest } from '../answer.ts';
import type { Page, World } from '../world.ts';
import { embed } from './embed.ts';
import { graphql } from './graphql.ts';
import { hostile, hostileHost } from './hostile.ts';
import { news, newsHost } from './news.ts';
import { oembed } from './oembed.ts';
import { syndication } from './syndication.ts';
import { tCo } from './t-co.ts';
import { things, thingsHost } from './things.ts';
import { pictures, videos } from './twimg.ts';
import { xCom } from './x-com.ts';

type Site = (request: SiteRequest, world: World) => Answer | Promise<Answer>;

const sites: Record<string, Site> = {
  't.co': tCo,
  'cdn.syndication.twimg.com': syndication,
  'api.x.com': (request, world) => graphql(request, world) ?? { status: 404 },
  'publish.x.com': oembed,
  'publish.twitter.com': oembed,
  'platform.twitter.com': embed,
  'x.com': xCom,
  'www.x.com': xCom,
  'twitter.com': xCom,
  'www.twitter.com': xCom,
  'mobile.twitter.com': xCom,
  'pbs.twimg.com': pictures,
  'video.twimg.com': videos,
  [newsHost]: news,
  [hostileHost]: hostile,
  [thingsHost]: things,
};

export function exists(hostname: string, world: World): boolean {
  return Object.hasOwn(sites, hostname) || world.hasPagesOn(hostname);
}

/** A page that somebody added goes before the site of the same host. */
export async function answer(request: SiteRequest, world: World): Promise<Answer> {
  const page = world.page(request.url);
  if (page) return pageAnswer(page, request);
  const site = sites[request.url.hostname];
  return site ? site(request, world) : html('<!doctype html><title>Not found</title>', 404);
}

function pageAnswer(page: Page, request: SiteRequest): Answer | Promise<Answer> {
  if (page.handler) return page.handler(request);
  const mediaType =
    page.mediaType ?? (page.bytes ? 'application/octet-stream' : 'text/html; charset=utf-8');
  return {
    status: page.status ?? 200,
    headers: { 'content-type': mediaType, ...page.headers },
    body: page.bytes ?? page.html ?? '',
    ranges: page.bytes !== undefined,
    gzip: page.bytes === undefined,
  };
}
