/** What a query says, as a tree. */
import type { FieldName } from './fields.ts';

export type Query =
  | { kind: 'all'; of: Query[] }
  | { kind: 'any'; of: Query[] }
  | { kind: 'not'; of: Query }
  | { kind: 'word'; text: string; at: number }
  | { kind: 'prefix'; text: string; at: number }
  | { kind: 'phrase'; text: string; at: number }
  | FieldQuery;

export interface FieldQuery {
  kind: 'field';
  field: FieldName;
  value: string;
  /** Where the value begins. */
  at: number;
}
