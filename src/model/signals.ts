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
 * The more telling first: where the routes of one visit disagree, the first wins. Presence
 * before absence, softer reasons before harder ones, and silence last.
 */
const byWeight: [Signal, Standing][] = [
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
  ['deleted-by-author', 'stated'],
  ['removed-by-platform', 'stated'],
  ['account-suspended', 'stated'],
  ['account-gone', 'stated'],
  ['page-gone', 'stated'],
  ['domain-gone', 'silent'],
  ['not-found', 'silent'],
];

/** Of every signal that says something about the source, the more telling first. */
export const tellingSignals: readonly { signal: Signal; standing: Standing }[] = byWeight.map(
  ([signal, standing]) => ({ signal, standing }),
);

const standings = new Map<string, Standing>(byWeight);
const weights = new Map<string, number>(byWeight.map(([signal], index) => [signal, index]));

/** A word that is not in the vocabulary says nothing. */
export function standingOf(signal: string): Standing {
  return standings.get(signal) ?? 'nothing';
}

/** The most telling of several signals; `null` when none says anything about the source. */
export function mostTelling<Word extends string>(signals: Word[]): Word | null {
  const telling = signals.filter((signal) => weights.has(signal));
  const weightOf = (signal: Word) => weights.get(signal) ?? 0;
  return telling.reduce<Word | null>(
    (best, signal) => (best === null || weightOf(signal) < weightOf(best) ? signal : best),
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
