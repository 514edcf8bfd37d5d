/** Every picture and video of a post, each with its ladder of variants, best first. */
import type { MediaCandidate, MediaRef } from '../../model/plan.ts';
import { mediaIdTime } from './address/ids.ts';
import { mediaIdentity } from './address/media-host.ts';
import type { PostClaims } from './claims/claims.ts';
import type { MediaClaims, VariantClaims } from './claims/media-claims.ts';

/** Ids of media inside a capture. What is not of the post itself says so in its id. */
export const mediaIds = {
  post: (index: number) => String(index + 1),
  quoted: (index: number) => `quoted-${index + 1}`,
  /** Named in the record of a reply, but not fetched: it belongs to another capture. */
  parent: (index: number) => `parent-${index + 1}`,
  /** Of the post that is passed on: its media are fetched as the reposting one's own, where it lists them. */
  reposted: (index: number) => `reposted-${index + 1}`,
  posterOf: (id: string) => `poster-${id}`,
  avatar: 'avatar',
  quotedAvatar: 'quoted-avatar',
};

/** The post's media, the quoted post's, the posters of their videos, and the authors' pictures as seen. */
export function mediaOf(claims: PostClaims): MediaRef[] {
  const own = claims.media.flatMap((media, index) => refsOf(media, mediaIds.post(index), 'post'));
  const quoted = (claims.quoted?.media ?? []).flatMap((media, index) =>
    refsOf(media, mediaIds.quoted(index), 'quoted'),
  );
  return [
    ...own,
    ...quoted,
    ...avatar(claims, mediaIds.avatar, 'avatar'),
    ...(claims.quoted ? avatar(claims.quoted, mediaIds.quotedAvatar, 'quoted-avatar') : []),
  ];
}

function refsOf(media: MediaClaims, id: string, belongsTo: string): MediaRef[] {
  if (media.variants.length === 0) return [pictureRef(media, id, belongsTo)];
  const poster = pictureRef(
    { ...media, kind: 'picture', unavailable: null },
    mediaIds.posterOf(id),
    'poster',
  );
  return poster.candidates.length === 0
    ? [videoRef(media, id, belongsTo)]
    : [videoRef(media, id, belongsTo), poster];
}

function videoRef(media: MediaClaims, id: string, belongsTo: string): MediaRef {
  const playlists = media.variants.filter(isPlaylist).map(({ url }) => url);
  const files = bestFirst(media.variants.filter((variant) => !isPlaylist(variant)));
  const candidates = files.length > 0 ? files : media.variants.map(asCandidate);
  return {
    id,
    kind: media.kind === 'gif' ? 'gif' : 'video',
    belongsTo,
    candidates,
    orderedBy:
      files.length > 0
        ? 'mp4 files by picture size as their address names it, then by bitrate; of two of equal size, not the HEVC one'
        : 'the record names no mp4, only playlists',
    alsoKeep: playlists,
    altText: media.altText,
    claimed: { durationMs: media.durationMs, width: media.width, height: media.height },
    unavailable: media.unavailable,
  };
}

