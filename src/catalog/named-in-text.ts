/** Captures and files that a text names, by their ids and digests. */
import type { Queryable } from './database.ts';

/** Whether it names a capture or a file that is neither among these captures nor of the case. */
export async function namesOther(
  db: Queryable,
  text: string,
  captureIds: string[],
  caseName: string,
): Promise<boolean> {
  const ids = text.match(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g) ?? [];
  const digests = text.match(/\b[0-9a-f]{64}\b/g) ?? [];
  const { rowCount } = await db.query(
    `with own (id) as (
       select unnest($3::uuid[])
       union
       select captures.id from captures join submissions on submissions.id = captures.submission_id
       where submissions.case_name = $4
     )
     (select from captures where id = any($1::uuid[]) and id not in (select id from own) limit 1)
     union all
     (select from artifacts other where sha256 = any($2)
       and capture_id not in (select id from own)
       and not exists (select from artifacts where artifacts.sha256 = other.sha256
         and capture_id in (select id from own)) limit 1)`,
    [[...new Set(ids)], [...new Set(digests)], captureIds, caseName],
  );
  return rowCount > 0;
}
