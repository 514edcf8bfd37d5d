/**
 * The record behind every embedded post, open to everybody: text, author, media, quoted
 * post and parent. The first route asked. Its address needs a number computed from the id.
 */
import { z } from 'zod';
import type { Answer, Ask } from '../../platform.ts';
import { articleClaims } from '../claims/article-claims.ts';
import { cardClaim } from '../claims/card.ts';
import {
  badgeClaim,
  communityNoteClaim,
  countClaim,
  countersFrom,
  editIdClaims,
  isFilledList,
  linkClaims,
  maybe,
  mentionClaims,
  nothingMore,
  type PostClaims,
  postId,
  rangeClaim,
  text,
  unread,
  withheldClaims,
} from '../claims/claims.ts';
import { mediaClaims } from '../claims/media-claims.ts';
import { syndicationToken } from '../identity.ts';
import { readPost, relatedPost } from './in-place-of-text.ts';
import { readNotice } from './notice.ts';
import { jsonOf, otherPost, type RouteReading, read, transportReading } from './reading.ts';
import { browserAgent, honestAgent } from './user-agents.ts';

const maxBytes = 2 * 1024 * 1024;

/** Asks once, and once more with a browser's name where the first was refused; both answers are read. */
export async function askSyndication(id: string, ask: Ask): Promise<RouteReading[]> {
  const first = readSyndication(await ask(question(id, honestAgent)), id);
  if (first.signal !== 'blocked') return [first];
  const second = readSyndication(await ask(question(id, browserAgent)), id);
  const message = `X refused "${honestAgent}", so syndication was asked again as "${browserAgent}"`;
  return [{ ...first, warning: { code: 'browser-agent-used', message } }, second];
}

function question(id: string, agent: string) {
  const url = new URL('https://cdn.syndication.twimg.com/tweet-result');
  // Without `lang` the texts of notices come in the language of the place we ask from.
  url.search = new URLSearchParams({ id, token: syndicationToken(id), lang: 'en' }).toString();
  return { route: 'syndication', url: url.href, headers: { 'user-agent': agent }, maxBytes };
}

/** Reads one answer. Total: whatever came back gets a signal, and what can't be read is `extractor-broken`. */
export function readSyndication(answer: Answer, id: string): RouteReading {
  const failed = transportReading(answer);
  if (failed) return failed;
  if (answer.status === 404) return read(answer, 'not-found');
  const kind = typed.safeParse(jsonOf(answer));
  // `{}` is what a wrong or missing token gets: our fault, and no word about the post.
  if (answer.status !== 200 || !kind.success) return read(answer, 'extractor-broken');
  if (kind.data.__typename === 'TweetTombstone')
    return readTweetTombstone(answer, kind.data.tombstone);
  if (kind.data.__typename !== 'Tweet') return read(answer, 'unknown', kind.data.__typename);
  return readTweet(answer, id);
}

const typed = z.object({ __typename: text, tombstone: unread });
const tombstone = z.object({ text: maybe(z.object({ text })) });

/** An empty `tombstone` is the age gate: every one that was checked against the site was. */
function readTweetTombstone(answer: Answer, value: unknown): RouteReading {
  const parsed = tombstone.safeParse(value);
  if (!parsed.success) return read(answer, 'unknown', 'unreadable notice');
  const said = parsed.data.text?.text;
  if (said !== undefined) return readNotice(answer, said);
  const isEmpty = Object.keys(value as object).length === 0;
  return isEmpty
    ? read(answer, 'login-required', 'empty notice')
    : read(answer, 'unknown', 'unreadable notice');
}

function readTweet(answer: Answer, id: string): RouteReading {
  const claims = claimsOf(jsonOf(answer), true);
  if (claims === null) return read(answer, 'extractor-broken');
  if (claims.id !== id) return otherPost(answer, id, claims.id);
  return readPost(answer, claims);
}

const user = z.object({
  id_str: maybe(postId),
  name: maybe(text),
  screen_name: maybe(text),
  profile_image_url_https: maybe(text),
  verified_type: maybe(text),
  is_blue_verified: maybe(z.boolean()),
  verified: maybe(z.boolean()),
});

