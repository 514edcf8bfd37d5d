/** From the readings of all routes to one outcome of the record step. */
import { decidingSignal } from '../../model/signals.ts';
import type { Signal, SourceRecord } from '../platform.ts';
import type { PostClaims } from './claims/claims.ts';
import { saysSomething } from './compare-routes.ts';
import { mergeRoutes } from './merge-routes.ts';
import { isCut, lacksItsMedia } from './post.ts';
import { readsLikeANotice } from './routes/in-place-of-text.ts';
import type { RouteReading } from './routes/reading.ts';

export interface Found {
  claims: PostClaims;
  route: string;
  /** What was taken from another route's record, by the post's name of the field. */
  filledFrom: Record<string, string>;
}

/**
 * The post to keep. Syndication's record is the fuller one (quoted post, parent); where it
 * cuts a long text, the record with the whole text is kept instead. What one lacks is taken
 * from the other, and the post says so.
 */
export function bestPost(readings: RouteReading[]): Found | null {
  const found = readings.flatMap(({ claims, route }) =>
    claims === null ? [] : [{ claims, route, filledFrom: {} }],
  );
  const records = found.filter(({ route }) => route !== 'oembed');
  // Where one route gives a notice's words and another the post's, the words are not the author's.
  const best =
    records.find(({ claims }) => !isCut(claims) && !readsLikeANotice(claims)) ??
    records.find(({ claims }) => !isCut(claims)) ??
    found[0];
  if (best === undefined) return null;
  return records.filter((other) => other !== best).reduce(mergeRoutes, best);
}
/** Walls: the post is there, for somebody else or from somewhere else. */
const walls = new Set<Signal>(['protected', 'login-required', 'subscribers-only', 'geo-withheld']);

/**
 * X has answered, and the answer is that there is nothing to see. Kept whole, that record
 * is as complete as it can be; what it says of the source is another question.
 */
const answers = new Set<Signal>([
  'legal-withheld',
  'superseded',
  'account-suspended',
  'removed-by-platform',
  'account-gone',
  'deleted-by-author',
  'not-found',
]);

/** X itself said why there is nothing to see, in whatever words. */
export function saidByX(reason: string | null): boolean {
  return walls.has(reason as Signal) || answers.has(reason as Signal);
}

export function conclude(readings: RouteReading[], found: Found | null): SourceRecord['verdict'] {
  if (found?.route === 'oembed') {
    // The text is known, but not which pictures and videos belong to it.
    return { state: 'failed', reason: 'oembed-only', ...waitOf(readings) };
  }
  if (found !== null) {
    // Nobody may take the post for one without pictures.
    if (lacksItsMedia(found.claims)) return { state: 'failed', reason: 'media-unreadable' };
    // The picture may show the rest; the record doesn't.
    if (isCut(found.claims)) return { state: 'failed', reason: 'no-note-text' };
    return { state: 'done', reason: null };
  }
  const reason = decidingSignal(lastWords(readings).map(({ signal }) => signal));
  return { state: stateFor(reason), reason, ...waitOf(readings) };
}

function stateFor(reason: Signal): 'done' | 'blocked' | 'failed' {
  if (walls.has(reason)) return 'blocked';
  return answers.has(reason) ? 'done' : 'failed';
}

/** What each route said in the end: a refused or renewed attempt before it doesn't count. */
function lastWords(readings: RouteReading[]): RouteReading[] {
  return [...new Map(readings.map((reading) => [reading.route, reading])).values()];
}

/** Coming back later helps only where no route has said anything about the post yet. */
function waitOf(readings: RouteReading[]): { retryAfterMs?: number } {
  const ended = lastWords(readings);
  const stated = ended.some(
    (one) => saysSomething(one) && one.signal !== 'not-found' && one.claims === null,
  );
  const waits = ended.flatMap(({ retryAfterMs }) =>
    retryAfterMs === undefined ? [] : [retryAfterMs],
  );
  return stated || waits.length === 0 ? {} : { retryAfterMs: Math.max(...waits) };
}
