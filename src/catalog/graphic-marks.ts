/** Sources that people marked as graphic. Marks take inserts only; one is taken back by another. */
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

export interface GraphicMark {
  id: string;
  mark: 'graphic' | 'undo';
  /** `null` for `undo`, which names a mark. */
  sourceKey: string | null;
  /** SHA-256 of the originals that captures of the source held then. */
  files: string[];
  undoes: string | null;
  note: string | null;
  by: string;
  at: Date;
}

const columns = `
  id, mark, source_key as "sourceKey", files, undoes, note, marked_by as by, marked_at as at`;

const inForce = `
  select * from graphic_marks made where mark = 'graphic'
    and not exists (select from graphic_marks undo where undo.undoes = made.id)`;

/** One that is there already stays as it is. */
export async function insertMarks(db: Queryable, marks: GraphicMark[]): Promise<void> {
  await db.query(
    `insert into graphic_marks (id, mark, source_key, files, undoes, note, marked_by, marked_at)
     select id, mark, "sourceKey", files, undoes, note, by, at
     from jsonb_to_recordset($1) as row (id uuid, mark text, "sourceKey" text, files text[],
       undoes uuid, note text, by text, at timestamptz)
     on conflict (id) do nothing`,
    [storableJson(marks)],
  );
}

/** The marks in force on these sources, oldest first. */
export async function marksOn(db: Queryable, sourceKeys: string[]): Promise<GraphicMark[]> {
  const { rows } = await db.query<GraphicMark>(
    `select ${columns} from (${inForce}) mark
     where source_key in (select unnest($1::text[])) order by marked_at, id`,
    [sourceKeys],
  );
  return rows;
}

/** Of these captures, those that are of a marked source or hold one of its files, each with its first mark. */
export async function graphicAmong(
  db: Queryable,
  captureIds: string[],
): Promise<Map<string, GraphicMark>> {
  const { rows } = await db.query<GraphicMark & { captureId: string }>(
    `with in_force as materialized (${inForce})
     select capture.id as "captureId", mark.*
     from captures_resolved capture cross join lateral (
       select ${columns} from in_force
       where source_key = capture.source_key or files && array(
         select sha256 from artifacts
         where capture_id = capture.id and role in ('media.original', 'media.joined', 'file.original'))
       order by marked_at limit 1
     ) mark
     where capture.id = any($1) and exists (select from in_force)`,
    [captureIds],
  );
  return new Map(rows.map(({ captureId, ...mark }) => [captureId, mark]));
}

/** SHA-256 of every original that captures of this source hold. */
export async function originalsOf(db: Queryable, sourceKey: string): Promise<string[]> {
  const { rows } = await db.query<{ sha256: string }>(
    `select distinct sha256 from artifacts
     where role in ('media.original', 'media.joined', 'file.original') and capture_id in (
       select capture_id from capture_outcomes
       where md5(source_key) = md5($1) and source_key = $1)
     order by sha256`,
    [sourceKey],
  );
  return rows.map(({ sha256 }) => sha256);
}
