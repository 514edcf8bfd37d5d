/** Two schemas of one database, table by table: what the one has and the other lacks. */
import { escapeIdentifier, type Queryable } from './database.ts';

/** Two schemas, one made anew from the vault, and when that began. */
export interface Schemas {
  expected: string;
  live: string;
  written: Date;
  /** The last position of the event stream by then. */
  told: number;
}

/** A condition in SQL on `one`, a row; the names of schemas come escaped. Other names are of the expected schema. */
type Condition = string | ((schemas: { expected: string; live: string }) => string);

export interface ComparedTable {
  table: string;
  /** Columns that nothing rests on, or that are made anew each time. */
  ignored?: string[];
  /** Columns too large to be held side by side: their digests are compared. */
  digested?: string[];
  /** Which rows are compared at all; all when left out. */
  only?: Condition;
  /**
   * Which rows of the live schema must be among the expected ones, with `$2` as the time
   * before which they were written and `$3` as the position in the event stream; all when left out.
   */
  complete?: Condition;
}

export interface TableDifference {
  expected: number;
  /** Rows that should be there, as they should be, as JSON: the first ones. */
  missing: string[];
  /** Rows that should not be there, or not as they are. */
  extra: string[];
}

/** So many rows of a difference are told apart. */
export const mostDifferences = 1_000;

export async function compareTable(
  db: Queryable,
  { expected, live, written, told }: Schemas,
  { table, ignored = [], digested = [], only = 'true', complete = 'true' }: ComparedTable,
): Promise<TableDifference> {
  const schemas = { expected: escapeIdentifier(expected), live: escapeIdentifier(live) };
  const inWords = (condition: Condition) =>
    typeof condition === 'string' ? condition : condition(schemas);
  const digests = digested.map((name) => `'${name}', md5(one.${escapeIdentifier(name)}::text)`);
  const rowsOf = (schema: string, condition: string) =>
    `select (to_jsonb(one) - $1::text[]) || jsonb_build_object(${digests.join(', ')}) as row
     from ${schema}.${escapeIdentifier(table)} one
     where (${inWords(only)}) and (${condition})
       and $2::timestamptz is not null and $3::bigint is not null`;
  const first = (rows: string) =>
    `array(select row::text from (${rows}) as differing order by 1 limit ${mostDifferences})`;
  const all = { expected: rowsOf(schemas.expected, 'true'), live: rowsOf(schemas.live, 'true') };
  const settled = rowsOf(schemas.live, inWords(complete));
  const { rows } = await db.query<TableDifference>(
    `select (select count(*) from ${schemas.expected}.${escapeIdentifier(table)}) as expected,
       ${first(`${all.expected} except ${all.live}`)} as missing,
       ${first(`${settled} except ${all.expected}`)} as extra`,
    [[...ignored, ...digested], written, told],
  );
  const [found] = rows;
  if (found === undefined) throw new TypeError('a count is one row');
  return found;
}
