/** Whether a page speaks of a player: only then is it worth asking for a video that nobody has seen yet. */
import type { Page } from 'playwright';
import { z } from 'zod';
import { within } from '../../base/time-limit.ts';
import type { SeenFile } from '../../recorder/page-record.ts';
import { FrameWorlds } from '../frame-worlds.ts';

const told = z.array(z.string().max(40)).max(20);

/** What speaks of one, in words of ours; `null` when the page didn't let itself be looked at. */
export async function playerSigns(
  page: Page,
  files: SeenFile[],
  signal: AbortSignal,
): Promise<string[] | null> {
  const looked = within(
    10_000,
    signal,
    FrameWorlds.open(page).then((worlds) => worlds.main.run<unknown>(look)),
  );
  const seen = told.safeParse(await looked.catch(() => null));
  if (!seen.success) return null;
  const requested = files.some(isPlayed) ? ['request'] : [];
  return [...new Set([...seen.data, ...requested])];
}

function isPlayed({ url, mediaType }: SeenFile): boolean {
  return (
    /^(video|audio)\/|mpegurl|dash\+xml/.test(mediaType) ||
    /\.(m3u8|mpd|mp4|m4s|ts)($|\?)/i.test(url)
  );
}

/**
 * Runs in the page. Generous: what it takes for a player costs seconds, what it misses costs the
 * video. The source counts too, for players that were never started.
 */
const look = `(() => {
  const signs = {
    element: 'video, audio, embed[type^="video/"], object[type^="video/"]',
    frame: 'iframe[allowfullscreen], iframe[allow*="autoplay"], iframe[allow*="fullscreen"], iframe[allow*="encrypted-media"], iframe[allow*="picture-in-picture"], iframe[src*="/embed"], iframe[src*="player"], iframe[src*="video"], iframe[data-src*="/embed"], iframe[data-src*="player"]',
    head: 'meta[property^="og:video"], meta[property="og:type"][content^="video"], meta[name="twitter:player"], meta[property="twitter:player"], meta[itemprop="embedUrl"], meta[itemprop="contentUrl"], link[rel="video_src"], [itemtype*="VideoObject"]',
  };
  const roots = [document];
  for (const root of roots) {
    if (roots.length > 200) break;
    for (const one of root.querySelectorAll('*')) if (one.shadowRoot) roots.push(one.shadowRoot);
  }
  const found = Object.keys(signs).filter((name) => roots.some((root) => root.querySelector(signs[name])));
  const source = document.documentElement.outerHTML.slice(0, 20000000);
  if (/VideoObject|AudioObject/.test(source)) found.push('json-ld');
  if (/jwplayer|jwplatform|video-?js|flowplayer|brightcove|kaltura|wistia|theoplayer|bitmovin|shaka-player|plyr|clappr|hls(\\.min)?\\.js|dash(\\.all)?(\\.min)?\\.js/i.test(source)) found.push('script');
  if (/\\.(m3u8|mpd|mp4|m4v|webm|mov|flv|mp3|m4a)\\b/i.test(source)) found.push('address');
  return found;
})()`;
