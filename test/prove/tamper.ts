/** What a superuser of the database and of the disk can do: one bit changed, anywhere, and put back. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { escapeIdentifier, type Queryable } from '../../src/catalog/database.ts';
import { compared } from '../../src/pipeline/verify/compared-tables.ts';

export interface Column {
  table: string;
  column: string;
  type: string;
}

export type PutBack = () => Promise<void>;

/** Columns that nothing is claimed from; each has its reason in `verify/catalog.ts`. */
const ofNoClaim = new Map(compared.map(({ table, ignored = [] }) => [table, ignored]));

/** Every stored column of every table that is compared. */
export async function columnsOf(db: Queryable, schema: string): Promise<Column[]> {
  const { rows } = await db.query<Column>(
    `select table_name as "table", column_name as "column", udt_name as type
     from information_schema.columns
     where table_schema = $1 and table_name = any ($2) and is_generated = 'NEVER'
     order by ordinal_position, table_name`,
    [schema, compared.map(({ table }) => table)],
  );
  return rows.filter(({ table, column }) => !ofNoClaim.get(table)?.includes(column));
}

/** Takes every guard away, as who owns the server can. */
export async function dropGuards(db: Queryable, schema: string): Promise<void> {
  for (const { table } of compared)
    await db.query(`alter table ${escapeIdentifier(table)} disable trigger all`);
  const { rows } = await db.query<{ table: string; name: string }>(
    `select conrelid::regclass::text as "table", conname as name from pg_constraint
     where connamespace = $1::regnamespace and contype = 'c'`,
    [schema],
  );
  for (const { table, name } of rows)
    await db.query(`alter table ${table} drop constraint ${escapeIdentifier(name)}`);
}

/** Flips a bit of one value. `null` where no row that the vault knows of has a value there. */
export async function flipInRow(
  db: Queryable,
  { table, column, type }: Column,
  random: (below: number) => number,
): Promise<PutBack | null> {
  const [name, field] = [escapeIdentifier(table), escapeIdentifier(column)];
  const only = compared.find((one) => one.table === table)?.only;
  const here = { expected: 'holdfast', live: 'holdfast' };
  const told = typeof only === 'function' ? only(here) : (only ?? 'true');
  const vouched = told.replaceAll('$2', 'now()');
  const { rows } = await db.query<{ place: string; value: string }>(
    `select ctid::text as place, ${field}::text as value from ${name} one
     where ${field} is not null and ${field}::text not in ('{}', '[]', '') and (${vouched}) order by ctid`,
  );
  const row = rows[random(Math.max(1, rows.length))];
  if (row === undefined) return null;
  const put = async (value: string, place: string): Promise<string> => {
    const { rows: put } = await db.query<{ place: string }>(
      `update ${name} set ${field} = $1::text::${type.startsWith('_') ? `${type.slice(1)}[]` : type}
       where ctid = $2::tid returning ctid::text as place`,
      [value, place],
    );
    return put[0]?.place ?? '';
  };
  const place = await put(flipped(row.value, type, random), row.place);
  return async () => void (await put(row.value, place));
}

function flipped(value: string, type: string, random: (below: number) => number): string {
  if (type === 'bool') return value.startsWith('t') ? 'false' : 'true';
  // A high bit, because a low one may meet another row under a unique index.
  if (/^int/.test(type)) return String(BigInt(value) ^ (type === 'int2' ? 1n << 10n : 1n << 20n));
  if (type === 'timestamptz') return new Date(new Date(value).getTime() + 1).toISOString();
  const places = [...value.matchAll(/[0-9a-zA-Z]/g)].map(({ index }) => index);
  for (;;) {
    const at = places[random(places.length)] ?? 0;
    const code = value.charCodeAt(at) ^ 1;
    const changed = value.slice(0, at) + String.fromCharCode(code) + value.slice(at + 1);
    if (fits(changed, value, type)) return changed;
  }
}

/** As PostgreSQL writes a `tsvector`: words with their places. */
const tsvector = /^(?:'(?:[^']|'')*'(?::[1-9]\d*[ABC]?(?:,[1-9]\d*[ABC]?)*)?(?: |$))+$/;

function fits(changed: string, value: string, type: string): boolean {
  if (type === 'tsvector') return tsvector.test(changed);
  if (type === 'uuid' || type === '_uuid') return /^[{},0-9a-f-]+$/.test(changed);
  if (type === 'bytea') return /^\\x[0-9a-f]+$/.test(changed);
  if (type !== 'jsonb') return true;
  try {
    return JSON.stringify(JSON.parse(changed)) !== JSON.stringify(JSON.parse(value));
  } catch {
    return false;
  }
}

/** Flips a bit of a file. */
export async function flipInFile(
  path: string,
  random: (below: number) => number,
): Promise<PutBack> {
  const before = await readFile(path);
  const bytes = Buffer.from(before);
  const bit = random(bytes.length * 8);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  await chmod(path, 0o600);
  await writeFile(path, bytes);
  return async () => {
    await writeFile(path, before);
    await chmod(path, 0o444);
  };
}

/** Numbers that are the same for the same seed (mulberry32). */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
