/** A query as conditions: everything that is found by words or marks becomes one look-up, the rest stays apart. */

import type { FieldName } from './fields.ts';
import type { FieldQuery, Query } from './query.ts';
import { both, either, filterQuery, phraseLookUp, prefixQuery, wordQuery } from './terms.ts';

export type Condition =
  | { kind: 'words'; query: string }
  | { kind: 'all' | 'any'; of: Condition[] }
  | { kind: 'not'; of: Condition }
  | { kind: 'captures'; ids: string[] }
  | FieldQuery;

/** Fields that are marks among the words. */
const marked: readonly FieldName[] = [
  'author',
  'platform',
  'case',
  'tag',
  'state',
  'has',
  'lang',
  'host',
  'changed',
];

export function conditionOf(query: Query): Condition {
  switch (query.kind) {
    case 'all':
    case 'any':
      return merged(query.kind, query.of.map(conditionOf));
    case 'not':
      return negated(conditionOf(query.of));
    case 'word':
      if (query.text.includes('://'))
        return { kind: 'field', field: 'link', value: query.text, at: query.at };
      return found(wordQuery(query.text));
    case 'prefix':
      return found(prefixQuery(query.text));
    case 'phrase':
      return found(phraseLookUp(query.text));
    case 'captures':
      return query;
    case 'field':
      return marked.includes(query.field)
        ? found(filterQuery(query.field, [markedValue(query)]))
        : query;
  }
}

function markedValue({ field, value }: FieldQuery): string {
  if (field === 'author') return value.replace(/^@/, '');
  if (field === 'host') return value.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/s, '');
  return value;
}

/** All of these, as one look-up as far as words and marks go. */
export function merged(kind: 'all' | 'any', of: Condition[]): Condition {
  const flat = of.flatMap((one) => (one.kind === kind ? one.of : [one]));
  const looked = flat.flatMap((one) => (one.kind === 'words' ? one.query : []));
  const others = flat.filter((one) => one.kind !== 'words');
  if (looked.length === 0) return { kind, of: others };
  const one = found(kind === 'all' ? both(looked) : either(looked));
  return others.length === 0 ? one : { kind, of: [one, ...others] };
}

function negated(of: Condition): Condition {
  return of.kind === 'words' ? found(`!${of.query}`) : { kind: 'not', of };
}

function found(query: string | null): Condition {
  // The parser lets nothing through that holds no word.
  return { kind: 'words', query: query ?? "''" };
}
