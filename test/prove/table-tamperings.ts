/** What who owns the database can do: one row altered, deleted or forged in every table, and the guards taken away. */
import { escapeIdentifier, type Queryable } from '../../src/catalog/database.ts';
import type { SealedArchive } from './sealed-archive.ts';
import type { Tampering } from './tampering.ts';

/** Puts back what it changed, so that the next can be tried on the same archive. */
export interface Undoable extends Tampering<SealedArchive> {
  undo(target: SealedArchive): Promise<void>;
}

interface Tampered {
  /** What people rely on is another. */
  alter: string;
  /** By which a copy of a row becomes one more. */
  forge?: string;
  /** Which rows a claim rests on; all when left out. */
  of?: string;
  /** When a row was written: a forged one is older than what may be written at this moment. */
  at?: string;
}

const newId = 'id = gen_random_uuid()';
const tables: Record<string, Tampered> = {
  submissions: {
    alter: `note = 'another'`,
    forge: `${newId}, batch_id = gen_random_uuid()`,
    at: 'submitted_at',
  },
  captures: { alter: `opened_at = opened_at - interval '1 day'` },
  source_aliases: {
    alter: `source_key = 'web:https://other.example/'`,
    forge: `alias_key = 'x:tco:zzz'`,
  },
  step_attempts: { alter: `reason = 'another'`, forge: 'attempt = attempt + 7, final = false' },
  artifacts: { alter: `role = 'render'`, forge: `${newId}, name = 'forged.bin'` },
  observations: { alter: `signal = 'not-found'`, forge: `${newId}, signal = 'deleted-by-author'` },
  captured_posts: { alter: `body = 'other words'` },
  captured_pages: { alter: `title = 'another title'`, forge: `view = 'forged'` },
  captured_texts: { alter: `body = 'other words'`, forge: `name = 'forged.json'` },
  capture_outcomes: { alter: `state = 'partial'` },
  events: { alter: `kind = 'removed'`, forge: `${newId}, kind = 'removed', capture_id = null` },
  checks: { alter: 'held = not held', forge: newId, at: 'checked_at' },
  cluster_decisions: { alter: `decided_by = 'another'`, forge: newId, at: 'decided_at' },
  graphic_marks: { alter: `marked_by = 'another'`, forge: newId, at: 'marked_at' },
  filings: { alter: `value = 'another'`, forge: newId, at: 'at' },
  pseudonyms: { alter: `name = 'another'`, forge: `id = repeat('0', 32)`, at: 'made_at' },
  log_entries: { alter: `at = at - interval '1 day'` },
  log_nodes: { alter: 'hash = sha256(hash)' },
  checkpoints: { alter: 'root = sha256(root)' },
  checkpoint_timestamps: {
    alter: `gen_time = gen_time - interval '1 day'`,
    forge: `authority = 'https://forged.example/'`,
    at: 'stored_at',
  },
  checkpoint_cosignatures: {
    alter: `signed_at = signed_at - interval '1 day'`,
    forge: `witness = 'forged.example'`,
    at: 'signed_at',
  },
  fixity_checks: { alter: `result = 'missing'`, forge: newId, at: 'checked_at' },
  holds: { alter: `authority = 'another court'`, forge: newId, at: 'at' },
  removals: { alter: `authority = 'another court'`, forge: newId, at: 'at' },
  searchable_captures: { alter: `words = 'nothing'::tsvector`, of: `state <> 'unfinished'` },
  source_now: {
    alter: `availability = 'removed'`,
    forge: `source_key = 'web:https://forged.example/'`,
  },
  watches: { alter: `state = 'ended'`, forge: `source_key = 'web:https://forged.example/'` },
  unlogged_records: { alter: `sha256 = repeat('0', 64)`, forge: `name = 'forged.json'` },
};

export function tableTamperings(): Undoable[] {
  return [
    ...Object.entries(tables).flatMap(([table, { alter, forge, at, of }]) => [
      inTable(table, 'one row altered', (one) => [`update ${table} set ${alter} where ${one}`], of),
      inTable(table, 'one row deleted', (one) => [`delete from ${table} where ${one}`], of),
      ...(forge === undefined ? [] : [inTable(table, 'one row forged', forgery(table, forge, at))]),
      ...(forge === undefined || at === undefined
        ? []
        : [inTable(table, 'one row forged, dated ahead', forgery(table, forge, at, '+ interval'))]),
    ]),
    ...guards(),
    unseen('watches', 'one put off for a hundred years', `next_due_at = '2126-01-01'`),
  ];
}

/** Statements, given a condition that holds of one row; `COLUMNS` stands for all that can be written. */
type Change = (oneRow: string) => string[];

