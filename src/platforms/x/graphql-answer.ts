/** Reads what guest GraphQL answers: the data first, whatever the status; then the errors; then the way. */
import { z } from 'zod';
import type { Answer, Signal } from '../platform.ts';
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
import { jsonOf, otherPost, type RouteReading, read, transportReading } from './reading.ts';
import { readTombstoneText, unknownWording, withheldSignal } from './tombstone.ts';

const envelope = z.object({
  data: maybe(z.object({ tweetResult: maybe(z.object({ result: unread })) })),
  errors: maybe(z.array(z.unknown())),
});
const apiError = z.object({ code: maybe(z.number()), message: maybe(text) });

/** Reads one answer. Total: whatever came back gets a signal, and what can't be read is `extractor-broken`. */
export function readGraphql(answer: Answer, id: string): RouteReading {
  const parsed = envelope.safeParse(jsonOf(answer));
  const failed = transportReading(answer);
  if (!parsed.success) return failed ?? read(answer, 'extractor-broken');
  const { data, errors } = parsed.data;
  const result = data?.tweetResult?.result;
  // Errors can come along with good data, and good data with an error's status.
  if (result != null) return readResult(answer, result, id);
  const error = errorsOf(errors)[0];
  const said = error ? errorSignal(error.code, error.message) : 'unknown';
  if (error && said !== 'unknown') return read(answer, said, error.statement);
  if (failed) return failed;
  if (error) return read(answer, 'unknown', error.statement);
  // Deleted or never there: this route can't tell the two apart.
  const isEmpty = answer.status === 200 && data?.tweetResult != null;
  return read(answer, isEmpty ? 'not-found' : 'extractor-broken');
}

function errorsOf(errors: unknown[] | null | undefined) {
  return (errors ?? []).flatMap((value) => {
    const parsed = apiError.safeParse(value);
    if (!parsed.success) return [];
    const code = parsed.data.code ?? null;
    const message = parsed.data.message ?? '';
    return [{ code, message, statement: `${code ?? ''} ${message}`.trim() }];
  });
}

const errorSignals: Record<number, Signal> = {
  29: 'unreachable',
  88: 'rate-limited',
  130: 'unreachable',
  131: 'unreachable',
  144: 'not-found',
  // Our own guest token or client, not the post.
  32: 'extractor-broken',
  200: 'extractor-broken',
  239: 'extractor-broken',
  336: 'extractor-broken',
};

function errorSignal(code: number | null, message: string): Signal {
  if (/denied by access control/i.test(message)) return 'blocked';
  if (/features cannot be null/i.test(message)) return 'extractor-broken';
  return code !== null && Object.hasOwn(errorSignals, code)
    ? (errorSignals[code] ?? 'unknown')
    : 'unknown';
}

export function isBadGuestToken(answer: Answer): boolean {
  const parsed = envelope.safeParse(jsonOf(answer));
  if (!parsed.success) return false;
  return errorsOf(parsed.data.errors).some(
    ({ code, message }) => code === 239 || /bad guest token/i.test(message),
  );
}

const result = z.object({
  __typename: text,
  reason: maybe(text),
  tombstone: maybe(z.object({ __typename: maybe(text), text: maybe(z.object({ text })) })),
});

function readResult(answer: Answer, value: unknown, id: string): RouteReading {
  const parsed = result.safeParse(value);
  if (!parsed.success) return read(answer, 'extractor-broken');
  const { __typename: kind, reason, tombstone } = parsed.data;
  switch (kind) {
    case 'Tweet':
      return readTweet(answer, value, id, null);
    case 'TweetWithVisibilityResults':
      return readLimited(answer, value, id);
    case 'TweetPreviewDisplay':
      return read(answer, 'subscribers-only', kind);
    case 'TweetUnavailable':
      return readUnavailable(answer, reason ?? null);
    case 'TweetTombstone':
      return readTombstone(answer, value, tombstone?.text?.text, tombstone != null);
    default:
      return unknownWording(answer, kind);
  }
}

