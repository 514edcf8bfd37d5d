/** Finding captures by what somebody types or names: a query, a link or a key, a digest, a picture. */
import { UsageError } from '../../base/errors.ts';
import { countFacets } from '../../catalog/facets.ts';
import { findCaptures } from '../../catalog/find.ts';
import type { ResolveField } from '../../catalog/search-for.ts';
import { identifyLink } from '../../links/identify-link.ts';
import type { Facets, FoundPage, Question } from '../../model/found-capture.ts';
import type { Parts } from '../parts.ts';
import { refuseEmptyPeriod } from '../period.ts';

/**
 * One page of the captures that a question is about: the one way to find them, for the command
 * line, the library and pages.
 * @throws UsageError `bad-query`, `empty-period`, `bad-sha256`, `bad-state`, `bad-cursor`, and
 *   whatever `similarTo` throws where the question has `near:`
 */
export async function findNamed(
  parts: Parts,
  question: Question,
  signal?: AbortSignal,
): Promise<FoundPage> {
  refuseEmptyPeriod(['since', question.since], ['until', question.until]);
  return findCaptures(parts.database, question, resolveWith(parts, signal));
}

/** What the captures of a question are, counted. @throws as `findNamed` */
export async function facetsNamed(
  parts: Parts,
  question: Question,
  signal?: AbortSignal,
): Promise<Facets> {
  refuseEmptyPeriod(['since', question.since], ['until', question.until]);
  return countFacets(parts.database, question, resolveWith(parts, signal));
}

function resolveWith(parts: Parts, signal = new AbortController().signal): ResolveField {
  return async (field) => {
    if (field.field === 'sha256') return { ...field, value: sha256From(field.value) };
    if (field.field === 'source') return { ...field, value: sourceNamed(field.value) };
    if (field.field !== 'near') return field;
    // Pictures and videos are decoded for it: loaded by those who ask for it.
    const { similarTo } = await import('../copies/ask-similar.ts');
    const answers = await similarTo(parts, field.value, signal);
    const files = answers.flatMap(({ similar, sounds }) => [...similar, ...sounds]);
    const ids = files.flatMap(({ places }) => places.map(({ captureId }) => captureId));
    return { kind: 'captures', ids: [...new Set(ids)] };
  };
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
