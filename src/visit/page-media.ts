/** Pictures, videos and sounds that a page shows, as references for the media room. */
import type { Page } from 'playwright';
import { z } from 'zod';
import { within } from '../base/time-limit.ts';
import type { MediaCandidate, MediaKind, MediaRef } from '../model/plan.ts';
import type { SeenFile } from '../recorder/page-record.ts';

const mostMedia = 50;
const smallestPicturePx = 200;

/** What the page itself says; hostile, so nothing is believed but its shape. */
const found = z.array(
  z.object({
    kind: z.enum(['picture', 'video', 'audio']),
    sources: z.array(
      z.object({
        url: z.string().max(8_000),
        type: z.string().max(200),
        width: z.number().int().positive().nullable(),
      }),
    ),
    alt: z.string().max(4_000).nullable(),
    durationMs: z.number().nonnegative().nullable(),
    from: z.string().max(40),
  }),
);
type Found = z.infer<typeof found>[number];

export interface PageMedia {
  media: MediaRef[];
  /** How many more there were than are kept. */
  omitted: number;
}

/** Media of the page in order of appearance, videos first, each address once. */
export async function pageMedia(
  page: Page,
  files: SeenFile[],
  downloads: string[],
  signal: AbortSignal,
): Promise<PageMedia> {
  const told = await within(10_000, signal, page.evaluate<unknown>(collect)).catch(() => []);
  const parsed = found.safeParse(told);
  const all = [
    ...fromDownloads(downloads),
    ...(parsed.success ? withoutMissing(parsed.data, files) : []),
    ...fromNetwork(files.filter(({ isCut }) => !isCut)),
  ];
  const order: Record<Found['kind'], number> = { video: 0, audio: 1, picture: 2 };
  const sorted = all.toSorted((a, b) => order[a.kind] - order[b.kind]);
  return numbered(once(sorted));
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
      if (!/^https?:/i.test(url) || !URL.canParse(url) || seen.has(url)) return false;
      seen.add(url);
      return true;
    });
    return sources.length === 0 ? [] : [{ ...one, sources }];
  });
}

