/** What a record claims about a post's pictures and videos. */

import { z } from 'zod';
import type { PlatformWord } from '../../../base/reasons.ts';
import type { Author } from '../../post.ts';
import { address, amount, each, maybe, postId, text, unread } from './claims.ts';

export interface MediaClaims {
  kind: 'picture' | 'video' | 'gif' | 'unknown';
  /** The picture, or the poster of a video. */
  pictureUrl: string | null;
  /** Page of the post that this media was first posted with. */
  pageUrl: string | null;
  altText: string | null;
  /** What the author called a video. */
  title: string | null;
  /** Accounts that the author marked in a picture. */
  tagged: Author[];
  width: number | null;
  height: number | null;
  durationMs: number | null;
  variants: VariantClaims[];
  /** `dmcaed`, `geoblocked`, `deleted` …: the record says that the media is withheld. */
  unavailable: PlatformWord | null;
}

export interface VariantClaims {
  url: string;
  mediaType: string | null;
  bitrate: number | null;
}

const mediaEntity = z.object({
  type: maybe(text),
  media_url_https: maybe(address),
  expanded_url: maybe(address),
  ext_alt_text: maybe(text),
  additional_media_info: maybe(z.object({ title: maybe(text) })),
  features: maybe(z.object({ all: maybe(z.object({ tags: unread })) })),
  original_info: maybe(z.object({ width: amount, height: amount })),
  ext_media_availability: maybe(z.object({ status: maybe(text), reason: maybe(text) })),
  video_info: maybe(z.object({ duration_millis: maybe(amount), variants: unread })),
});

const tag = z.object({ user_id: maybe(postId), screen_name: text, name: maybe(text) });

const variant = z.object({
  url: address,
  content_type: maybe(text),
  bitrate: maybe(amount),
});

const kinds: Record<string, MediaClaims['kind']> = {
  photo: 'picture',
  video: 'video',
  animated_gif: 'gif',
};

/** `mediaDetails` of syndication and `extended_entities.media` of GraphQL are the same objects. */
export function mediaClaims(list: unknown): MediaClaims[] {
  return each(mediaEntity, list).map((media) => ({
    kind: kindOf(media.type),
    pictureUrl: media.media_url_https ?? null,
    pageUrl: media.expanded_url ?? null,
    altText: media.ext_alt_text ?? null,
    title: media.additional_media_info?.title || null,
    tagged: each(tag, media.features?.all?.tags).map(({ user_id, screen_name, name }) => ({
      id: user_id ?? null,
      handle: screen_name,
      name: name ?? null,
    })),
    width: media.original_info?.width ?? null,
    height: media.original_info?.height ?? null,
    durationMs: media.video_info?.duration_millis ?? null,
    variants: each(variant, media.video_info?.variants).map((one) => ({
      url: one.url,
      mediaType: one.content_type ?? null,
      bitrate: one.bitrate ?? null,
    })),
    unavailable: unavailability(media.ext_media_availability),
  }));
}

export function pictureClaim(
  pictureUrl: string,
  size: Pick<MediaClaims, 'width' | 'height'>,
): MediaClaims {
  return {
    kind: 'picture',
    pictureUrl,
    pageUrl: null,
    altText: null,
    title: null,
    tagged: [],
    ...size,
    durationMs: null,
    variants: [],
    unavailable: null,
  };
}

function kindOf(type: string | null | undefined): MediaClaims['kind'] {
  return type != null && Object.hasOwn(kinds, type) ? (kinds[type] ?? 'unknown') : 'unknown';
}

function unavailability(
  said: { status?: string | null; reason?: string | null } | null | undefined,
): PlatformWord | null {
  if (said?.status == null || said.status.toLowerCase() === 'available') return null;
  return (said.reason ?? said.status)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40) as PlatformWord;
}
