/** Sound prints in the index, and which of them share keys with a given one. */
import type { Queryable } from './database.ts';

export interface SoundPrint {
  /** Of the medium. */
  sha256: string;
  /** Of the artifact with the whole print. */
  printSha256: string;
}

/** One that is there already stays, unless a newer one is to take its place. */
export async function insertSound(
  db: Queryable,
  print: SoundPrint,
  keys: number[],
  { replace }: { replace: boolean } = { replace: false },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into sound_prints (sha256, print_sha256, keys, made_at)
     select $1, $2, $3, now()
     where not exists (select from removals where targets @> array[$1::text])
     on conflict (sha256) do update set
       print_sha256 = excluded.print_sha256, keys = excluded.keys, made_at = now()
     where $4`,
    [print.sha256, print.printSha256, keys, replace],
  );
  return rowCount > 0;
}

/** Those that share at least so many keys, most first. */
export async function soundsSharing(
  db: Queryable,
  keys: number[],
  least: number,
): Promise<SoundPrint[]> {
  const { rows } = await db.query<SoundPrint>(
    `select sha256, print_sha256 as "printSha256"
     from (
       select sha256, print_sha256,
         (select count(*) from unnest(keys) key where key = any ($1::integer[])) as shared
       from sound_prints where keys && $1::integer[]
     ) found
     where shared >= $2 order by shared desc limit 50`,
    [keys, least],
  );
  return rows;
}

/** Takes the prints of removed media out of the index. */
export async function forgetSounds(tx: Queryable, sha256s: string[]): Promise<void> {
  await tx.query('delete from sound_prints where sha256 = any($1)', [sha256s]);
}
