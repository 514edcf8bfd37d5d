/** Finding captures by what somebody names: a link or a key, a digest in capitals or not. */
import { UsageError } from '../../base/errors.ts';
import type { Queryable } from '../../catalog/database.ts';
import { findCaptures } from '../../catalog/find.ts';
import { identifyLink } from '../../links/identify-link.ts';
import type { FoundPage, Question } from '../../model/found-capture.ts';
import { refuseEmptyPeriod } from '../period.ts';

/** @throws UsageError `empty-period`, `bad-sha256`, `bad-state`, `bad-cursor` */
export async function findNamed(db: Queryable, question: Question): Promise<FoundPage> {
  const { source, sha256, since, until } = question;
  refuseEmptyPeriod(['since', since], ['until', until]);
  return findCaptures(db, {
    ...question,
    source: source === undefined ? undefined : sourceNamed(source),
    sha256: sha256 === undefined ? undefined : sha256From(sha256),
  });
}

/** A canonical key as it stands, or whatever link leads to one. */
export function sourceNamed(text: string): string {
  if (/^[a-z]+:[a-z]+:/.test(text) || text.startsWith('web:')) return text;
  const found = identifyLink(text);
  return 'key' in found ? found.key : text;
}

/** @throws UsageError `bad-sha256`: half a digest would be answered with "nothing found" */
export function sha256From(text: string): string {
  const sha256 = text.trim().toLowerCase();
  if (/^[0-9a-f]{64}$/.test(sha256)) return sha256;
  throw new UsageError(
    'bad-sha256',
    `"${text}" is not a SHA-256 digest: give all 64 digits, as printed by holdfast show`,
  );
}
