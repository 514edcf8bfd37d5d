/** Entries of the log about one capture: its own, and those that name its manifest or what was made of it. */
import type { Queryable } from './database.ts';

export interface CustodyEntry {
  index: number;
  type: string;
  at: Date;
  /** Name behind the pseudonym in the entry; `null` where it is not known here. */
  by: string | null;
  /** Size of the first checkpoint over it; `null` while there is none. */
  checkpoint: number | null;
}

/**
 * @param digests of the manifest, of records of derivations, of files
 * @param indexes of entries about its source: cases, tags, notes
 */
export async function custodyOf(
  db: Queryable,
  manifestSha256: string,
  digests: string[],
  indexes: number[],
): Promise<CustodyEntry[]> {
  const { rows } = await db.query<CustodyEntry>(
    `select entry.idx as index, entry.type, entry.at, pseudonyms.name as by,
       (select min(size) from checkpoints where size > entry.idx) as checkpoint
     from log_entries entry
     left join pseudonyms on pseudonyms.kind = 'actor'
       and pseudonyms.id = convert_from(entry.body, 'UTF8')::jsonb ->> 'actor'
     where entry.idx in (
       select idx from log_entries where manifest_sha256 = $1
       union
       select idx from log_entries where targets && $2
       union
       select unnest($3::bigint[]))
     order by entry.idx`,
    [manifestSha256, [manifestSha256, ...digests], indexes],
  );
  return rows;
}
