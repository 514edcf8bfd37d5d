/** Reads what guest GraphQL answers: the data first, whatever the status; then the errors; then the way. */
import { z } from 'zod';
import type { Answer, Signal } from '../../platform.ts';
import { maybe, text, unread } from '../claims/claims.ts';
import { claimsOf } from './graphql-post.ts';
import { result, type Tombstone } from './graphql-shape.ts';
import { readPost } from './in-place-of-text.ts';
import { readNotice, unknownWording } from './notice.ts';
import { jsonOf, otherPost, type RouteReading, read, transportReading } from './reading.ts';

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
      return readTweetTombstone(answer, value, tombstone);
    default:
      return unknownWording(answer, kind);
  }
}

/** Without `tombstone` inside, it is the age gate of the newer query; it is never a deletion. */
function readTweetTombstone(answer: Answer, value: unknown, tombstone: Tombstone): RouteReading {
  const said = tombstone?.text?.text;
  if (said !== undefined) return withAuthor(readNotice(answer, said), tombstone);
  const isBare = typeof value === 'object' && value !== null && !('tombstone' in value);
  if (isBare) return read(answer, 'login-required', 'bare notice');
  const form = tombstone == null ? 'unreadable notice' : 'notice without text';
  return read(answer, 'unknown', form);
}

/** An age gate that names the author shows that the post exists, and whose it is. */
function withAuthor(reading: RouteReading, tombstone: Tombstone): RouteReading {
  const author = tombstone?.user_results?.result;
  if (author?.rest_id == null || reading.signal !== 'login-required') return reading;
  const handle = author.core?.screen_name ?? author.legacy?.screen_name ?? '?';
  const message = `X hides this post from whoever is not logged in, and names its author: @${handle} (account ${author.rest_id})`;
  return { ...reading, warning: { code: 'author-of-hidden-post', message } };
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
  softInterventionPivot: unread,
  tweetInterstitial: unread,
});

/** The post is there, with labels or limits on it: all are kept. */
function readLimited(answer: Answer, value: unknown, id: string): RouteReading {
  const parsed = limited.safeParse(value);
  const given = parsed.success ? parsed.data : null;
  const labels = [
    given?.mediaVisibilityResults,
    given?.softInterventionPivot,
    given?.tweetInterstitial,
  ].flatMap((one) => firstText(one) ?? []);
  return readTweet(answer, given?.tweet, id, { labels });
}

const mostLooked = 1_000;

/** The first text under a key `text`, however deep: labels sit in different places by kind. */
function firstText(given: unknown): string | null {
  const waiting = [given];
  for (let looked = 0; waiting.length > 0 && looked < mostLooked; looked++) {
    const value = waiting.shift();
    if (typeof value !== 'object' || value === null) continue;
    if ('text' in value && typeof value.text === 'string' && value.text !== '')
      return value.text.slice(0, 500);
    for (const one of Object.values(value).slice(0, mostLooked)) waiting.push(one);
  }
  return null;
}

function readTweet(
  answer: Answer,
  value: unknown,
  id: string,
  limit: { labels: string[] } | null,
): RouteReading {
  const claims = claimsOf(value, true);
  if (claims === null) return read(answer, 'extractor-broken');
  if (claims.id !== id) return otherPost(answer, id, claims.id);
  const reading = readPost(answer, claims);
  if (limit === null || reading.signal !== 'available') return reading;
  const { labels } = limit;
  const statement = labels[0] ?? 'limited visibility';
  return { ...read(answer, 'available-limited', statement), claims: { ...claims, labels } };
}
