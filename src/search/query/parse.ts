/**
 * One query language, for whoever asks: words, `"phrases"`, `begin*`, `-not`, `or`, parentheses
 * and `field:value`. All that is named must hold.
 */
import { UsageError } from '../../base/errors.ts';
import { wordsIn } from '../words.ts';
import { type FieldName, fields, isField } from './fields.ts';
import type { Query } from './query.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Deeper nesting, and longer questions, are nobody's. */
const deepest = 20;
const longest = 2_000;

/** @returns `null` for a query that says nothing @throws UsageError `bad-query`, pointing at the character */
export function parseQuery(text: string): Query | null {
  if (text.length > longest)
    throw badQuery(text, longest, `the query is longer than ${longest} characters`);
  const tokens = tokensOf(text, (at, problem) => badQuery(text, at, problem));
  const reader = { text, tokens, next: 0 };
  const query = readAny(reader, 0);
  const left = tokens[reader.next];
  if (left !== undefined) throw badQuery(text, left.at, 'this parenthesis was never opened');
  return query;
}

interface Reader {
  text: string;
  tokens: Token[];
  next: number;
}

function readAny(reader: Reader, depth: number): Query | null {
  const of: Query[] = [];
  for (;;) {
    const one = readAll(reader, depth);
    const token = reader.tokens[reader.next];
    const isOr = token?.kind === 'or';
    if (one !== null) of.push(one);
    else if (isOr) throw badQuery(reader.text, token.at, 'nothing stands before this "or"');
    else if (of.length > 0) throw badQuery(reader.text, endOf(reader), 'nothing stands after "or"');
    if (!isOr) break;
    reader.next += 1;
  }
  return of.length > 1 ? { kind: 'any', of } : (of[0] ?? null);
}

function readAll(reader: Reader, depth: number): Query | null {
  const of: Query[] = [];
  for (;;) {
    const token = reader.tokens[reader.next];
    if (token === undefined || token.kind === 'or' || token.kind === 'close') break;
    // All that is named must hold anyway; at the beginning or the end it is a word.
    if (of.length > 0 && isAnd(token) && reader.tokens[reader.next + 1] !== undefined) {
      reader.next += 1;
      continue;
    }
    of.push(readOne(reader, depth));
  }
  return of.length > 1 ? { kind: 'all', of } : (of[0] ?? null);
}

function isAnd(token: Token): boolean {
  return token.kind === 'word' && /^and$/i.test(token.value);
}

function readOne(reader: Reader, depth: number): Query {
  const token = reader.tokens[reader.next] as Token;
  reader.next += 1;
  if (token.kind === 'not') {
    const next = reader.tokens[reader.next];
    if (next === undefined || next.kind === 'or' || next.kind === 'close')
      throw badQuery(reader.text, token.at, 'nothing stands after this "-"');
    return { kind: 'not', of: readOne(reader, depth) };
  }
  if (token.kind === 'open') return readGroup(reader, token.at, depth + 1);
  return leafOf(reader.text, token);
}

function readGroup(reader: Reader, at: number, depth: number): Query {
  if (depth > deepest) throw badQuery(reader.text, at, 'parentheses are nested too deeply');
  const inner = readAny(reader, depth);
  if (reader.tokens[reader.next]?.kind !== 'close')
    throw badQuery(reader.text, at, 'this parenthesis is never closed');
  reader.next += 1;
  if (inner === null) throw badQuery(reader.text, at, 'nothing stands in these parentheses');
  return inner;
}

function leafOf(text: string, token: Token): Query {
  if (token.kind === 'field') return fieldOf(text, token);
  const { kind, at, value } = token as Extract<Token, { value: string }>;
  if (kind === 'phrase') {
    if (!hasWord(value)) throw badQuery(text, at, 'there is no word between these quotation marks');
    return { kind: 'phrase', text: value, at };
  }
  const begun = /^(.*[^*])\*+$/s.exec(value)?.[1];
  if (begun !== undefined && hasWord(begun)) return prefixOf(text, begun, at);
  if (!hasWord(value)) throw badQuery(text, at, `there is no word in "${value}"`);
  return { kind: 'word', text: value, at };
}

function prefixOf(text: string, begun: string, at: number): Query {
  const last = [...wordsIn(begun)].at(-1);
  if (last?.pair === null && (last.forms[0]?.length ?? 0) < 2)
    throw badQuery(text, at, 'at least two letters must stand before "*"');
  return { kind: 'prefix', text: begun, at };
}

function fieldOf(text: string, token: Extract<Token, { kind: 'field' }>): Query {
  const { name, value, at, valueAt } = token;
  if (!isField(name)) {
    const whole = `${name}:${value}`;
    if (isSourceKey(whole)) return { kind: 'field', field: 'source', value: whole, at };
    const known = Object.keys(fields).join(', ');
    throw badQuery(
      text,
      at,
      `there is no field "${name}"; there are ${known}. To look for the text itself, put it in quotation marks`,
    );
  }
  if (value.trim() === '') throw badQuery(text, valueAt, `"${name}:" needs a value`);
  refuseUnknownValue(text, name, value, valueAt);
  return { kind: 'field', field: name, value, at: valueAt };
}

/** `x:status:1227…`, `web:https://…`: keys are pasted as they are printed. */
function isSourceKey(text: string): boolean {
  return /^(?:[a-z]+:[a-z]+:|web:https?:)\S/.test(text);
}

function refuseUnknownValue(text: string, name: FieldName, value: string, at: number): void {
  const { values } = fields[name] as { values?: readonly string[] };
  if (values === undefined || values.includes(value.toLowerCase())) return;
  throw badQuery(text, at, `"${value}" is not a valid value of ${name}: use ${values.join(', ')}`);
}

function hasWord(text: string): boolean {
  return !wordsIn(text).next().done;
}

function endOf({ text }: Reader): number {
  return text.length;
}

/** Points at the character that can't be read. */
export class QueryError extends UsageError {
  readonly query: string;
  /** In UTF-16 units of the query. */
  readonly at: number;
  readonly problem: string;

  constructor(query: string, at: number, problem: string) {
    super('bad-query', pointedAt(query, at, problem));
    this.query = query;
    this.at = at;
    this.problem = problem;
  }
}

export function badQuery(text: string, at: number, problem: string): QueryError {
  return new QueryError(text, at, problem);
}

/** Names the column, and shows the place below the query. */
function pointedAt(text: string, at: number, problem: string): string {
  const from = Math.max(0, at - 60);
  const shown = text.slice(from, at + 20).replaceAll(/\s/g, ' ');
  const column = [...text.slice(0, at)].length + 1;
  const pointer = `${' '.repeat([...text.slice(from, at)].length)}^`;
  return `${problem} (column ${column})\n  ${shown}\n  ${pointer}`;
}
