/** The parts of GraphQL's answers that are read. Whatever else they hold is kept with the answer. */
import { z } from 'zod';
import { countClaim, maybe, postId, text, unread } from '../claims/claims.ts';

const inResult = <Schema extends z.ZodType>(schema: Schema) => z.object({ result: schema });

/** Since 2024 a user's names moved from `legacy` to `core`, and the picture to `avatar`. */
const user = z.object({
  rest_id: maybe(postId),
  legacy: maybe(
    z.object({
      name: maybe(text),
      screen_name: maybe(text),
      profile_image_url_https: maybe(text),
      created_at: maybe(text),
      location: maybe(text),
      verified: maybe(z.boolean()),
      verified_type: maybe(text),
      withheld_in_countries: maybe(z.array(text)),
    }),
  ),
  core: maybe(z.object({ name: maybe(text), screen_name: maybe(text), created_at: maybe(text) })),
  avatar: maybe(z.object({ image_url: maybe(text) })),
  location: maybe(z.object({ location: maybe(text) })),
  is_blue_verified: maybe(z.boolean()),
  verification: maybe(z.object({ verified: maybe(z.boolean()), verified_type: maybe(text) })),
});

const tombstone = z.object({
  __typename: maybe(text),
  text: maybe(z.object({ text })),
  user_results: maybe(inResult(maybe(user))),
});
export type Tombstone = z.output<typeof tombstone> | null | undefined;

/** What can stand in a post's place: a statement in words, or a reason in one. */
export const result = z.object({
  __typename: text,
  reason: maybe(text),
  tombstone: maybe(tombstone),
});

/** A post with labels or limits on it. */
export const wrapped = z.object({
  __typename: z.literal('TweetWithVisibilityResults'),
  tweet: unread,
});

const note = z.object({
  text,
  entity_set: maybe(z.object({ urls: unread, user_mentions: unread })),
});
/** Longitude first, as GeoJSON has it. */
const point = z.object({
  coordinates: z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]),
});

export const tweet = z.object({
  rest_id: maybe(postId),
  core: maybe(z.object({ user_results: maybe(inResult(maybe(user))) })),
  edit_control: unread,
  note_tweet: maybe(z.object({ note_tweet_results: maybe(inResult(maybe(note))) })),
  quoted_status_result: maybe(inResult(unread)),
  quotedRefResult: maybe(inResult(maybe(z.object({ rest_id: maybe(postId) })))),
  article: maybe(z.object({ article_results: maybe(inResult(unread)) })),
  card: maybe(z.object({ legacy: unread })),
  birdwatch_pivot: unread,
  source: maybe(text),
  legacy: z.object({
    id_str: maybe(postId),
    full_text: text,
    created_at: maybe(text),
    display_text_range: unread,
    lang: maybe(text),
    user_id_str: maybe(postId),
    conversation_id_str: maybe(postId),
    entities: maybe(z.object({ urls: unread, user_mentions: unread, media: unread })),
    extended_entities: maybe(z.object({ media: unread })),
    in_reply_to_status_id_str: maybe(postId),
    in_reply_to_screen_name: maybe(text),
    in_reply_to_user_id_str: maybe(postId),
    quoted_status_id_str: maybe(postId),
    retweeted_status_result: maybe(inResult(unread)),
    possibly_sensitive: maybe(z.boolean()),
    place: maybe(z.object({ full_name: text })),
    coordinates: maybe(point),
    withheld_in_countries: maybe(z.array(text)),
    withheld_copyright: maybe(z.boolean()),
    favorite_count: countClaim,
    reply_count: countClaim,
    retweet_count: countClaim,
    quote_count: countClaim,
    bookmark_count: countClaim,
  }),
  views: maybe(z.object({ count: countClaim })),
});
export type Tweet = z.output<typeof tweet>;