function forgery(table: string, forge: string, at?: string, aside = '- interval'): Change {
  const set = at === undefined ? forge : `${forge}, ${at} = ${at} ${aside} '1 hour'`;
  return (one) => [
    `create temporary table forged as select * from ${table} where ${one}`,
    `update forged set ${set}`,
    `insert into ${table} (COLUMNS) overriding system value select COLUMNS from forged`,
    'drop table forged',
  ];
}

function inTable(table: string, change: string, statements: Change, of = 'true'): Undoable {
  return {
    name: `table ${table}: ${change}`,
    notFindable: null,
    apply: ({ archive }) =>
      changeRows(
        archive.parts.database,
        table,
        statements(`ctid = (select min(ctid) from ${table} where ${of})`),
      ),
    undo: ({ archive }) => putRowsBack(archive.parts.database, table),
  };
}

function unseen(table: string, change: string, set: string): Undoable {
  const reason = 'when a watch is due next changes with every visit, and no record tells it';
  const tampering = inTable(table, change, (one) => [`update ${table} set ${set} where ${one}`]);
  return { ...tampering, notFindable: reason };
}

/** The guards are off meanwhile, and on again afterwards as they were. */
export async function changeRows(
  db: { transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> } & Queryable,
  table: string,
  statements: string[],
): Promise<void> {
  const columns = await columnsOf(db, table);
  await db.transaction(async (tx) => {
    await tx.query(`create table public.kept_rows as select * from ${table}`);
    await withoutGuards(tx, table, statements, columns);
  });
}

export async function putRowsBack(
  db: { transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> } & Queryable,
  table: string,
): Promise<void> {
  const columns = await columnsOf(db, table);
  const all = [
    `delete from ${table}`,
    `insert into ${table} (COLUMNS) overriding system value select COLUMNS from public.kept_rows`,
    'drop table public.kept_rows',
  ];
  await db.transaction((tx) => withoutGuards(tx, table, all, columns));
}

async function columnsOf(db: Queryable, table: string): Promise<string> {
  const { rows } = await db.query<{ name: string }>(
    `select column_name as name from information_schema.columns
     where table_schema = current_schema() and table_name = $1 and is_generated = 'NEVER'
     order by ordinal_position`,
    [table],
  );
  return rows.map(({ name }) => escapeIdentifier(name)).join(', ');
}

async function withoutGuards(
  tx: Queryable,
  table: string,
  statements: string[],
  columns: string,
): Promise<void> {
  const { rows } = await tx.query<{ name: string }>(
    `select tgname as name from pg_trigger
     where tgrelid = $1::regclass and not tgisinternal and tgenabled = 'A'`,
    [table],
  );
  await tx.query(`alter table ${table} disable trigger all`);
  for (const statement of statements) await tx.query(statement.replaceAll('COLUMNS', columns));
  await tx.query(`alter table ${table} enable trigger all`);
  for (const { name } of rows)
    await tx.query(`alter table ${table} enable always trigger ${escapeIdentifier(name)}`);
}

/** What keeps the tables, and what shows them to people. */
function guards(): Undoable[] {
  const takedowns = 'create or replace view evidence.holds as';
  const changes: [what: string, change: string, back: string][] = [
    [
      'a trigger switched off',
      'alter table events disable trigger append_only',
      'alter table events enable always trigger append_only',
    ],
    [
      'a trigger that no longer always fires',
      'alter table events enable trigger append_only',
      'alter table events enable always trigger append_only',
    ],
    [
      'a function that refuses nothing',
      `create or replace function refuse_change() returns trigger language plpgsql as
        $$ begin return coalesce(new, old); end $$`,
      `create or replace function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the table % is append-only', tg_table_name using errcode = 'HF001';
end $$`,
    ],
    [
      'a constraint dropped',
      'alter table holds drop constraint holds_change_check',
      `alter table holds add constraint holds_change_check check (change in ('set', 'released'))`,
    ],
    [
      'a trigger added',
      `create trigger forged before insert on holds for each row execute function refuse_change()`,
      'drop trigger forged on holds',
    ],
    [
      'a view that shows something else',
      `${takedowns} select id, scope_kind, scope, authority, reference, reason, by_whom,
         at as set_at, at as released_at from holds`,
      `${takedowns} select held.id, held.scope_kind, held.scope, held.authority, held.reference,
  held.reason, held.by_whom, held.at as set_at, released.at as released_at
from holds held
left join holds released on released.id = held.id and released.change = 'released'
where held.change = 'set'`,
    ],
  ];
  return changes.map(([what, change, back]) => ({
    name: `catalog: ${what}`,
    notFindable: null,
    apply: async ({ archive }) => void (await archive.parts.database.query(change)),
    undo: async ({ archive }) => void (await archive.parts.database.query(back)),
  }));
}
