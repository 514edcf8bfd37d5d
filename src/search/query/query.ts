/** What a query says, as a tree. */
import type { FieldName } from './fields.ts';

export type Query =
  | { kind: 'all' | 'any'; of: Query[] }
  | { kind: 'not'; of: Query }
  | { kind: 'word' | 'prefix' | 'phrase'; text: string; at: number }
  | FieldQuery
  /** What a field came to, once somebody has looked: `near:` a picture. */
  | { kind: 'captures'; ids: string[] };

export interface FieldQuery {
  kind: 'field';
  field: FieldName;
  value: string;
  /** Where the value begins. */
  at: number;
}

/** All that is named must hold; `null` for nothing. */
export function allOf(queries: (Query | null)[]): Query | null {
  const of = queries.filter((query) => query !== null);
  return of.length > 1 ? { kind: 'all', of } : (of[0] ?? null);
}

/** The same tree with each field put in place by `resolve`, which may look elsewhere. */
export async function withFields(
  query: Query,
  resolve: (field: FieldQuery) => Promise<Query>,
): Promise<Query> {
  if (query.kind === 'field') return resolve(query);
  if (query.kind === 'not') return { kind: 'not', of: await withFields(query.of, resolve) };
  if (query.kind !== 'all' && query.kind !== 'any') return query;
  const of: Query[] = [];
  for (const one of query.of) of.push(await withFields(one, resolve));
  return { kind: query.kind, of };
}
