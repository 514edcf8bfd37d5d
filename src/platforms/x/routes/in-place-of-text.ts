/**
 * Where a post is withheld in the place we ask from, X puts a notice in place of its text. Anybody
 * can write the same words, so words alone decide nothing: a notice is told by the structure of
 * the record, and what merely reads like one is kept as text, marked, and says nothing of the
 * source until another route gives the same post.
 */
import type { Answer, Signal } from '../../platform.ts';
import type { PostClaims } from '../claims/claims.ts';
import { plain, statementTexts } from './notice.ts';
import { type RouteReading, read } from './reading.ts';

/** The code of the mark, in a post's `degraded` and as a warning. */
export const readsLikeNotice = 'reads-like-a-notice';

/** The reading of a record that holds a post, or X's notice where its text should be. */
export function readPost(answer: Answer, claims: PostClaims): RouteReading {
  const withheld = withheldSignal(claims);
  if (withheld !== null) return read(answer, withheld, claims.rawText);
  if (!readsLikeANotice(claims)) return { ...read(answer, 'available'), claims };
  const message = `the text of this post reads like a notice of X's, and nothing in the record of ${answer.route} shows whose words it is; it is kept as the post's text`;
  return {
    ...read(answer, 'unknown', claims.rawText.slice(0, 300)),
    claims,
    warning: { code: readsLikeNotice, message },
  };
}

/**
 * The two routes that give records. A post that both give with the same text is there, whatever
 * its text reads like: the record of a withheld one would have said so.
 */
export function confirmedByOthers(readings: RouteReading[]): RouteReading[] {
  return readings.map((reading) =>
    isDoubtful(reading) && readings.some((other) => confirms(other, reading))
      ? { ...reading, signal: 'available' }
      : reading,
  );
}

const recordRoutes = new Set(['syndication', 'graphql']);

function isDoubtful({ claims, signal }: RouteReading): boolean {
  return claims !== null && signal === 'unknown';
}

function confirms(other: RouteReading, { route, claims }: RouteReading): boolean {
  return (
    other.route !== route &&
    recordRoutes.has(other.route) &&
    other.claims !== null &&
    plain(other.claims.rawText) === plain(claims?.rawText ?? '')
  );
}

/** Whoever wrote a post can't write these: fields of the record, and a link that t.co did not shorten. */
function hasNoticeStructure({ withheldIn, account, links }: PostClaims): boolean {
  if (withheldIn.length > 0 || (account?.withheldIn ?? []).length > 0) return true;
  return links.some(
    ({ short, expanded }) => new URL(short).hostname !== 't.co' && leadsToHelp(expanded),
  );
}

const helpHosts = /^(?:help|support|legal)\.(?:x|twitter)\.com$/;

function leadsToHelp(url: string): boolean {
  return helpHosts.test(new URL(url).hostname);
}

/** What X's notice in place of the text says; `null`: an ordinary post, or words that may be anybody's. */
export function withheldSignal(claims: PostClaims): Signal | null {
  if (!readsLikeANotice(claims) || !hasNoticeStructure(claims)) return null;
  const said = plain(claims.rawText);
  if (/copyright|legal demand|court order/.test(said) || claims.withheldIn.includes('XY'))
    return 'legal-withheld';
  return /\bviolat/.test(said) ? 'removed-by-platform' : 'geo-withheld';
}

/** A notice carries no media, is short and names the author near its beginning, in any language; or its words are X's. */
export function readsLikeANotice({ rawText, author, media, namesMedia }: PostClaims): boolean {
  if (namesMedia || media.length > 0) return false;
  const said = plain(rawText);
  if (said.length > longestNotice) return false;
  const handle = author.handle?.toLowerCase();
  const namesItself = handle != null && indexOfHandle(said, handle) <= latestName;
  return namesItself || knownWords.some((words) => likeness(words, wordsOf(said)) >= alike);
}

const longestNotice = 400;
const latestName = 60;
const alike = 0.7;

function indexOfHandle(said: string, handle: string): number {
  const at = said.search(new RegExp(`@${handle}(?!\\w)`, 'u'));
  return at === -1 ? Number.POSITIVE_INFINITY : at;
}

const noticesOfPosts = [
  'this account has been withheld in response to a report from the copyright holder',
  'this post has been withheld in response to a report from the copyright holder',
  'this account has been withheld in your country in response to a legal demand',
  'this post has been withheld in your country in response to a legal demand',
  'this account is temporarily unavailable because it violates the x media policy',
  'age-restricted adult content this content might not be appropriate for people under 18 years old',
];
const knownWords = [...statementTexts, ...noticesOfPosts].map(wordsOf);

function wordsOf(said: string): Set<string> {
  const words = said.replace(/https?:\/\/\S+/g, ' ').match(/[\p{L}\p{N}']+/gu) ?? [];
  return new Set(words);
}

/** Dice's coefficient of two sets of words. */
function likeness(one: Set<string>, other: Set<string>): number {
  if (one.size + other.size === 0) return 0;
  const shared = [...one].filter((word) => other.has(word)).length;
  return (2 * shared) / (one.size + other.size);
}

/** A notice where a quoted or answered post's text should be is X's word, not the author's. */
export function relatedPost(claims: PostClaims | null): {
  post: PostClaims | null;
  inPlace: string | null;
} {
  if (claims === null) return { post: null, inPlace: null };
  const isNotice = withheldSignal(claims) !== null;
  return isNotice ? { post: null, inPlace: claims.rawText } : { post: claims, inPlace: null };
}