/** Without a tombstone inside it is the age gate of the newer query; it is never a deletion. */
function readTombstone(
  answer: Answer,
  value: unknown,
  said: string | undefined,
  hasTombstone: boolean,
): RouteReading {
  if (said !== undefined) return readTombstoneText(answer, said);
  const isBare = typeof value === 'object' && value !== null && !('tombstone' in value);
  if (isBare) return read(answer, 'login-required', 'bare tombstone');
  return read(answer, 'unknown', hasTombstone ? 'tombstone without text' : 'unreadable tombstone');
}

const reasonSignals: Record<string, Signal> = {
  Deleted: 'deleted-by-author',
  Protected: 'protected',
  ProtectedAuthor: 'protected',
  Suspended: 'account-suspended',
  SuspendedAuthor: 'account-suspended',
  DeactivatedAuthor: 'account-gone',
  NsfwLoggedOut: 'login-required',
  NsfwViewerHasNoStatedAge: 'login-required',
  NsfwViewerIsUnderage: 'login-required',
  // "Bounced": the author was ordered to delete it. The platform's act, not the author's wish.
  Bounced: 'removed-by-platform',
  BounceDeleted: 'removed-by-platform',
  ExclusiveTweet: 'subscribers-only',
  DmcaWithheldMedia: 'legal-withheld',
  LegalDemandsWithheldMedia: 'legal-withheld',
  LocalLawsWithheldMedia: 'geo-withheld',
};

/** A reason that we don't know says nothing about the post, and somebody must look at it. */
function readUnavailable(answer: Answer, reason: string | null): RouteReading {
  if (reason === null) return read(answer, 'unknown', 'TweetUnavailable');
  const signal = Object.hasOwn(reasonSignals, reason) ? reasonSignals[reason] : undefined;
  return signal === undefined ? unknownWording(answer, reason) : read(answer, signal, reason);
}

const limited = z.object({
  tweet: unread,
  mediaVisibilityResults: unread,
  limitedActionResults: unread,
  tweetInterstitial: unread,
});

/** The post is there, with a label or a limit on it: both are kept. */
function readLimited(answer: Answer, value: unknown, id: string): RouteReading {
  const parsed = limited.safeParse(value);
  const label = parsed.success
    ? firstText([parsed.data.mediaVisibilityResults, parsed.data.tweetInterstitial])
    : null;
  return readTweet(answer, parsed.data?.tweet, id, label ?? 'limited visibility');
}

const mostLooked = 1_000;

/** The first text under a key `text`, however deep: labels sit in different places by kind. */
function firstText(values: unknown[]): string | null {
  const waiting = [...values];
  for (let looked = 0; waiting.length > 0 && looked < mostLooked; looked++) {
    const value = waiting.shift();
    if (typeof value !== 'object' || value === null) continue;
    if ('text' in value && typeof value.text === 'string' && value.text !== '')
      return value.text.slice(0, 500);
    for (const one of Object.values(value).slice(0, mostLooked)) waiting.push(one);
  }
  return null;
}

function readTweet(answer: Answer, value: unknown, id: string, limit: string | null): RouteReading {
  const claims = claimsOf(value, true);
  if (claims === null) return read(answer, 'extractor-broken');
  if (claims.id !== id) return otherPost(answer, id, claims.id);
  const withheld = withheldSignal(claims.rawText, claims.author.handle);
  if (withheld !== null) return read(answer, withheld, claims.rawText);
  return { ...read(answer, limit === null ? 'available' : 'available-limited', limit), claims };
}

/** Since 2024 a user's names moved from `legacy` to `core`, and the picture to `avatar`. */
const user = z.object({
  rest_id: maybe(postId),
  legacy: maybe(
    z.object({
      name: maybe(text),
      screen_name: maybe(text),
      profile_image_url_https: maybe(text),
    }),
  ),
  core: maybe(z.object({ name: maybe(text), screen_name: maybe(text) })),
  avatar: maybe(z.object({ image_url: maybe(text) })),
});

