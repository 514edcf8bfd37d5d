/** Which capture somebody means by the part of its id that they typed. */
import { NotFoundError, UsageError } from '../base/errors.ts';
import type { Queryable } from './database.ts';

const leastDigits = 8;
const mostCandidates = 5;
const longestLink = 80;

/** Digits and hyphens of an id: no source is written so. */
export function isCaptureIdLike(text: string): boolean {
  return /^[0-9a-f-]{1,36}$/i.test(text.trim());
}

/**
 * The capture that somebody means by an id, or by at least eight characters of its
 * beginning or end.
 * @throws NotFoundError `no-capture`; UsageError `short-id`, `ambiguous-id` with the first few that it may mean
 */
export async function captureIdFrom(db: Queryable, text: string): Promise<string> {
  const wanted = text.trim().toLowerCase();
  if (!isCaptureIdLike(wanted)) throw noCapture(text);
  if (wanted.length < leastDigits) {
    throw new UsageError(
      'short-id',
      `"${wanted}" is too short for an id: give at least ${leastDigits} of its first or last characters, as printed by holdfast find`,
    );
  }
  const candidates = await capturesLike(db, wanted);
  const [first] = candidates;
  if (first === undefined) throw noCapture(text);
  if (candidates.length > 1) throw ambiguous(wanted, candidates);
  return first.id;
}

interface Candidate {
  id: string;
  openedAt: Date;
  link: string;
}

/** In the order of their ids, which is that of time; one more than are shown. */
async function capturesLike(db: Queryable, digits: string): Promise<Candidate[]> {
  const { rows } = await db.query<Candidate>(
    `select captures.id, captures.opened_at as "openedAt", submissions.link
     from captures join submissions on submissions.id = captures.submission_id
     where starts_with(captures.id::text, $1) or right(captures.id::text, length($1)) = $1
     order by captures.id limit $2`,
    [digits, mostCandidates + 1],
  );
  return rows;
}

function ambiguous(digits: string, candidates: Candidate[]): UsageError {
  const lines = candidates.slice(0, mostCandidates).map(({ id, openedAt, link }) => {
    const at = `${openedAt.toISOString().slice(0, 16).replace('T', ' ')}Z`;
    return `  ${id}  ${at}  ${link.replace(/\s+/g, ' ').slice(0, longestLink)}`;
  });
  if (candidates.length > mostCandidates) lines.push('  and more');
  return new UsageError(
    'ambiguous-id',
    [
      `several captures have ids that begin or end with ${digits}: give more characters; the last ones differ most`,
      ...lines,
    ].join('\n'),
  );
}

function noCapture(text: string): NotFoundError {
  return new NotFoundError(
    'no-capture',
    `there is no capture "${text}": holdfast find lists those that are kept`,
  );
}
