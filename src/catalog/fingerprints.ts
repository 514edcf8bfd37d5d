/** Hashes of pictures and frames in the index. Derived: made again from the vault at any time. */
import { hashToHex, leastQuality, type PdqHash } from '../fingerprint/hash.ts';
import type { Database, Queryable } from './database.ts';
import { lockDerivations } from './derivations.ts';
import { ordersOver } from './removals.ts';

/** Rasters and views that belong together; hashes of another method are made anew. */
export const fingerprintMethod = 'pdq-64-area/1';

export interface NewFile {
  sha256: string;
  kind: 'picture' | 'video';
  /** The artifact with the hash of every frame; `null` for a picture. */
  trackSha256: string | null;
}

export interface NewFingerprint extends PdqHash {
  /** Milliseconds from the start of a video; `null` for a picture. */
  atMs: number | null;
  view: string;
}

export interface IndexedHash {
  atMs: number | null;
  view: string;
  quality: number;
  /** 64 hex digits. */
  hash: string;
}

/**
 * Puts the hashes of one file into the index, once: what is there already stays, unless newer
 * ones are to take its place. Hashes too poor to be matched are left out.
 * @returns whether they are new
 */
export function indexFile(
  db: Database,
  file: NewFile,
  hashes: NewFingerprint[],
  { replace }: { replace: boolean } = { replace: false },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    // In turn with removals: nothing of what was removed by order gets into the index.
    await lockDerivations(tx);
    if ((await ordersOver(tx, [file.sha256])).size > 0) return false;
    if (replace) await forgetFingerprints(tx, [file.sha256]);
    return indexFileIn(tx, file, hashes);
  });
}

/** Takes files out of the index: newer hashes come, or they were removed by order. */
export async function forgetFingerprints(tx: Queryable, sha256s: string[]): Promise<void> {
  await tx.query(
    `delete from fingerprints using fingerprinted_files file
     where file.id = fingerprints.file_id and file.sha256 = any($1)`,
    [sha256s],
  );
  await tx.query('delete from fingerprinted_files where sha256 = any($1)', [sha256s]);
}

/** As `indexFile`, within a transaction of the caller's. */
async function indexFileIn(
  tx: Queryable,
  file: NewFile,
  hashes: NewFingerprint[],
): Promise<boolean> {
  const { rows } = await tx.query<{ id: string }>(
    `insert into fingerprinted_files (sha256, kind, method, track_sha256, made_at)
     values ($1, $2, $3, $4, now())
     on conflict (sha256) do nothing returning id::text`,
    [file.sha256, file.kind, fingerprintMethod, file.trackSha256],
  );
  const [made] = rows;
  if (made === undefined) return false;
  const telling = hashes.filter(({ quality }) => quality >= leastQuality);
  await tx.query(
    `insert into fingerprints (file_id, at_ms, view, quality, hash)
     select $1, at_ms, view, quality, ('x' || hash)::bit(256)
     from unnest($2::integer[], $3::text[], $4::smallint[], $5::text[])
       as row (at_ms, view, quality, hash)`,
    [
      made.id,
      telling.map(({ atMs }) => atMs),
      telling.map(({ view }) => view),
      telling.map(({ quality }) => quality),
      telling.map(({ hash }) => hashToHex(hash)),
    ],
  );
  return true;
}

export async function isIndexed(db: Queryable, sha256: string): Promise<boolean> {
  const { rowCount } = await db.query('select from fingerprinted_files where sha256 = $1', [
    sha256,
  ]);
  return rowCount > 0;
}

export interface IndexedFile {
  id: string;
  sha256: string;
  kind: 'picture' | 'video';
  trackSha256: string | null;
}

export async function indexedFiles(db: Queryable, ids: string[]): Promise<IndexedFile[]> {
  const { rows } = await db.query<IndexedFile>(
    `select id::text, sha256, kind, track_sha256 as "trackSha256"
     from fingerprinted_files where id = any ($1::bigint[])`,
    [ids],
  );
  return rows;
}

/** All hashes of a file in the index, by time. */
export async function hashesOf(db: Queryable, fileId: string): Promise<IndexedHash[]> {
  const { rows } = await db.query<IndexedHash>(
    `select at_ms as "atMs", view, quality, encode(varbit_send(hash), 'hex') as hash
     from fingerprints where file_id = $1 order by at_ms nulls first`,
    [fileId],
  );
  // The first four bytes of a bit string on the wire are its length.
  return rows.map((row) => ({ ...row, hash: row.hash.slice(8) }));
}

/** Every capture that holds media, oldest first. */
export async function capturesWithMedia(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from captures
     where exists (select from artifacts where capture_id = captures.id and role like 'media.%')
     order by opened_at, id`,
  );
  return rows.map(({ id }) => id);
}
