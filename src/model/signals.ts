/**
 * The vocabulary of observations, and what each word in it says about a source. Shared by
 * the platforms, which choose the word, and by whoever concludes from it.
 */

/**
 * What one answer says about the source. Down to `not-found` it is content, stated by the
 * origin; the last group are facts about the way to it and say nothing about the source.
 */
export type Signal =
  | 'available'
  | 'available-limited'
  | 'superseded'
  | 'media-removed'
  | 'deleted-by-author'
  | 'removed-by-platform'
  | 'account-suspended'
  | 'account-gone'
  | 'page-gone'
  | 'protected'
  | 'login-required'
  | 'subscribers-only'
  | 'geo-withheld'
  | 'legal-withheld'
  | 'domain-gone'
  | 'not-found'
  | 'rate-limited'
  | 'blocked'
  | 'unreachable'
  | 'extractor-broken'
  | 'unknown';

/**
 * `present`: it is there. `restricted`: it is there, but not for us, or not whole.
 * `stated`: the origin says in words that it is gone. `silent`: it isn't there, and nobody
 * says why. `nothing`: no word about the source.
 */
export type Standing = 'present' | 'restricted' | 'stated' | 'silent' | 'nothing';

/**
 * The one order of precedence: where the routes of one visit disagree, the first wins. Presence
 * before absence; then what can be undone before what can't, lest a suspension be called an
 * author's deletion; silence after words; the way to the source last.
 */
const precedence: [Signal, Standing][] = [
  // The post is there, and the record says of its media that they aren't.
  ['media-removed', 'restricted'],
  ['available', 'present'],
  ['available-limited', 'present'],
  ['superseded', 'present'],
  ['protected', 'restricted'],
  ['login-required', 'restricted'],
  ['subscribers-only', 'restricted'],
  ['geo-withheld', 'restricted'],
  ['legal-withheld', 'restricted'],
  ['account-suspended', 'stated'],
  ['removed-by-platform', 'stated'],
  ['account-gone', 'stated'],
  ['deleted-by-author', 'stated'],
  ['page-gone', 'stated'],
  ['domain-gone', 'silent'],
  ['not-found', 'silent'],
  ['rate-limited', 'nothing'],
  ['blocked', 'nothing'],
  ['unreachable', 'nothing'],
  ['extractor-broken', 'nothing'],
  ['unknown', 'nothing'],
];

/** Of every signal that says something about the source, the more telling first. */
export const tellingSignals: readonly { signal: Signal; standing: Standing }[] = precedence
  .map(([signal, standing]) => ({ signal, standing }))
  .filter(({ standing }) => standing !== 'nothing');

const standings = new Map<string, Standing>(precedence);
const ranks = new Map<string, number>(precedence.map(([signal], rank) => [signal, rank]));

/** A word that is not in the vocabulary says nothing. */
export function standingOf(signal: string): Standing {
  return standings.get(signal) ?? 'nothing';
}

/** The most telling of several signals; `null` when none says anything about the source. */
export function mostTelling<Word extends string>(signals: Word[]): Word | null {
  return first(signals.filter((signal) => standingOf(signal) !== 'nothing'));
}

/** The signal that names the outcome of a visit: one about the way where none is about the source. */
export function decidingSignal(signals: Signal[]): Signal {
  return first(signals) ?? 'unknown';
}

function first<Word extends string>(signals: Word[]): Word | null {
  const rankOf = (signal: Word) => ranks.get(signal) ?? Number.POSITIVE_INFINITY;
  return signals.reduce<Word | null>(
    (best, signal) => (best === null || rankOf(signal) < rankOf(best) ? signal : best),
    null,
  );
}

/** What is concluded about a source from observations. Never part of a capture. */
export type Availability =
  | 'available'
  | 'suspect'
  | 'removed'
  | 'restricted'
  | 'restored'
  | 'unknown';