const tweet = z.object({
  id_str: postId,
  text,
  unread,
  created_at: maybe(text),
  lang: maybe(text),
  display_text_range: unread,
  note_tweet: maybe(z.object({})),
  entities: maybe(z.object({ urls: unread, user_mentions: unread, media: unread })),
  user: maybe(user),
  mediaDetails: unread,
  card: unread,
  birdwatch_pivot: unread,
  edit_control: unread,
  isStaleEdit: maybe(z.boolean()),
  quoted_tweet: unread,
  parent: unread,
  in_reply_to_status_id_str: maybe(postId),
  in_reply_to_screen_name: maybe(text),
  in_reply_to_user_id_str: maybe(postId),
  possibly_sensitive: maybe(z.boolean()),
  place: maybe(z.object({ full_name: text })),
  article: unread,
  withheld_in_countries: maybe(z.array(text)),
  withheld_copyright: maybe(z.boolean()),
  favorite_count: countClaim,
  conversation_count: countClaim,
});
type Tweet = z.output<typeof tweet>;

/** Quoted posts and parents have the same shape, one level deep. */
function claimsOf(value: unknown, withRelated: boolean): PostClaims | null {
  const parsed = tweet.safeParse(value);
  if (!parsed.success) return null;
  const record = parsed.data;
  return {
    ...nothingMore,
    ...authorOf(record.user),
    ...textOf(record),
    ...(withRelated ? relatedOf(record) : {}),
    ...attachmentsOf(record),
    id: record.id_str,
    createdAt: record.created_at ?? null,
    editIds: editIdClaims(record.edit_control),
    isStaleEdit: record.isStaleEdit ?? null,
    replyTo: replyOf(record),
    possiblySensitive: record.possibly_sensitive ?? null,
    place: record.place?.full_name ?? null,
    communityNote: communityNoteClaim(record.birdwatch_pivot),
    withheldIn: withheldClaims(record.withheld_in_countries, record.withheld_copyright),
    counters: countersFrom({ likes: record.favorite_count, replies: record.conversation_count }),
  };
}

function authorOf(said: Tweet['user']): Pick<PostClaims, 'author' | 'account'> {
  const badge = badgeClaim({
    kind: said?.verified_type,
    paid: said?.is_blue_verified,
    given: said?.verified,
  });
  return {
    author: {
      id: said?.id_str ?? null,
      handle: said?.screen_name ?? null,
      name: said?.name ?? null,
      avatarUrl: said?.profile_image_url_https ?? null,
    },
    account: badge === null ? null : { createdAt: null, location: null, badge, withheldIn: [] },
  };
}

function textOf(record: Tweet) {
  return {
    rawText: record.text,
    displayRange: rangeClaim(record.display_text_range, 'utf-16'),
    hasNote: record.note_tweet != null,
    language: record.lang ?? null,
    links: linkClaims(record.entities?.urls),
    mentions: mentionClaims(record.entities?.user_mentions),
  };
}

function relatedOf(record: Tweet) {
  const quoted = claimsOf(record.quoted_tweet, false);
  const isUnread = record.quoted_tweet != null && quoted === null;
  const { post, inPlace } = relatedPost(quoted);
  return {
    quoted: post,
    quotedId: quoted?.id ?? null,
    quotedMissing: isUnread ? 'unreadable' : inPlace,
    parent: relatedPost(claimsOf(record.parent, false)).post,
  };
}

function replyOf(record: Tweet): PostClaims['replyTo'] {
  const id = record.in_reply_to_status_id_str;
  if (!id) return null;
  const handle = record.in_reply_to_screen_name ?? null;
  return { id, handle, authorId: record.in_reply_to_user_id_str ?? null };
}

function attachmentsOf(record: Tweet) {
  const { article, cover } = articleClaims(record.article);
  return {
    media: [...mediaClaims(record.mediaDetails), ...cover],
    namesMedia: isFilledList(record.entities?.media),
    card: cardClaim(record.card),
    article,
  };
}