const tweet = z.object({
  rest_id: maybe(postId),
  core: maybe(z.object({ user_results: maybe(z.object({ result: maybe(user) })) })),
  edit_control: unread,
  note_tweet: maybe(
    z.object({
      note_tweet_results: maybe(
        z.object({ result: maybe(z.object({ text, entity_set: unread })) }),
      ),
    }),
  ),
  quoted_status_result: maybe(z.object({ result: unread })),
  article: maybe(z.object({ article_results: maybe(z.object({ result: unread })) })),
  legacy: z.object({
    id_str: maybe(postId),
    full_text: text,
    created_at: maybe(text),
    display_text_range: unread,
    lang: maybe(text),
    user_id_str: maybe(postId),
    entities: maybe(z.object({ urls: unread, media: unread })),
    extended_entities: maybe(z.object({ media: unread })),
    in_reply_to_status_id_str: maybe(postId),
    in_reply_to_screen_name: maybe(text),
    quoted_status_id_str: maybe(postId),
    possibly_sensitive: maybe(z.boolean()),
    place: maybe(z.object({ full_name: text })),
    withheld_in_countries: maybe(z.array(text)),
    favorite_count: countClaim,
    reply_count: countClaim,
    retweet_count: countClaim,
    quote_count: countClaim,
  }),
  views: maybe(z.object({ count: countClaim })),
});

function claimsOf(value: unknown, withQuoted: boolean): PostClaims | null {
  const parsed = tweet.safeParse(value);
  if (!parsed.success) return null;
  const { legacy, ...record } = parsed.data;
  const id = record.rest_id ?? legacy.id_str;
  if (id == null) return null;
  const author = record.core?.user_results?.result;
  const note = record.note_tweet?.note_tweet_results?.result;
  const { article, cover } = articleClaims(record.article?.article_results?.result);
  const media = mediaClaims(legacy.extended_entities?.media ?? legacy.entities?.media);
  return {
    id,
    author: {
      id: author?.rest_id ?? legacy.user_id_str ?? null,
      handle: author?.core?.screen_name ?? author?.legacy?.screen_name ?? null,
      name: author?.core?.name ?? author?.legacy?.name ?? null,
      avatarUrl: author?.avatar?.image_url ?? author?.legacy?.profile_image_url_https ?? null,
    },
    rawText: legacy.full_text,
    displayRange: rangeClaim(legacy.display_text_range, 'code-point'),
    hasNote: record.note_tweet != null,
    noteText: note?.text ?? null,
    createdAt: legacy.created_at ?? null,
    language: legacy.lang ?? null,
    editIds: editIdClaims(record.edit_control),
    isStaleEdit: null,
    replyTo: legacy.in_reply_to_status_id_str
      ? { id: legacy.in_reply_to_status_id_str, handle: legacy.in_reply_to_screen_name ?? null }
      : null,
    quotedId: legacy.quoted_status_id_str ?? null,
    quoted: withQuoted ? quotedClaims(record.quoted_status_result?.result) : null,
    parent: null,
    possiblySensitive: legacy.possibly_sensitive ?? null,
    place: legacy.place?.full_name ?? null,
    links: linkClaims(legacy.entities?.urls),
    media: [...media, ...cover],
    article,
    withheldIn: legacy.withheld_in_countries ?? [],
    counters: countersFrom({
      likes: legacy.favorite_count,
      replies: legacy.reply_count,
      reposts: legacy.retweet_count,
      quotes: legacy.quote_count,
      views: record.views?.count,
    }),
  };
}

const wrapped = z.object({
  __typename: z.literal('TweetWithVisibilityResults'),
  tweet: unread,
});

function quotedClaims(value: unknown): PostClaims | null {
  const limitedQuote = wrapped.safeParse(value);
  return claimsOf(limitedQuote.success ? limitedQuote.data.tweet : value, false);
}
