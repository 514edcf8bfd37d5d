/**
 * What guards the tables and shows them to people: triggers, functions, constraints, views.
 * Of two schemas that the same migrations made they are the same, but for the name.
 */
import { escapeIdentifier, type Queryable } from './database.ts';

/** Names of what is missing, added, switched off or otherwise than it was made. */
export async function changedGuards(
  db: Queryable,
  { expected, live }: { expected: string; live: string },
): Promise<{ changed: string[]; count: number }> {
  const made = await guardsOf(db, expected);
  const there = await guardsOf(db, live);
  const names = new Set([...made.keys(), ...there.keys()]);
  const changed = [...names].filter((name) => made.get(name) !== there.get(name)).sort();
  return { changed, count: made.size };
}

/** What each of them is, by its name, without the names of schemas. */
async function guardsOf(db: Queryable, schema: string): Promise<Map<string, string>> {
  const views = schema === 'holdfast' ? 'evidence' : `${schema}_evidence`;
  const { rows } = await db.query<{ name: string; what: string }>(
    `with own as (select oid from pg_namespace where nspname = $1),
       shown as (select oid from pg_namespace where nspname = $2)
     select 'trigger ' || tgname || ' on ' || relname as name,
       tgenabled::text || pg_get_triggerdef(pg_trigger.oid) as what
     from pg_trigger join pg_class on pg_class.oid = tgrelid
     where relnamespace = (select oid from own) and not tgisinternal
     union all
     select 'function ' || proname || '(' || pg_get_function_identity_arguments(oid) || ')',
       concat_ws(' ', prosrc, provolatile, prosecdef, prorettype::regtype,
        replace(array_to_string(proconfig, ' '), $1, ''))
     from pg_proc where pronamespace = (select oid from own) and prokind = 'f'
     union all
     select 'constraint ' || conname || ' on ' || relname,
       convalidated::text || pg_get_constraintdef(pg_constraint.oid)
     from pg_constraint join pg_class on pg_class.oid = conrelid
     where connamespace = (select oid from own) and contype <> 'n'
     union all
     select 'view ' || relname, pg_get_viewdef(oid) from pg_class
     where relnamespace in (select oid from own union select oid from shown) and relkind = 'v'
     union all
     select 'table ' || relname, concat(relpersistence, relrowsecurity, relhasrules) from pg_class
     where relnamespace = (select oid from own) and relkind = 'r'`,
    [schema, views],
  );
  // PostgreSQL names a schema only where it has to.
  const named = [views, schema].flatMap((one) => [`${escapeIdentifier(one)}.`, `${one}.`]);
  return new Map(
    rows.map(({ name, what }) => [
      name,
      named.reduce((text, part) => text.replaceAll(part, ''), what),
    ]),
  );
}
