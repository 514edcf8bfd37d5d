/**
 * Notices: the sentences that X shows where a post should be. They are the only explicit
 * statements that X makes to the public, so each is matched whole, and a text that we don't
 * know says nothing (`unknown`), above all not "deleted".
 */
import type { Answer, Signal } from '../../platform.ts';
import type { PostClaims } from '../claims/claims.ts';
import { type RouteReading, read } from './reading.ts';

/** After `plain`: lower case, "tweet" read as "post", "twitter" as "x", no full stop. */
const statements: Record<string, Signal> = {
  'this post was deleted by the post author': 'deleted-by-author',
  'this post is from an account that no longer exists': 'account-gone',
  'this post is from a suspended account': 'account-suspended',
  'this account has been suspended': 'account-suspended',
  "you're unable to view this post because this account owner limits who can view their posts":
    'protected',
  'this post violated the x rules': 'removed-by-platform',
  "there's a new version of this post": 'superseded',
  'this post is unavailable': 'unknown',
  "hmm...this page doesn't exist": 'unknown',
};

const ageGate = /^age-restricted adult content\b/;

/** What a notice says. Both the older ("Tweet") and the newer ("Post") wording are known. */
function noticeSignal(text: string): Signal {
  const said = plain(text);
  if (ageGate.test(said)) return 'login-required';
  return Object.hasOwn(statements, said) ? (statements[said] ?? 'unknown') : 'unknown';
}

/** The reading of a notice. One that isn't in the table says nothing, and comes with a warning. */
export function readNotice(answer: Answer, text: string): RouteReading {
  const signal = noticeSignal(text);
  if (signal !== 'unknown' || Object.hasOwn(statements, plain(text))) {
    return read(answer, signal, text);
  }
  return unknownWording(answer, text);
}

/** Words of X's that stand in no table: `unknown`, and a warning that somebody should look at them. */
export function unknownWording(answer: Answer, words: string): RouteReading {
  const said = words.slice(0, 200);
  const message = `X answered in words that are not known here: "${said}". They were taken to mean nothing`;
  return { ...read(answer, 'unknown', said), warning: { code: 'unknown-wording', message } };
}

function plain(text: string): string {
  return text
    .slice(0, 1_000)
    .normalize('NFC')
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/\u2026/g, '...')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase()
    .replace(/ ?learn more$/, '')
    .replace(/\btweet(s?)\b/g, 'post$1')
    .replace(/\btwitter\b/g, 'x')
    .replace(/(?<!\.)\.$/, '')
    .trim();
}

/**
 * Where a post is withheld in the place we ask from, X puts a notice in place of its text and
 * gives nothing else of it. The notice names the author; a text that names somebody else is an
 * ordinary post, and so is one with media, lest its author writes the notice to be left out.
 * `null`: an ordinary post.
 */
export function withheldSignal(claims: PostClaims): Signal | null {
  if (claims.namesMedia || claims.media.length > 0) return null;
  const said = plain(claims.rawText);
  const named = /^(?:this post from )?@(\w{1,20})/.exec(said)?.[1];
  if (named === undefined || named !== claims.author.handle?.toLowerCase()) return null;
  const notice = said.replace(/^(?:this post from )?@\w{1,20}/, '@');
  return withheldNotices.find(([pattern]) => pattern.test(notice))?.[1] ?? null;
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

const withheldNotices: [pattern: RegExp, signal: Signal][] = [
  [/^@ has been withheld in response to a report from the copyright holder$/, 'legal-withheld'],
  [
    /^@(?:'s account)? has been withheld in .{1,200} in response to a legal demand$/,
    'legal-withheld',
  ],
  // Names of countries and nothing else: no addresses, no further sentences.
  [/^@(?:'s account)? (?:is|has been) withheld in: [\p{L}\p{M} ,'&()-]{1,300}$/u, 'geo-withheld'],
  [
    /^@'s account is temporarily unavailable because it violates the x media policy$/,
    'removed-by-platform',
  ],
];
