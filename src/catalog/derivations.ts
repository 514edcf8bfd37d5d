/** Derivations and their files, by the digests of what they were made of. */
import type { NewArtifact } from '../model/artifact.ts';
import type { Derivation, DerivationKind, DerivationState } from '../model/derivation.ts';
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';
import type { CapturedText } from './texts.ts';

export interface DerivationRow {
  id: string;
  kind: DerivationKind;
  subject: string;
  inputs: string[];
  key: string;
  state: DerivationState;
  reason: string | null;
  /** Of the record in the vault. */
  recordSha256: string;
  tools: Record<string, unknown>;
  detail: Record<string, unknown>;
  startedAt: Date;
  finishedAt: Date;
}

/** A file of a derivation. Its name is relative to the subject. */
export interface DerivedFileRow extends Required<NewArtifact> {
  derivationId: string;
  kind: DerivationKind;
  subject: string;
  pdq: { hash: string; quality: number } | null;
  finishedAt: Date;
}

const columns = `
  id, kind, subject, inputs, key, state, reason, record_sha256 as "recordSha256", tools, detail,
  started_at as "startedAt", finished_at as "finishedAt"`;

/** Held until the transaction ends: whoever adds a derivation and whoever removes by order take turns. */
export async function lockDerivations(tx: Queryable): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('holdfast derivations', 0))`);
}

/** Writes a derivation and its files, once. @returns whether it is new */
export async function insertDerivation(
  tx: Queryable,
  derivation: Derivation,
  recordSha256: string,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into derivations (id, kind, subject, inputs, key, state, reason, record_sha256, tools,
       arguments, detail, started_at, finished_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     on conflict (id) do nothing`,
    [
      derivation.id,
      derivation.kind,
      derivation.subject,
      derivation.inputs,
      derivation.key,
      derivation.state,
      derivation.reason,
      recordSha256,
      storableJson(derivation.tools),
      storableJson(derivation.arguments),
      storableJson(derivation.detail),
      derivation.startedAt,
      derivation.finishedAt,
    ],
  );
  if (rowCount === 0) return false;
  await insertFiles(tx, derivation);
  if (derivation.state === 'done') await noteNewest(tx, derivation);
  return true;
}

async function insertFiles(tx: Queryable, { id, files }: Derivation): Promise<void> {
  if (files.length === 0) return;
  await tx.query(
    `insert into derived_files (derivation_id, name, role, media_type, size_bytes, sha256,
       derived_from, media, pdq, facts)
     select $2, name, role, "mediaType", "sizeBytes", sha256, "derivedFrom",
       nullif(media, 'null'), facts -> 'pdq', coalesce(facts, '{}')
     from jsonb_to_recordset($1) as row (name text, role text, "mediaType" text,
       "sizeBytes" bigint, sha256 text, "derivedFrom" text, media jsonb, facts jsonb)`,
    [storableJson(files), id],
  );
}

/** The newest that ended well is what everybody is shown; the ones before stay. */
async function noteNewest(tx: Queryable, { id, subject, kind }: Derivation): Promise<void> {
  await tx.query(
    `insert into newest_derivations (subject, kind, derivation_id) values ($1, $2, $3)
     on conflict (subject, kind) do update set derivation_id = excluded.derivation_id
     where (select finished_at from derivations where id = excluded.derivation_id)
       >= (select finished_at from derivations where id = newest_derivations.derivation_id)`,
    [subject, kind, id],
  );
}

/** Whether this is the one that everybody is shown. */
export async function isNewest(db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.query('select from newest_derivations where derivation_id = $1', [id]);
  return rows.length > 0;
}

/** The newest that ended well, of this kind and subject; `key`: only where tool and rules are the same. */
export async function newestDone(
  db: Queryable,
  subject: string,
  kind: DerivationKind,
  key?: string,
): Promise<DerivationRow | null> {
  const { rows } = await db.query<DerivationRow>(
    `select ${columns} from derivations
     where subject = $1 and kind = $2 and state = 'done' and ($3::text is null or key = $3)
     order by finished_at desc, id desc limit 1`,
    [subject, kind, key ?? null],
  );
  return rows[0] ?? null;
}

