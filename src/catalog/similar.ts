/** Which hashes of the index lie near a given one, and where the files they belong to are held. */

import { hashToHex } from '../fingerprint/hash.ts';
import type { Place } from '../model/similar-files.ts';
import type { Queryable } from './database.ts';

/** Two PDQ hashes this near show the same picture (the threshold of its authors). */
export const matchRadius = 31;

/**
 * How thoroughly to look. `exact`: one of eleven parts of the hash is equal; finds
 * everything within 10 bits. `probe`: one part differs by a bit at most; everything within
 * 20, and most beyond. `all`: everything within 31.
 */
export type Thoroughness = 'exact' | 'probe' | 'all';

export interface NearHash {
  /** Place in the list of hashes that was asked for, from 0. */
  asked: number;
  fileId: string;
  atMs: number | null;
  view: string;
  quality: number;
  distance: number;
}

const flips: Record<Thoroughness, 0 | 1 | 2> = { exact: 0, probe: 1, all: 2 };

/** Nearest first. Any number of hashes in one statement. */
export async function nearHashes(
  db: Queryable,
  hashes: Uint8Array[],
  thoroughness: Thoroughness,
  radius = matchRadius,
): Promise<NearHash[]> {
  if (hashes.length === 0) return [];
  const { rows } = await db.query<NearHash>(
    `select (wanted.n - 1)::integer as asked, near.file_id::text as "fileId",
       near.at_ms as "atMs", near.view, near.quality, near.distance
     from unnest($1::text[]) with ordinality as wanted (hash, n)
     cross join lateral
       fingerprints_near_${flips[thoroughness]}(('x' || wanted.hash)::bit(256), $2) as near
     order by near.distance, near.file_id, near.at_ms`,
    [hashes.map(hashToHex), Math.min(radius, matchRadius)],
  );
  return rows;
}

/** Where these files are held, earliest first. */
export async function placesOf(db: Queryable, sha256s: string[]): Promise<Place[]> {
  const { rows } = await db.query<Place>(
    `select artifact.sha256, artifact.capture_id as "captureId", capture.source_key as source,
       asked.link, artifact.name, artifact.stored_at as "storedAt"
     from artifacts artifact
     join captures_resolved capture on capture.id = artifact.capture_id
     join submissions asked on asked.id = capture.submission_id
     where artifact.sha256 = any ($1) and artifact.role like 'media.%'
     order by artifact.stored_at, artifact.id`,
    [sha256s],
  );
  return rows;
}
