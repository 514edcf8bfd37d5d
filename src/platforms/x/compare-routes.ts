/** Where two routes to the same post say different things, in words for a reader. */
import { normalForm } from '../../base/normal-form.ts';
import { standingOf } from '../../model/signals.ts';
import type { PostClaims } from './claims/claims.ts';
import type { RouteReading } from './routes/reading.ts';

/** About the post itself, rather than about the way to it. */
export function saysSomething({ signal }: RouteReading): boolean {
  return standingOf(signal) !== 'nothing';
}

/** A missing post with and without a stated reason is no disagreement: some routes never give one. */
export function disagreementOnExistence(readings: RouteReading[]): string | null {
  const telling = readings.filter(saysSomething);
  const stated = telling.filter(({ signal }) => signal !== 'not-found');
  const kinds = new Set(
    stated.map(({ signal }) => signal.replace('available-limited', 'available')),
  );
  const oneGaveIt = kinds.has('available');
  const oneMissedIt = telling.length > stated.length;
  if (kinds.size < 2 && !(oneGaveIt && oneMissedIt)) return null;
  const said = telling.map(({ route, signal }) => `${route} says ${signal}`);
  return [...new Set(said)].join(', ');
}

/** Differences between two records of one post. A route that cuts long texts is not compared by text. */
export function disagreementsOnContent(a: PostClaims, b: PostClaims): string[] {
  const texts = !a.hasNote && !b.hasNote && a.createdAt !== null && b.createdAt !== null;
  const found: [boolean, string][] = [
    [differ(a.author.id, b.author.id), `author ${a.author.id} and ${b.author.id}`],
    [
      differ(a.author.handle?.toLowerCase(), b.author.handle?.toLowerCase()),
      `handle @${a.author.handle} and @${b.author.handle}`,
    ],
    [texts && comparable(a.rawText) !== comparable(b.rawText), 'the text'],
    [texts && a.media.length !== b.media.length, `${a.media.length} and ${b.media.length} media`],
    [differ(a.editIds.join() || null, b.editIds.join() || null), 'the list of edits'],
  ];
  return found.flatMap(([is, words]) => (is ? [words] : []));
}

/** Absent is not another value. */
function differ(a: string | null | undefined, b: string | null | undefined): boolean {
  return a != null && b != null && a !== b;
}

function comparable(text: string): string {
  return normalForm(text).replace(/\s+/g, ' ').trim();
}
