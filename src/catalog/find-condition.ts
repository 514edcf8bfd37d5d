/** A query as SQL over `searchable_captures`: one look-up of words and marks, a span of time, and what is left. */
import { type Condition, conditionOf } from '../search/query/condition.ts';
import { badQuery } from '../search/query/parse.ts';
import type { FieldQuery, Query } from '../search/query/query.ts';
import { timeFrom } from '../search/query/times.ts';

export interface Asked {
  /** Text of a `tsquery`, `null` where no word or mark is asked for. */
  words: string | null;
  /** Opened from here on; `null` for ever. */
  from: Date | null;
  /** Opened before; `null` for now. */
  to: Date | null;
  /** In SQL, with `$1` and so on for `params`. */
  conditions: string[];
  params: unknown[];
}

export interface Span {
  since?: Date | undefined;
  until?: Date | undefined;
}

/** @param text the query as it was typed, for messages @throws UsageError `bad-query` */
export function askedBy(query: Query | null, { since, until }: Span, text: string): Asked {
  const asked: Asked = {
    words: null,
    from: since ?? null,
    to: until ?? null,
    conditions: [],
    params: [],
  };
  if (query === null) return asked;
  const top = conditionOf(query);
  const sql = { text, params: asked.params, now: new Date() };
  for (const one of top.kind === 'all' ? top.of : [top]) {
    if (one.kind === 'words') asked.words = one.query;
    else if (one.kind === 'field' && one.field === 'after')
      asked.from = latest(asked.from, timeOf(one, sql));
    else if (one.kind === 'field' && one.field === 'before')
      asked.to = earliest(asked.to, timeOf(one, sql));
    else asked.conditions.push(sqlOf(one, sql));
  }
  return asked;
}

interface Sql {
  text: string;
  params: unknown[];
  now: Date;
}

function sqlOf(condition: Condition, sql: Sql): string {
  switch (condition.kind) {
    case 'words':
      return `words @@ ${param(sql, condition.query)}::tsquery`;
    case 'all':
      return `(${condition.of.map((one) => sqlOf(one, sql)).join(' and ')})`;
    case 'any':
      return `(${condition.of.map((one) => sqlOf(one, sql)).join(' or ')})`;
    case 'not':
      return `not ${sqlOf(condition.of, sql)}`;
    case 'captures':
      return `capture_id = any(${param(sql, condition.ids)}::uuid[])`;
    case 'field':
      return fieldSql(condition, sql);
  }
}

function fieldSql(field: FieldQuery, sql: Sql): string {
  switch (field.field) {
    case 'now':
      return isNow(field.value.toLowerCase(), sql);
    case 'link':
      return `addresses like ${param(sql, `%${field.value.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`)}`;
    case 'source':
      return isOfSource(param(sql, field.value));
    case 'sha256':
      return isHolding(param(sql, field.value));
    case 'before':
      return `opened_at < ${param(sql, timeOf(field, sql))}`;
    case 'after':
      return `opened_at >= ${param(sql, timeOf(field, sql))}`;
    default:
      throw new TypeError(`${field.field}: should have been looked up before`);
  }
}

function param({ params }: Sql, value: unknown): string {
  params.push(value);
  return `$${params.length}`;
}

/** A source that nothing was concluded about has no row, and is unknown. */
function isNow(availability: string, sql: Sql): string {
  if (availability !== 'unknown')
    return `md5(source_key) in (select md5(source_key) from source_now
      where availability = ${param(sql, availability)})`;
  return `not exists (select from source_now
    where md5(source_now.source_key) = md5(searchable_captures.source_key)
      and source_now.source_key = searchable_captures.source_key and availability <> 'unknown')`;
}

/** As evidence, or as what was made of it. */
function isHolding(p: string): string {
  return `capture_id in (
    select capture_id from artifacts where sha256 = ${p}
    union
    select artifacts.capture_id from derived_files
    join derivations on derivations.id = derivation_id
    join artifacts on artifacts.sha256 = derivations.subject
    where derived_files.sha256 = ${p})`;
}

function isOfSource(p: string): string {
  return `(md5(source_key) = md5(${p}) and source_key = ${p})`;
}

function timeOf({ value, at }: FieldQuery, { text, now }: Sql): Date {
  const time = timeFrom(value, now);
  if (time !== null) return time;
  throw badQuery(
    text,
    at,
    `"${value}" is not a valid time: use 2026, 2026-11, 2026-11-01, 2026-11-01T12:00Z, or 7d for seven days ago`,
  );
}

function latest(one: Date | null, other: Date): Date {
  return one !== null && one > other ? one : other;
}

function earliest(one: Date | null, other: Date): Date {
  return one !== null && one < other ? one : other;
}