function numbered(all: Found[]): PageMedia {
  const media = all.slice(0, mostMedia).map(
    (one, index): MediaRef => ({
      id: String(index + 1),
      kind: one.from === 'download' ? 'unknown' : (one.kind satisfies MediaKind),
      belongsTo: one.from === 'poster' ? 'poster' : 'page',
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

/** Nothing names such a file: it may be a whole video, or one of its pieces. */
export const fetchedByPage = 'fetched by the page as media';

const orderedBy: Record<string, string> = {
  img: 'widest of srcset first, then what the page shows',
  broken: 'widest of srcset first, then what the page was to show',
  video: 'as the page names them, the one that plays first',
  poster: 'still picture that stands for a video',
  og: 'named in the page head for sharing (og:video)',
  'json-ld': 'named in the page as VideoObject.contentUrl',
  network: fetchedByPage,
  download: 'the link is a download',
};

function candidateOf({ url, type, width }: Found['sources'][number]): MediaCandidate {
  return { url, mediaType: type === '' ? null : type, width, height: null, bitrate: null };
}

function fromDownloads(downloads: string[]): Found[] {
  return downloads.map((url) => ({
    kind: 'video',
    sources: [{ url, type: '', width: null }],
    alt: null,
    durationMs: null,
    from: 'download',
  }));
}

/** Media files and playlists that the page fetched; pieces of streams are left to the playlist. */
function fromNetwork(files: SeenFile[]): Found[] {
  const media = files.flatMap(({ url, status, mediaType: type, isMainDocument }) => {
    if (status >= 300) return [];
    const playlist = /mpegurl|dash\+xml/.test(type) || /\.(m3u8|mpd)($|\?)/i.test(url);
    const piece = type === 'video/mp2t' || /\.(ts|m4s|cmfv|cmfa)($|\?)/i.test(url);
    const kind = type.startsWith('audio/') && !playlist ? 'audio' : 'video';
    if (isMainDocument && type.startsWith('image/'))
      return [{ kind: 'picture' as const, url, type, playlist }];
    return playlist || (/^(video|audio)\//.test(type) && !piece)
      ? [{ kind: kind as Found['kind'], url, type, playlist }]
      : [];
  });
  const playlists = media.filter(({ playlist }) => playlist);
  // With a playlist there, other media of the page are most often its pieces under other names.
  const others = media.filter(({ playlist }) => !playlist);
  return [...playlists, ...others].map(({ kind, url, type }) => ({
    kind,
    sources: [{ url, type, width: null }],
    alt: null,
    durationMs: null,
    from: 'network',
  }));
}

/** Runs in the page. Limits keep what a hostile page can say small. */
const collect = `(() => {
  const most = 400;
  const all = [];
  const absolute = (text) => { try { return new URL(text, document.baseURI).href.slice(0, 8000); } catch { return ''; } };
  const source = (url, type, width) => ({ url: absolute(url), type: String(type ?? '').slice(0, 200), width: width > 0 ? Math.round(width) : null });
  const add = (kind, from, sources, alt, durationMs) => {
    const usable = sources.filter(({ url }) => /^https?:/.test(url)).slice(0, 40);
    if (usable.length > 0 && all.length < most) all.push({ kind, from, sources: usable, alt: alt ? String(alt).slice(0, 4000) : null, durationMs: Number.isFinite(durationMs) ? durationMs : null });
  };
  const widthOf = (descriptor, shown) => {
    const [, number, unit] = /^([0-9.]+)([wx])$/.exec(descriptor) ?? [];
    return number === undefined ? 0 : unit === 'w' ? Number(number) : Number(number) * shown;
  };
  const srcset = (text, shown) => (text ?? '').split(/,\\s+|,(?=https?:)/).flatMap((part) => {
    const [url, descriptor = '1x'] = part.trim().split(/\\s+/);
    return url ? [source(url, '', widthOf(descriptor, shown))] : [];
  });
  for (const media of document.querySelectorAll('video, audio')) {
    const kind = media.localName === 'video' ? 'video' : 'audio';
    const named = [...media.querySelectorAll('source')].map((one) => source(one.src, one.type, 0));
    const playing = media.currentSrc || media.src;
    const label = media.getAttribute('aria-label') || media.title;
    add(kind, 'video', playing ? [source(playing, '', 0), ...named] : named, label, media.duration * 1000);
    if (media.poster) add('picture', 'poster', [source(media.poster, '', 0)], label, NaN);
  }
  for (const image of document.querySelectorAll('img')) {
    const shown = image.getBoundingClientRect().width;
    const broken = image.complete && image.naturalWidth === 0;
    if (!broken && (Math.max(image.naturalWidth, shown) < ${smallestPicturePx} || image.naturalHeight < ${smallestPicturePx} / 2)) continue;
    const sets = [image.srcset, ...[...(image.closest('picture')?.querySelectorAll('source') ?? [])].map((one) => one.srcset)];
    const wide = sets.flatMap((set) => srcset(set, shown)).sort((a, b) => (b.width ?? 0) - (a.width ?? 0));
    add('picture', broken ? 'broken' : 'img', [...wide, source(image.currentSrc || image.src, '', image.naturalWidth)], image.alt, NaN);
  }
  for (const meta of document.querySelectorAll('meta[property="og:video"], meta[property="og:video:url"], meta[property="og:video:secure_url"]')) {
    if (meta.content) add('video', 'og', [source(meta.content, '', 0)], null, NaN);
  }
  const objects = (value, depth) => {
    if (value === null || typeof value !== 'object' || depth > 8) return;
    if (typeof value.contentUrl === 'string' && [value['@type']].flat().includes('VideoObject')) {
      add('video', 'json-ld', [source(value.contentUrl, value.encodingFormat, 0)], value.name, NaN);
    }
    for (const inner of Object.values(value)) objects(inner, depth + 1);
  };
  for (const script of document.querySelectorAll('script[type="application/ld+json"]')) {
    try { objects(JSON.parse(script.textContent), 0); } catch {}
  }
  return all;
})()`;
