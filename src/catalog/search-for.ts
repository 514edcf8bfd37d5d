/** A question as one query: what was typed and what flags name, with sources under their canonical keys. */
import { UsageError } from '../base/errors.ts';
import type { Question } from '../model/found-capture.ts';
import type { FieldName } from '../search/query/fields.ts';
import { badQuery, parseQuery } from '../search/query/parse.ts';
import { allOf, type FieldQuery, type Query, withFields } from '../search/query/query.ts';
import { canonicalSource } from './aliases.ts';
import type { Queryable } from './database.ts';
import type { Span } from './find-condition.ts';

export interface Search extends Span {
  query: Query | null;
  /** As it was typed, for messages. */
  text: string;
}

/** Puts a field into the form that the catalog holds; may look elsewhere. */
export type ResolveField = (field: FieldQuery) => Promise<Query>;

const asItStands: ResolveField = (field) => Promise.resolve(field);

/** @throws UsageError `bad-query`, `bad-state` */
export async function searchFor(
  db: Queryable,
  question: Question,
  resolve = asItStands,
): Promise<Search> {
  const { text = '', since, until } = question;
  const query = allOf([parseQuery(text), ...flagged(question)]);
  const resolved = query === null ? null : await withFields(query, resolve);
  const found =
    resolved === null ? null : await withFields(resolved, (field) => canonical(db, field, text));
  return { query: found, since, until, text };
}

async function canonical(db: Queryable, field: FieldQuery, text: string): Promise<Query> {
  if (field.field === 'near') throw badQuery(text, field.at, 'pictures can’t be compared here');
  if (field.field !== 'source') return field;
  return { ...field, value: await canonicalSource(db, field.value) };
}

const flags = ['source', 'platform', 'author', 'case', 'tag', 'state', 'sha256'] as const;

function flagged(question: Question): Query[] {
  return flags.flatMap((name: FieldName & keyof Question) => {
    const value = question[name];
    if (typeof value !== 'string') return [];
    if (name === 'state') refuseUnknownState(value);
    return { kind: 'field', field: name, value, at: 0 } as const;
  });
}

function refuseUnknownState(state: string): void {
  const known = ['complete', 'partial', 'blocked', 'failed'];
  if (known.includes(state) || state === 'unfinished') return;
  throw new UsageError(
    'bad-state',
    `"${state}" is not a valid state: use ${known.join(', ')} or unfinished`,
  );
}
