/** Two schemas of one database, table by table: what the one has and the other lacks. */
import { escapeIdentifier, type Queryable } from './database.ts';

export interface ComparedTable {
  table: string;
  /** Columns that nothing rests on, or that are made anew each time. */
  ignored?: string[];
  /** Which rows are compared at all, as a condition in SQL; all when left out. */
  only?: string;
  /**
   * Which rows of the live schema must be among the expected ones, as a condition in SQL
   * with `$2` as the time before which they were written; `null`: it may have more.
   */
  complete: string | null;
}

export interface TableDifference {
  expected: number;
  /** Rows that should be there, as they should be. */
  missing: number;
  /** Rows that should not be there, or not as they are. */
  extra: number;
  /** One of each, as JSON, cut short. */
  sample: string | null;
}

/** `expected` and `live` are names of schemas, and `written` when the comparison began. */
export async function compareTable(
  db: Queryable,
  { expected, live, written }: { expected: string; live: string; written: Date },
  { table, ignored = [], only = 'true', complete }: ComparedTable,
): Promise<TableDifference> {
  const rowsOf = (schema: string, condition: string) =>
    `select to_jsonb(one) - $1::text[] as row
     from ${escapeIdentifier(schema)}.${escapeIdentifier(table)} one
     where (${only}) and (${condition})`;
  const all = 'true or $2::timestamptz is null';
  const extra = complete === null ? 'false and $2::timestamptz is null' : complete;
  const { rows } = await db.query<TableDifference>(
    `with missing as (${rowsOf(expected, all)} except ${rowsOf(live, all)}),
       extra as (${rowsOf(live, extra)} except ${rowsOf(expected, all)})
     select (select count(*) from ${escapeIdentifier(expected)}.${escapeIdentifier(table)}) as expected,
       (select count(*) from missing) as missing, (select count(*) from extra) as extra,
       left(concat_ws(' / ', (select row::text from missing limit 1), (select row::text from extra limit 1)), 2000)
         as sample`,
    [ignored, written],
  );
  const [found] = rows;
  if (found === undefined) throw new TypeError('a count is one row');
  return found;
}
