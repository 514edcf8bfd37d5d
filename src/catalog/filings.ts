/** What people put in order: cases, tags and notes. Rows are only ever added. */
import type { Filing, Tag } from '../model/filing.ts';
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

const columns = `
  filings.id, kind, change, value, filings.source_key as "sourceKey",
  filings.capture_id as "captureId", case_name as "caseName", by_whom as by, at,
  log_index as "logIndex"`;

/** One that is there already stays as it is. */
export async function insertFilings(tx: Queryable, filings: Filing[]): Promise<void> {
  await tx.query(
    `insert into filings (id, kind, change, value, source_key, capture_id, case_name, by_whom, at,
       log_index)
     select id, kind, change, value, "sourceKey", "captureId", "caseName", by, at, "logIndex"
     from jsonb_to_recordset($1) as row (id uuid, kind text, change text, value text,
       "sourceKey" text, "captureId" uuid, "caseName" text, by text, at timestamptz,
       "logIndex" bigint)
     on conflict (id) do nothing`,
    [storableJson(filings)],
  );
}

/** Everything that was filed about a source or one of its captures, in order. */
export async function filingsOf(db: Queryable, sourceKey: string): Promise<Filing[]> {
  const { rows } = await db.query<Filing>(
    `select ${columns} from keys_of_source($1) keys
     join filings on md5(filings.source_key) = md5(keys.source_key)
       and filings.source_key = keys.source_key
     order by at, filings.id`,
    [sourceKey],
  );
  return rows;
}

/** Tags in force on a capture. */
export async function tagsOf(
  db: Queryable,
  captureId: string,
  sourceKey: string,
): Promise<string[]> {
  const { rows } = await db.query<{ tag: string }>(
    'select tag from capture_tags($1, $2) order by tag',
    [captureId, sourceKey],
  );
  return rows.map(({ tag }) => tag);
}

/** Tags in force, of each capture of a source, or of the one that is named. */
export async function tagsOfSource(
  db: Queryable,
  sourceKey: string,
  captureId: string | null,
): Promise<string[][]> {
  const { rows } = await db.query<{ tags: string[] }>(
    `select array(select tag from capture_tags(own.id, $1)) as tags
     from captures_of_source($1) own where $2::uuid is null or own.id = $2`,
    [sourceKey, captureId],
  );
  return rows.map(({ tags }) => tags);
}

/** Whether there is a capture of it, finished or not. */
export async function sourceIsKnown(db: Queryable, sourceKey: string): Promise<boolean> {
  const { rowCount } = await db.query('select from captures_of_source($1) limit 1', [sourceKey]);
  return rowCount > 0;
}

/** Every tag in force, as the rows that are searched have them; the most used comes first. */
export async function listTags(db: Queryable, limit: number): Promise<Tag[]> {
  const { rows } = await db.query<Tag>(
    `select tag as name, count(distinct md5(source_key))::integer as sources,
       count(*)::integer as captures
     from searchable_captures, unnest(tags) as tag
     where tags <> '{}'
     group by tag order by captures desc, tag limit $1`,
    [limit],
  );
  return rows;
}
