/** What was read in pictures and documents and heard in recordings, for searching; whole, with its boxes, it is an artifact. */
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

export interface CapturedText {
  /** Of the artifact that holds it. */
  name: string;
  kind: 'ocr' | 'transcript' | 'document';
  /** SHA-256 of the picture, frame or recording. */
  readFrom: string;
  body: string;
}

export async function insertTexts(
  db: Queryable,
  captureId: string,
  texts: CapturedText[],
): Promise<void> {
  const worded = texts.filter(({ body }) => body.trim() !== '');
  if (worded.length === 0) return;
  await db.query(
    `insert into captured_texts (capture_id, name, kind, read_from, body)
     select $2, name, kind, "readFrom", body
     from jsonb_to_recordset($1) as row (name text, kind text, "readFrom" text, body text)
     on conflict (capture_id, name) do nothing`,
    [storableJson(worded), captureId],
  );
}
