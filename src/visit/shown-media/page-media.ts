/** Pictures, videos and sounds that a page shows, as references for the media room. */
import type { Page } from 'playwright';
import { within } from '../../base/time-limit.ts';
import type { MediaCandidate, MediaKind, MediaRef } from '../../model/plan.ts';
import type { SeenFile } from '../../recorder/page-record.ts';
import { FrameWorlds, isErrorPage } from '../frame-worlds.ts';
import { closedRoots } from '../read-frames.ts';
import { collectMedia, type Found, type MediaInPage, mediaInPage } from './media-script.ts';

export const mostMedia = 50;

export interface PageMedia {
  media: MediaRef[];
  /** How many more there were than are kept. */
  omitted: number;
  /** Videos and sounds that played from memory, where no file has their name. */
  played: number;
}

/** What is known of the visit without asking the page. */
export interface Passed {
  files: SeenFile[];
  /** Addresses of downloads that the page started. */
  downloads: string[];
  /** The address of what came instead of a page. */
  file: string | null;
  /** Whether there is a page to be asked. */
  isShown: boolean;
}

/** Media of the page in order of appearance, videos first, each address once. */
export async function pageMedia(
  page: Page,
  passed: Passed,
  signal: AbortSignal,
): Promise<PageMedia> {
  const { files, downloads, file, isShown } = passed;
  const { found, blobs, played } = isShown ? await shownIn(page, signal) : nothing;
  const whole = files.filter(({ isCut }) => !isCut);
  const all = [
    ...(file === null ? fromDocument(whole) : [named('file', 'link', file)]),
    ...downloads.map((url) => named('video', 'download', url)),
    ...withoutMissing(found, files),
    ...documents(whole),
    ...fromNetwork(whole),
    ...(blobs > 0 ? fetchedByScript(whole) : []),
  ];
  const order: Record<Found['kind'], number> = { file: 0, video: 1, audio: 2, picture: 3 };
  const sorted = all.toSorted((a, b) => order[a.kind] - order[b.kind]);
  return { ...numbered(once(sorted)), played };
}

const nothing: MediaInPage = { found: [], blobs: 0, played: 0 };

/** Of every frame, the page's own first; nothing of those that don't let themselves be looked at. */
async function shownIn(page: Page, signal: AbortSignal): Promise<MediaInPage> {
  const worlds = await FrameWorlds.open(page);
  const shown = { ...nothing, found: [...nothing.found] };
  const all = await within(10_000, signal, worlds.all(signal)).catch(() => [worlds.main]);
  const closed = await closedRoots(all, signal);
  for (const world of all) {
    if (isErrorPage(world.url)) continue; // what it shows is Chromium's
    const asked = world.call<unknown>(collectMedia, closed.get(world.frameId) ?? []);
    const told = within(world.isMain ? 10_000 : 3_000, signal, asked);
    const seen = mediaInPage.safeParse(await told.catch(() => null)).data ?? nothing;
    shown.found.push(...seen.found);
    shown.blobs += seen.blobs;
    shown.played += seen.played;
  }
  return shown;
}

function named(kind: Found['kind'], from: string, url: string, type = ''): Found {
  return { kind, from, sources: [{ url, type, width: null }], alt: null, durationMs: null };
}

