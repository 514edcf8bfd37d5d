/**
 * Notices: the sentences that X shows where a post should be. They are the only explicit
 * statements that X makes to the public, so each is matched whole, and a text that we don't
 * know says nothing (`unknown`), above all not "deleted".
 */
import type { Answer, Signal } from '../../platform.ts';
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

/** The sentences themselves, for whoever looks for one where a post's text stands. */
export const statementTexts = Object.keys(statements);

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

/** A text as the tables have it. */
export function plain(text: string): string {
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
