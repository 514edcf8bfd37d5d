/** Sound prints in the index, and which of them share keys with a given one. */
import type { Queryable } from './database.ts';

export interface SoundPrint {
  /** Of the medium. */
  sha256: string;
  /** Of the artifact with the whole print. */
  printSha256: string;
}

/** One that is there already stays. */
export async function insertSound(
  db: Queryable,
  print: SoundPrint,
  keys: number[],
): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into sound_prints (sha256, print_sha256, keys, made_at) values ($1, $2, $3, now())
     on conflict (sha256) do nothing`,
    [print.sha256, print.printSha256, keys],
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