/** A picture that doesn't show is wanted where its origin began to send it; what never was there is not. */
function withoutMissing(all: Found[], files: SeenFile[]): Found[] {
  const cut = new Set(files.filter(({ isCut }) => isCut).map(({ url }) => url));
  const wasCut = ({ url }: { url: string }) => cut.has(url.replace(/#.*$/s, ''));
  return all.filter(({ from, sources }) => from !== 'broken' || sources.some(wasCut));
}

/** Leaves out every address that an earlier reference already has. */
function once(all: Found[]): Found[] {
  const seen = new Set<string>();
  return all.flatMap((one) => {
    const sources = one.sources.filter(({ url }) => {
      if (!/^(?:https?|data):/i.test(url) || !URL.canParse(url) || seen.has(url)) return false;
      seen.add(url);
      return true;
    });
    return sources.length === 0 ? [] : [{ ...one, sources }];
  });
}

function numbered(all: Found[]): Omit<PageMedia, 'played'> {
  const media = all.slice(0, mostMedia).map(
    (one, index): MediaRef => ({
      id: String(index + 1),
      kind: unsure.has(one.from) ? 'unknown' : (one.kind satisfies MediaKind),
      belongsTo: belongings[one.from] ?? 'page',
      candidates: one.sources.map(candidateOf),
      orderedBy: orderedBy[one.from] ?? 'as the page names them',
      alsoKeep: [],
      altText: one.alt,
      claimed: { durationMs: one.durationMs, width: null, height: null },
      unavailable: null,
    }),
  );
  return { media, omitted: Math.max(0, all.length - mostMedia) };
}

/** What came may be of any kind. */
const unsure = new Set(['download', 'script']);
/** `link`: what was asked for is this file. */
const belongings: Record<string, string> = { poster: 'poster', link: 'link' };

/** Nothing names such a file: it may be a whole video, or one of its pieces. */
export const fetchedByPage = 'fetched by the page as media';
/** Such a file may be one of those that the page shows from memory; only its bytes tell. */
export const fetchedByScripts = 'fetched by a script of a page that shows media from memory';

const orderedBy: Record<string, string> = {
  img: 'widest of srcset first, then what the page shows',
  broken: 'widest of srcset first, then what the page was to show',
  video: 'as the page names them, the one that plays first',
  poster: 'still picture that stands for a video',
  og: 'named in the page head for sharing (og:video)',
  'json-ld': 'named in the page as VideoObject.contentUrl',
  background: 'drawn by the style of an element',
  svg: 'drawn in an SVG picture',
  object: 'embedded as an object',
  embed: 'embedded as an object',
  input: 'the face of a button',
  document: 'shown in a frame, or fetched by a script',
  network: fetchedByPage,
  script: fetchedByScripts,
  download: 'a download that the page started',
  link: 'the link is this file',
};

function candidateOf({ url, type, width }: Found['sources'][number]): MediaCandidate {
  return { url, mediaType: type === '' ? null : type, width, height: null, bitrate: null };
}

/** A link to a picture or a text is that file too, beside the page that the browser made of it. */
function fromDocument(files: SeenFile[]): Found[] {
  const shown = files.findLast(({ isMainDocument, status }) => isMainDocument && status < 300);
  if (shown === undefined || /html|^$/.test(shown.mediaType)) return [];
  return [named('file', 'link', shown.url, shown.mediaType)];
}

/** Shown in a frame, or drawn by scripts of the page. */
function documents(files: SeenFile[]): Found[] {
  return files
    .filter(
      ({ mediaType, status, isMainDocument }) =>
        mediaType === 'application/pdf' && status < 300 && !isMainDocument,
    )
    .map(({ url, mediaType }) => named('file', 'document', url, mediaType));
}

/** What scripts asked for under a type that media come with, or under none. */
function fetchedByScript(files: SeenFile[]): Found[] {
  const unannounced = /^(?:$|image\/|video\/|audio\/|application\/octet-stream|binary\/)/;
  return files
    .filter(
      ({ isByScript, status, mediaType }) =>
        isByScript && status === 200 && unannounced.test(mediaType),
    )
    .map(({ url, mediaType }) => named('picture', 'script', url, mediaType));
}

/** Media files and playlists that the page fetched; pieces of streams are left to the playlist. */
function fromNetwork(files: SeenFile[]): Found[] {
  const media = files.flatMap(({ url, status, mediaType: type, isMainDocument }) => {
    if (status >= 300 || isMainDocument) return [];
    const playlist = /mpegurl|dash\+xml/.test(type) || /\.(m3u8|mpd)($|\?)/i.test(url);
    const piece = type === 'video/mp2t' || /\.(ts|m4s|cmfv|cmfa)($|\?)/i.test(url);
    const kind = type.startsWith('audio/') && !playlist ? 'audio' : 'video';
    return playlist || (/^(video|audio)\//.test(type) && !piece)
      ? [{ kind: kind as Found['kind'], url, type, playlist }]
      : [];
  });
  const playlists = media.filter(({ playlist }) => playlist);
  // With a playlist there, other media of the page are most often its pieces under other names.
  const others = media.filter(({ playlist }) => !playlist);
  return [...playlists, ...others].map(({ kind, url, type }) => named(kind, 'network', url, type));
}
