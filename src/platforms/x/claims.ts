/**
 * What one route's record claims about a post, before anything is decided: the parts that
 * syndication and GraphQL share, read tolerantly. Unknown fields are ignored, a field of
 * an unexpected type counts as absent, and absent is never the same as empty.
 */
import { z } from 'zod';
import type { Author } from '../platform.ts';

export interface PostClaims {
  id: string;
  author: Author & { avatarUrl: string | null };
  /** As given: HTML-escaped, with the t.co links. */
  rawText: string;
  /** The part of the text that is shown, counted while the text is still escaped. */
  displayRange: DisplayRange | null;
  /** A longer text exists … */
  hasNote: boolean;
  /** … and this is it, where the route gives it. */
  noteText: string | null;
  createdAt: string | null;
  language: string | null;
  editIds: string[];
  isStaleEdit: boolean | null;
  replyTo: { id: string; handle: string | null } | null;
  quotedId: string | null;
  quoted: PostClaims | null;
  parent: PostClaims | null;
  possiblySensitive: boolean | null;
  place: string | null;
  links: { short: string; expanded: string }[];
  media: MediaClaims[];
  article: { title: string; preview: string | null } | null;
  /** Two-letter countries in which X says that it withholds the post. */
  withheldIn: string[];
  /** Likes, replies and the like, as far as the route tells them. */
  counters?: Record<string, number>;
}

/**
 * GraphQL counts code points here. Syndication's recorded answers count UTF-16 units,
 * although their `indices` of links and media count code points.
 */
export interface DisplayRange {
  from: number;
  to: number;
  unit: 'code-point' | 'utf-16';
}

export interface MediaClaims {
  kind: 'picture' | 'video' | 'gif' | 'unknown';
  /** The picture, or the poster of a video. */
  pictureUrl: string | null;
  /** Page of the post that this media was first posted with. */
  pageUrl: string | null;
  altText: string | null;
  width: number | null;
  height: number | null;
  durationMs: number | null;
  variants: VariantClaims[];
  /** `dmcaed`, `geoblocked`, `deleted` …: the record says that the media is withheld. */
  unavailable: string | null;
}

export interface VariantClaims {
  url: string;
  mediaType: string | null;
  bitrate: number | null;
}

/** A field that may be missing, null or of another type than expected: `undefined` then. */
export function maybe<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().catch(undefined);
}

/** The elements of a list that can be read; the others are left out. */
export function each<Schema extends z.ZodType>(schema: Schema, list: unknown): z.output<Schema>[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((element) => {
    const parsed = schema.safeParse(element);
    return parsed.success ? [parsed.data] : [];
  });
}

export const postId = z.string().regex(/^\d{1,19}$/);
export const text = z.string();
/** A field that another parser reads, or nobody; it may be missing. */
export const unread = z.unknown().optional();
const address = z.string().refine((value) => {
  const url = URL.parse(value);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
});
const amount = z.number().finite().nonnegative();
/** A count that may be missing, or come as text. */
export const countClaim = maybe(z.coerce.number().int().nonnegative());

/** Only those that the route gave. */
export function countersFrom(
  given: Record<string, number | null | undefined>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, count]) => (count == null ? [] : [[name, count]])),
  );
}

const range = z.tuple([amount, amount]);

export function rangeClaim(value: unknown, unit: DisplayRange['unit']): DisplayRange | null {
  const parsed = range.safeParse(value);
  return parsed.success ? { from: parsed.data[0], to: parsed.data[1], unit } : null;
}

const urlEntity = z.object({ url: address, expanded_url: address });

export function linkClaims(list: unknown): PostClaims['links'] {
  return each(urlEntity, list).map(({ url, expanded_url }) => ({
    short: url,
    expanded: expanded_url,
  }));
}

const editControl = z.object({
  edit_tweet_ids: maybe(z.array(postId)),
  // Where the post is itself an edit, GraphQL puts the same fields one level deeper.
  edit_control_initial: maybe(z.object({ edit_tweet_ids: z.array(postId) })),
});

export function editIdClaims(control: unknown): string[] {
  const parsed = editControl.safeParse(control);
  if (!parsed.success) return [];
  return parsed.data.edit_tweet_ids ?? parsed.data.edit_control_initial?.edit_tweet_ids ?? [];
}

const mediaEntity = z.object({
  type: maybe(text),
  media_url_https: maybe(address),
  expanded_url: maybe(address),
  ext_alt_text: maybe(text),
  original_info: maybe(z.object({ width: amount, height: amount })),
  ext_media_availability: maybe(z.object({ status: maybe(text), reason: maybe(text) })),
  video_info: maybe(z.object({ duration_millis: maybe(amount), variants: unread })),
});

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

function kindOf(type: string | null | undefined): MediaClaims['kind'] {
  return type != null && Object.hasOwn(kinds, type) ? (kinds[type] ?? 'unknown') : 'unknown';
}

function unavailability(
  said: { status?: string | null; reason?: string | null } | null | undefined,
): string | null {
  if (said?.status == null || said.status.toLowerCase() === 'available') return null;
  return (said.reason ?? said.status)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40);
}

const article = z.object({
  title: text,
  preview_text: maybe(text),
  cover_media: maybe(
    z.object({
      media_info: maybe(
        z.object({
          original_img_url: address,
          original_img_width: maybe(amount),
          original_img_height: maybe(amount),
        }),
      ),
    }),
  ),
});

/** A long "article" post: the record holds its title, the beginning and the cover, not the article. */
export function articleClaims(
  value: unknown,
): Pick<PostClaims, 'article'> & { cover: MediaClaims[] } {
  const parsed = article.safeParse(value);
  if (!parsed.success) return { article: null, cover: [] };
  const { title, preview_text, cover_media } = parsed.data;
  const image = cover_media?.media_info;
  const cover: MediaClaims[] = image
    ? [
        {
          kind: 'picture',
          pictureUrl: image.original_img_url,
          pageUrl: null,
          altText: null,
          width: image.original_img_width ?? null,
          height: image.original_img_height ?? null,
          durationMs: null,
          variants: [],
          unavailable: null,
        },
      ]
    : [];
  return { article: { title, preview: preview_text ?? null }, cover };
}
