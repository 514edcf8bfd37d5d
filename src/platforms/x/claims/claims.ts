/**
 * What one route's record claims about a post, before anything is decided: the parts that
 * syndication and GraphQL share, read tolerantly. Unknown fields are ignored, a field of
 * an unexpected type counts as absent, and absent is never the same as empty.
 */
import { z } from 'zod';
import type { Account, Author, Card, Coordinates } from '../../post.ts';
import type { MediaClaims } from './media-claims.ts';

export interface PostClaims {
  id: string;
  author: Author & { avatarUrl: string | null };
  account: Account | null;
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
  postedWith: string | null;
  editIds: string[];
  isStaleEdit: boolean | null;
  replyTo: { id: string; handle: string | null; authorId: string | null } | null;
  conversationId: string | null;
  quotedId: string | null;
  quoted: PostClaims | null;
  quotedMissing: string | null;
  parent: PostClaims | null;
  reposted: PostClaims | null;
  possiblySensitive: boolean | null;
  place: string | null;
  coordinates: Coordinates | null;
  mentions: Author[];
  links: { short: string; expanded: string }[];
  media: MediaClaims[];
  /** The text carries a link to media of its own, whether or not they could be read. */
  namesMedia: boolean;
  card: Card | null;
  article: { title: string; preview: string | null } | null;
  communityNote: { id: string | null; text: string } | null;
  labels: string[];
  withheldIn: string[];
  /** Likes, replies and the like, as far as the route tells them. */
  counters?: Record<string, number>;
}

/** What a route claims that says nothing more: absent, not empty. */
export const nothingMore: Omit<PostClaims, 'id' | 'author' | 'rawText'> = {
  account: null,
  displayRange: null,
  hasNote: false,
  noteText: null,
  createdAt: null,
  language: null,
  postedWith: null,
  editIds: [],
  isStaleEdit: null,
  replyTo: null,
  conversationId: null,
  quotedId: null,
  quoted: null,
  quotedMissing: null,
  parent: null,
  reposted: null,
  possiblySensitive: null,
  place: null,
  coordinates: null,
  mentions: [],
  links: [],
  media: [],
  namesMedia: false,
  card: null,
  article: null,
  communityNote: null,
  labels: [],
  withheldIn: [],
};

/**
 * GraphQL counts code points here. Syndication's recorded answers count UTF-16 units,
 * although their `indices` of links and media count code points.
 */
export interface DisplayRange {
  from: number;
  to: number;
  unit: 'code-point' | 'utf-16';
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

/** Whether a list names anything, readable or not. */
export function isFilledList(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0;
}

export const postId = z.string().regex(/^\d{1,19}$/);
export const text = z.string();
/** A field that another parser reads, or nobody; it may be missing. */
export const unread = z.unknown().optional();
export const address = z.string().refine((value) => {
  const url = URL.parse(value);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
});
export const amount = z.number().finite().nonnegative();
/** A count that may be missing, or come as digits in a text; an empty text is no zero. */
export const countClaim = maybe(
  z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,15}$/)
        .transform(Number),
    ])
    .pipe(z.number().int().nonnegative()),
);

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

const mention = z.object({ id_str: maybe(postId), screen_name: text, name: maybe(text) });

export function mentionClaims(list: unknown): Author[] {
  return each(mention, list).map(({ id_str, screen_name, name }) => ({
    id: id_str ?? null,
    handle: screen_name,
    name: name ?? null,
  }));
}

const pivot = z.object({
  subtitle: z.object({ text }),
  note: maybe(z.object({ rest_id: maybe(postId) })),
});

export function communityNoteClaim(value: unknown): PostClaims['communityNote'] {
  const parsed = pivot.safeParse(value);
  if (!parsed.success) return null;
  return { id: parsed.data.note?.rest_id ?? null, text: parsed.data.subtitle.text };
}

/** X's own code for "everywhere, after a complaint of whoever holds the rights". */
const copyright = 'XY';

export function withheldClaims(
  countries: string[] | null | undefined,
  forCopyright: boolean | null | undefined,
): string[] {
  const named = countries ?? [];
  return forCopyright === true && !named.includes(copyright) ? [...named, copyright] : named;
}

/** The mark beside a name: a kind where X names one, else whether it is paid for or given. */
export function badgeClaim(said: {
  kind: string | null | undefined;
  paid: boolean | null | undefined;
  given: boolean | null | undefined;
}): string | null {
  if (said.kind) return said.kind.toLowerCase();
  if (said.paid === true) return 'blue';
  if (said.given === true) return 'verified';
  return said.paid === false || said.given === false ? 'none' : null;
}
