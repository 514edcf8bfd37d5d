/** The one picture that shows best what a capture is of. */
import type { Queryable } from './database.ts';
import { takenDigests } from './removals.ts';

export interface StillPicture {
  captureId: string;
  sha256: string;
  role: string;
  mediaType: string;
  sizeBytes: number;
  name: string;
}

/** Our rendering of a post first, then what the browser saw, then a picture or frame of its media. */
const roles = [
  'render',
  'screenshot.focal',
  'screenshot.viewport',
  'keyframe',
  'media.original',
  'screenshot.full',
];

/** @returns by capture; those without a picture are left out */
export async function stillPictures(
  db: Queryable,
  captureIds: string[],
): Promise<Map<string, StillPicture>> {
  const { rows } = await db.query<StillPicture>(
    `with held as (
       select capture_id, sha256, role, media_type, size_bytes, name from artifacts
       where capture_id = any($1)
       union all
       select capture_outcomes.capture_id, derived_files.sha256, derived_files.role,
         derived_files.media_type, derived_files.size_bytes, derived_files.name
       from capture_outcomes
       join newest_derivations on subject = manifest_sha256 and kind = 'render'
       join derived_files using (derivation_id)
       where capture_outcomes.capture_id = any($1)
     )
     select distinct on (capture_id) capture_id as "captureId", sha256, role,
       media_type as "mediaType", size_bytes as "sizeBytes", name
     from held where role = any($2) and media_type like 'image/%'
       and sha256 not in (${takenDigests})
     order by capture_id, array_position($2, role), name`,
    [captureIds, roles],
  );
  return new Map(rows.map((row) => [row.captureId, row]));
}

/** Of each of these files the picture that shows it: itself, or the first keyframe of a recording. */
export async function stillsOfFiles(
  db: Queryable,
  sha256s: string[],
): Promise<Map<string, StillPicture>> {
  const { rows } = await db.query<StillPicture & { of: string }>(
    `with asked as (
       select distinct on (sha256) sha256, capture_id, role, media_type, size_bytes, name
       from artifacts where sha256 = any($1) order by sha256, stored_at, id
     ), shown as (
       select asked.sha256 as of, asked.* from asked where media_type like 'image/%'
       union all
       select asked.sha256, frame.sha256, asked.capture_id, frame.role, frame.media_type,
         frame.size_bytes, frame.name
       from asked
       join newest_derivations on subject = asked.sha256 and kind = 'keyframes'
       cross join lateral (
         select * from derived_files
         where derivation_id = newest_derivations.derivation_id and role = 'keyframe'
         order by name limit 1
       ) frame
     )
     select of, sha256, capture_id as "captureId", role, media_type as "mediaType",
       size_bytes as "sizeBytes", name from shown`,
    [sha256s],
  );
  return new Map(rows.map(({ of, ...still }) => [of, still]));
}
