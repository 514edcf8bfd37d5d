/**
 * The record behind every embedded post, open to everybody: text, author, media, quoted
 * post and parent. The first route asked. Its address needs a number computed from the id.
 */
import { z } from 'zod';
import type { Answer, Ask } from '../platform.ts';
import {
  articleClaims,
  countClaim,
  countersFrom,
  editIdClaims,
  linkClaims,
  maybe,
  mediaClaims,
  type PostClaims,
  postId,
  rangeClaim,
  text,
  unread,
} from './claims.ts';
import { syndicationToken } from './identity.ts';
import { jsonOf, otherPost, type RouteReading, read, transportReading } from './reading.ts';
import { readTombstoneText, withheldSignal } from './tombstone.ts';
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
  // Without `lang` the texts of tombstones come in the language of the place we ask from.
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
  if (kind.data.__typename === 'TweetTombstone') return readTombstone(answer, kind.data.tombstone);
  if (kind.data.__typename !== 'Tweet') return read(answer, 'unknown', kind.data.__typename);
  return readTweet(answer, id);
}

const typed = z.object({ __typename: text, tombstone: unread });
const tombstone = z.object({ text: maybe(z.object({ text })) });

/** An empty tombstone is the age gate: every one that was checked against the site was. */
function readTombstone(answer: Answer, value: unknown): RouteReading {
  const parsed = tombstone.safeParse(value);
  if (!parsed.success) return read(answer, 'unknown', 'tombstone');
  const said = parsed.data.text?.text;
  if (said !== undefined) return readTombstoneText(answer, said);
  const isEmpty = Object.keys(value as object).length === 0;
  return isEmpty
    ? read(answer, 'login-required', 'empty tombstone')
    : read(answer, 'unknown', 'tombstone');
}

function readTweet(answer: Answer, id: string): RouteReading {
  const claims = claimsOf(jsonOf(answer), true);
  if (claims === null) return read(answer, 'extractor-broken');
  if (claims.id !== id) return otherPost(answer, id, claims.id);
  const withheld = withheldSignal(claims.rawText, claims.author.handle);
  if (withheld !== null) return read(answer, withheld, claims.rawText);
  return { ...read(answer, 'available'), claims };
}

const tweet = z.object({
  id_str: postId,
  text,
  unread,
  created_at: maybe(text),
  lang: maybe(text),
  display_text_range: unread,
  note_tweet: maybe(z.object({})),
  entities: maybe(z.object({ urls: unread })),
  user: maybe(
    z.object({
      id_str: maybe(postId),
      name: maybe(text),
      screen_name: maybe(text),
      profile_image_url_https: maybe(text),
    }),
  ),
  mediaDetails: unread,
  edit_control: unread,
  isStaleEdit: maybe(z.boolean()),
  quoted_tweet: unread,
  parent: unread,
  in_reply_to_status_id_str: maybe(postId),
  in_reply_to_screen_name: maybe(text),
  possibly_sensitive: maybe(z.boolean()),
  place: maybe(z.object({ full_name: text })),
  article: unread,
  withheld_in_countries: maybe(z.array(text)),
  favorite_count: countClaim,
  conversation_count: countClaim,
});

/** Quoted posts and parents have the same shape, one level deep. */
function claimsOf(value: unknown, withRelated: boolean): PostClaims | null {
  const parsed = tweet.safeParse(value);
  if (!parsed.success) return null;
  const record = parsed.data;
  const quoted = withRelated ? claimsOf(record.quoted_tweet, false) : null;
  const { article, cover } = articleClaims(record.article);
  return {
    id: record.id_str,
    author: {
      id: record.user?.id_str ?? null,
      handle: record.user?.screen_name ?? null,
      name: record.user?.name ?? null,
      avatarUrl: record.user?.profile_image_url_https ?? null,
    },
    rawText: record.text,
    displayRange: rangeClaim(record.display_text_range, 'utf-16'),
    hasNote: record.note_tweet != null,
    noteText: null,
    createdAt: record.created_at ?? null,
    language: record.lang ?? null,
    editIds: editIdClaims(record.edit_control),
    isStaleEdit: record.isStaleEdit ?? null,
    replyTo: record.in_reply_to_status_id_str
      ? { id: record.in_reply_to_status_id_str, handle: record.in_reply_to_screen_name ?? null }
      : null,
    quotedId: quoted?.id ?? null,
    quoted,
    parent: withRelated ? claimsOf(record.parent, false) : null,
    possiblySensitive: record.possibly_sensitive ?? null,
    place: record.place?.full_name ?? null,
    links: linkClaims(record.entities?.urls),
    media: [...mediaClaims(record.mediaDetails), ...cover],
    article,
    withheldIn: record.withheld_in_countries ?? [],
    counters: countersFrom({ likes: record.favorite_count, replies: record.conversation_count }),
  };
}
