/** Which keys turned out to lead to which sources, and by which hops. */
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

/** One redirect as the platform recorded it; plain JSON. */
type HopJson = Record<string, unknown>;

export interface NewAlias {
  aliasKey: string;
  sourceKey: string;
  hops: object[];
  seenAt: Date;
}

export interface AliasRow extends NewAlias {
  captureId: string;
  hops: HopJson[];
}

const columns = `
  alias_key as "aliasKey", source_key as "sourceKey", capture_id as "captureId", hops,
  seen_at as "seenAt"`;

export async function insertAliases(
  db: Queryable,
  captureId: string,
  aliases: NewAlias[],
): Promise<void> {
  if (aliases.length === 0) return;
  await db.query(
    `insert into source_aliases (alias_key, source_key, capture_id, hops, seen_at)
     select "aliasKey", "sourceKey", $2, hops, "seenAt"
     from jsonb_to_recordset($1) as row
       ("aliasKey" text, "sourceKey" text, hops jsonb, "seenAt" timestamptz)
     on conflict (capture_id, md5(alias_key)) do nothing`,
    [storableJson(aliases), captureId],
  );
}

/** What this capture found its source to be an alias of. */
export async function aliasesFrom(db: Queryable, captureId: string): Promise<AliasRow[]> {
  const { rows } = await db.query<AliasRow>(
    `select ${columns} from source_aliases where capture_id = $1 order by seen_at, alias_key`,
    [captureId],
  );
  return rows;
}

/** Keys that were seen to lead to this source, each as last seen. */
export async function aliasesOf(db: Queryable, sourceKey: string): Promise<AliasRow[]> {
  const { rows } = await db.query<AliasRow>(
    `select distinct on (alias_key) ${columns} from source_aliases
     where md5(source_key) = md5($1) and source_key = $1
     order by alias_key, seen_at desc`,
    [sourceKey],
  );
  return rows;
}

/** Follows aliases, each as last seen, to where they end; the key itself if it is none. */
export async function canonicalSource(db: Queryable, key: string): Promise<string> {
  const { rows } = await db.query<{ source: string }>('select resolved_source($1) as source', [
    key,
  ]);
  return rows[0]?.source ?? key;
}