export async function derivationById(db: Queryable, id: string): Promise<DerivationRow | null> {
  const { rows } = await db.query<DerivationRow>(
    `select ${columns} from derivations where id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** By the digests of their records. */
export async function derivationsByRecord(
  db: Queryable,
  recordSha256s: string[],
): Promise<DerivationRow[]> {
  const { rows } = await db.query<DerivationRow>(
    `select ${columns} from derivations where record_sha256 = any($1) order by finished_at, id`,
    [recordSha256s],
  );
  return rows;
}

/** Of each kind and subject the newest, whatever became of it. */
export async function newestOf(db: Queryable, subjects: string[]): Promise<DerivationRow[]> {
  const { rows } = await db.query<DerivationRow>(
    `select distinct on (subject, kind) ${columns} from derivations
     where subject = any($1) order by subject, kind, finished_at desc, id desc`,
    [subjects],
  );
  return rows;
}

/** Files of the newest derivations of these subjects that ended well. */
export async function derivedFilesOf(db: Queryable, subjects: string[]): Promise<DerivedFileRow[]> {
  const { rows } = await db.query<DerivedFileRow>(
    `select derivations.id as "derivationId", derivations.kind, derivations.subject, name, role,
       media_type as "mediaType", size_bytes as "sizeBytes", sha256, derived_from as "derivedFrom",
       media, pdq, facts, finished_at as "finishedAt"
     from newest_derivations newest
     join derivations on derivations.id = newest.derivation_id
     join derived_files on derived_files.derivation_id = derivations.id
     where newest.subject = any($1)
     order by derivations.kind, newest.subject, name collate "C"`,
    [subjects],
  );
  return rows;
}

/** All files of one derivation. */
export async function filesOfDerivation(
  db: Queryable,
  derivationId: string,
): Promise<{ sha256: string; name: string; sizeBytes: number }[]> {
  const { rows } = await db.query<{ sha256: string; name: string; sizeBytes: number }>(
    `select sha256, name, size_bytes as "sizeBytes" from derived_files
     where derivation_id = $1 order by name collate "C"`,
    [derivationId],
  );
  return rows;
}

/** PDQ hashes of pictures, as their newest fingerprints have them. */
export async function pdqOf(
  db: Queryable,
  subjects: string[],
): Promise<Map<string, { hash: string; quality: number }>> {
  const { rows } = await db.query<{ subject: string; pdq: { hash: string; quality: number } }>(
    `select newest.subject, derivations.detail -> 'pdq' as pdq
     from newest_derivations newest join derivations on derivations.id = newest.derivation_id
     where newest.subject = any($1) and newest.kind = 'fingerprints'
       and derivations.detail -> 'pdq' is not null`,
    [subjects],
  );
  return new Map(rows.map(({ subject, pdq }) => [subject, pdq]));
}

/** Words of the newest reading replace those of the one before. */
export async function replaceTexts(
  tx: Queryable,
  { id, subject, kind }: Pick<Derivation, 'id' | 'subject' | 'kind'>,
  texts: CapturedText[],
): Promise<void> {
  await tx.query(
    `delete from derived_texts using derivations
     where derivations.id = derived_texts.derivation_id and derivations.subject = $1
       and derivations.kind = $2`,
    [subject, kind],
  );
  const worded = texts.filter(({ body }) => body.trim() !== '');
  if (worded.length === 0) return;
  await tx.query(
    `insert into derived_texts (derivation_id, name, kind, read_from, body)
     select $2, name, kind, "readFrom", body
     from jsonb_to_recordset($1) as row (name text, kind text, "readFrom" text, body text)
     on conflict do nothing`,
    [storableJson(worded), id],
  );
}

/** Everything that was made of these objects, and of what was made of them. */
export async function madeOf(db: Queryable, sha256s: string[]): Promise<DerivationRow[]> {
  const { rows } = await db.query<DerivationRow>(
    `with recursive reached (id) as (
       select id from derivations where inputs && $1
       union
       select further.id from reached
       join derived_files on derived_files.derivation_id = reached.id
       join derivations further on further.inputs @> array[derived_files.sha256]
     )
     select ${columns} from derivations where id in (select id from reached)
     order by finished_at, id`,
    [sha256s],
  );
  return rows;
}

/** Takes rows, words and fingerprints of these derivations away; the tables allow it once the order is written down. */
export async function forgetDerivations(
  tx: Queryable,
  derivations: Pick<DerivationRow, 'id'>[],
): Promise<void> {
  await tx.query('delete from derivations where id = any($1)', [derivations.map(({ id }) => id)]);
}

/** What the same reader made of the same picture, in whichever derivation. @returns its SHA-256 */
export async function readBefore(
  db: Queryable,
  picture: string,
  reader: string,
): Promise<string | null> {
  const { rows } = await db.query<{ sha256: string }>(
    `select sha256 from derived_files
     where derived_from = $1 and role = 'ocr' and facts ->> 'reader' = $2 limit 1`,
    [picture, reader],
  );
  return rows[0]?.sha256 ?? null;
}
