/** From the post in an answer of GraphQL to what it claims. */
import { articleClaims } from '../claims/article-claims.ts';
import { cardClaim } from '../claims/card.ts';
import { claimedTime } from '../claims/claimed-time.ts';
import {
  badgeClaim,
  communityNoteClaim,
  countersFrom,
  editIdClaims,
  isFilledList,
  linkClaims,
  mentionClaims,
  nothingMore,
  type PostClaims,
  rangeClaim,
  withheldClaims,
} from '../claims/claims.ts';
import { mediaClaims } from '../claims/media-claims.ts';
import { result, type Tweet, tweet, wrapped } from './graphql-shape.ts';
import { relatedPost } from './in-place-of-text.ts';

const mostWords = 500;

function wordsInPlace(value: unknown): string {
  const parsed = result.safeParse(value);
  if (!parsed.success) return 'unreadable';
  const { __typename, reason, tombstone } = parsed.data;
  return (tombstone?.text?.text ?? reason ?? __typename).slice(0, mostWords);
}

/** The post in a result of GraphQL; `null` where there is none that can be read. */
export function claimsOf(value: unknown, withRelated: boolean): PostClaims | null {
  const parsed = tweet.safeParse(value);
  if (!parsed.success) return null;
  const { legacy, ...record } = parsed.data;
  const id = record.rest_id ?? legacy.id_str;
  if (id == null) return null;
  return {
    ...nothingMore,
    ...authorOf(parsed.data),
    ...textOf(parsed.data),
    ...(withRelated ? relatedOf(parsed.data) : {}),
    ...attachmentsOf(parsed.data),
    id,
    createdAt: legacy.created_at ?? null,
    postedWith: programOf(record.source),
    editIds: editIdClaims(record.edit_control),
    replyTo: replyOf(parsed.data),
    conversationId: legacy.conversation_id_str ?? null,
    quotedId: legacy.quoted_status_id_str ?? record.quotedRefResult?.result?.rest_id ?? null,
    possiblySensitive: legacy.possibly_sensitive ?? null,
    place: legacy.place?.full_name ?? null,
    coordinates: coordinatesOf(legacy.coordinates),
    communityNote: communityNoteClaim(record.birdwatch_pivot),
    withheldIn: withheldClaims(legacy.withheld_in_countries, legacy.withheld_copyright),
    counters: countersOf(parsed.data),
  };
}

function authorOf({ core, legacy }: Tweet): Pick<PostClaims, 'author' | 'account'> {
  const said = core?.user_results?.result;
  return {
    author: {
      id: said?.rest_id ?? legacy.user_id_str ?? null,
      handle: said?.core?.screen_name ?? said?.legacy?.screen_name ?? null,
      name: said?.core?.name ?? said?.legacy?.name ?? null,
      avatarUrl: said?.avatar?.image_url ?? said?.legacy?.profile_image_url_https ?? null,
    },
    account: said
      ? {
          createdAt: claimedTime(said.core?.created_at ?? said.legacy?.created_at ?? null),
          location: (said.location?.location ?? said.legacy?.location) || null,
          badge: badgeClaim({
            kind: said.verification?.verified_type ?? said.legacy?.verified_type,
            paid: said.is_blue_verified,
            given: said.verification?.verified ?? said.legacy?.verified,
          }),
          withheldIn: said.legacy?.withheld_in_countries ?? [],
        }
      : null,
  };
}

/** A long text has links and names of its own: those of the short one end where it was cut. */
function textOf({ legacy, note_tweet }: Tweet) {
  const note = note_tweet?.note_tweet_results?.result;
  return {
    rawText: legacy.full_text,
    displayRange: rangeClaim(legacy.display_text_range, 'code-point'),
    hasNote: note_tweet != null,
    noteText: note?.text ?? null,
    language: legacy.lang ?? null,
    links: withoutRepeats([
      ...linkClaims(legacy.entities?.urls),
      ...linkClaims(note?.entity_set?.urls),
    ]),
    mentions: withoutRepeats([
      ...mentionClaims(legacy.entities?.user_mentions),
      ...mentionClaims(note?.entity_set?.user_mentions),
    ]),
  };
}

function withoutRepeats<Item>(list: Item[]): Item[] {
  return [...new Map(list.map((item) => [JSON.stringify(item), item])).values()];
}

function relatedOf({ legacy, quoted_status_result }: Tweet) {
  const given = unwrapped(quoted_status_result?.result);
  const quoted = claimsOf(given, false);
  const { post, inPlace } = relatedPost(quoted);
  const isMissing = given != null && quoted === null;
  return {
    quoted: post,
    quotedMissing: isMissing ? wordsInPlace(given) : inPlace,
    reposted: claimsOf(unwrapped(legacy.retweeted_status_result?.result), false),
  };
}

function unwrapped(value: unknown): unknown {
  const limited = wrapped.safeParse(value);
  return limited.success ? limited.data.tweet : value;
}

function replyOf({ legacy }: Tweet): PostClaims['replyTo'] {
  const id = legacy.in_reply_to_status_id_str;
  if (!id) return null;
  const handle = legacy.in_reply_to_screen_name ?? null;
  return { id, handle, authorId: legacy.in_reply_to_user_id_str ?? null };
}

function attachmentsOf({ legacy, card, article: given }: Tweet) {
  const { article, cover } = articleClaims(given?.article_results?.result);
  const named = legacy.extended_entities?.media ?? legacy.entities?.media;
  return {
    media: [...mediaClaims(named), ...cover],
    namesMedia: isFilledList(named) || isFilledList(legacy.entities?.media),
    card: cardClaim(card?.legacy),
    article,
  };
}

/** `<a href="https://…" rel="nofollow">Twitter for iPhone</a>` → `Twitter for iPhone` */
function programOf(source: string | null | undefined): string | null {
  return /^<a [^>]{0,500}>([^<]{1,200})<\/a>$/.exec(source ?? '')?.[1] ?? (source || null);
}

function coordinatesOf(given: Tweet['legacy']['coordinates']): PostClaims['coordinates'] {
  if (given == null) return null;
  const [longitude, latitude] = given.coordinates;
  return { latitude, longitude };
}

function countersOf({ legacy, views }: Tweet): Record<string, number> {
  return countersFrom({
    likes: legacy.favorite_count,
    replies: legacy.reply_count,
    reposts: legacy.retweet_count,
    quotes: legacy.quote_count,
    bookmarks: legacy.bookmark_count,
    views: views?.count,
  });
}
