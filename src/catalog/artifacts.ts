/** The files that captures hold. Bytes are in the vault before a row names them. */
import { uuidv7 } from 'uuidv7';
import type { KeptArtifact, NewArtifact } from '../model/artifact.ts';
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

export interface ArtifactRow extends KeptArtifact {
  id: string;
  captureId: string;
  step: string;
  facts: Record<string, unknown>;
  storedAt: Date;
}

const columns = `
  id, capture_id as "captureId", step, role, name, media_type as "mediaType",
  size_bytes as "sizeBytes", sha256, derived_from as "derivedFrom", media, pdq, facts,
  stored_at as "storedAt"`;

/** A name that the capture already has keeps what it has. */
export async function insertArtifacts(
  db: Queryable,
  captureId: string,
  step: string,
  artifacts: (NewArtifact & { storedAt?: Date })[],
): Promise<void> {
  if (artifacts.length === 0) return;
  const now = new Date();
  const rows = artifacts.map((artifact) => ({ id: uuidv7(), storedAt: now, ...artifact }));
  await db.query(
    `insert into artifacts (id, capture_id, step, role, name, media_type, size_bytes, sha256,
       derived_from, media, pdq, facts, stored_at)
     select id, $2, $3, role, name, "mediaType", "sizeBytes", sha256,
       "derivedFrom", nullif(media, 'null'), facts -> 'pdq', coalesce(facts, '{}'), "storedAt"
     from jsonb_to_recordset($1) as row (id uuid, role text, name text, "mediaType" text,
       "sizeBytes" bigint, sha256 text, "derivedFrom" text, media jsonb, facts jsonb,
       "storedAt" timestamptz)
     on conflict (capture_id, name) do nothing`,
    [storableJson(rows), captureId, step],
  );
}

/** In the order in which they were stored; those stored together by name. */
export async function artifactsOf(db: Queryable, captureId: string): Promise<ArtifactRow[]> {
  const { rows } = await db.query<ArtifactRow>(
    `select ${columns} from artifacts where capture_id = $1 order by stored_at, name collate "C"`,
    [captureId],
  );
  return rows;
}

export async function artifactByName(
  db: Queryable,
  captureId: string,
  name: string,
): Promise<ArtifactRow | null> {
  const { rows } = await db.query<ArtifactRow>(
    `select ${columns} from artifacts where capture_id = $1 and name = $2`,
    [captureId, name],
  );
  return rows[0] ?? null;
}