function isPlaylist({ url, mediaType }: VariantClaims): boolean {
  return /mpegurl/i.test(mediaType ?? '') || /\.m3u8(?:$|[?#])/i.test(url);
}

/**
 * Largest picture first. The size stands in the address and is the only claim that holds
 * for one file; bitrates are known to be inaccurate, so they only break ties.
 */
export function bestFirst(variants: VariantClaims[]): MediaCandidate[] {
  const rungs = variants.map(asCandidate);
  return rungs
    .filter(
      (rung) =>
        !isHevc(rung) || !rungs.some((other) => !isHevc(other) && area(other) === area(rung)),
    )
    .sort(
      (a, b) =>
        area(b) - area(a) || (b.bitrate ?? 0) - (a.bitrate ?? 0) || b.url.length - a.url.length,
    );
}

function asCandidate({ url, mediaType, bitrate }: VariantClaims): MediaCandidate {
  const size = /\/(\d{1,5})x(\d{1,5})\//.exec(new URL(url).pathname);
  return {
    url,
    mediaType,
    width: size ? Number(size[1]) : null,
    height: size ? Number(size[2]) : null,
    bitrate,
  };
}

function isHevc({ url }: MediaCandidate): boolean {
  return /\/(?:hevc|hvc1|h265)\//i.test(new URL(url).pathname);
}

function area({ width, height }: MediaCandidate): number {
  return (width ?? 0) * (height ?? 0);
}

function pictureRef(media: MediaClaims, id: string, belongsTo: string): MediaRef {
  return {
    id,
    kind: media.kind === 'picture' ? 'picture' : 'unknown',
    belongsTo,
    candidates: media.pictureUrl === null ? [] : pictureLadder(media.pictureUrl, media),
    orderedBy: 'the largest form that X serves first, then its named sizes downwards',
    alsoKeep: [],
    altText: belongsTo === 'poster' ? null : media.altText,
    claimed: { durationMs: null, width: media.width, height: media.height },
    unavailable: media.unavailable,
  };
}

const pictureNames = ['orig', '4096x4096', 'large', 'medium', 'small'];
const pictureTypes: Record<string, string> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
};

/** `https://pbs.twimg.com/media/KEY.jpg` → `…/media/KEY?format=jpg&name=orig` and its smaller siblings. */
export function pictureLadder(
  url: string,
  claimed: { width: number | null; height: number | null },
): MediaCandidate[] {
  const key =
    /^https?:\/\/pbs\.twimg\.com\/media\/([\w-]+)\.(jpe?g|png|webp)(?::\w+)?(?:\?.*)?$/i.exec(url);
  if (key === null) return [{ url, mediaType: null, width: null, height: null, bitrate: null }];
  const format = (key[2] ?? 'jpg').toLowerCase().replace('jpeg', 'jpg');
  return pictureNames.map((name) => ({
    url: `https://pbs.twimg.com/media/${key[1]}?format=${format}&name=${name}`,
    mediaType: pictureTypes[format] ?? null,
    width: name === 'orig' ? claimed.width : null,
    height: name === 'orig' ? claimed.height : null,
    bitrate: null,
  }));
}

function avatar({ author }: PostClaims, id: string, belongsTo: string): MediaRef[] {
  const url = author.avatarUrl === null ? null : URL.parse(author.avatarUrl);
  if (url === null || !/^https?:$/.test(url.protocol)) return [];
  const larger = url.href.replace(/_normal(\.\w+)$/, '_400x400$1');
  return [
    {
      id,
      kind: 'picture',
      belongsTo,
      candidates: [...new Set([larger, url.href])].map((href) => ({
        url: href,
        mediaType: null,
        width: null,
        height: null,
        bitrate: null,
      })),
      orderedBy: 'the 400 pixel form, then the one that the record names',
      alsoKeep: [],
      altText: null,
      claimed: { durationMs: null, width: null, height: null },
      unavailable: null,
    },
  ];
}

/** X's clocks agree to the second; a minute is never an accident. */
const toleranceMs = 60_000;

/**
 * When the file was uploaded, from the id in its address: the video's own rather than its
 * poster's. ISO 8601; `null` where there is none, or where it would be after the post: no id then.
 */
export function uploadedAt(
  { variants, pictureUrl }: MediaClaims,
  postedAt: string | null,
): string | null {
  const addresses = [...variants.map(({ url }) => url), pictureUrl].filter((url) => url !== null);
  const id = addresses.map(idInAddress).find((found) => found !== null);
  const uploaded = id === undefined ? null : mediaIdTime(id);
  if (uploaded === null || postedAt === null) return uploaded;
  return Date.parse(uploaded) > Date.parse(postedAt) + toleranceMs ? null : uploaded;
}

function idInAddress(address: string): string | null {
  const found = mediaIdentity(new URL(address));
  if (found === null || !('key' in found)) return null;
  return /^x:(?:video|gif|photo):(.+)$/.exec(found.key)?.[1] ?? null;
}

/** Media that was first posted with another post: an id, where the record names one. */
export function firstPostedWith(media: MediaClaims, postId: string): string | null {
  const id = /\/status\/(\d{1,19})(?:\/|$)/.exec(media.pageUrl ?? '')?.[1];
  return id === undefined || id === postId ? null : id;
}
