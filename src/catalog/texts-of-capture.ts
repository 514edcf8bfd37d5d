/** Words that were read in pictures and heard in recordings of one capture, as the newest reader has them. */
import type { Queryable } from './database.ts';

export interface ReadText {
  name: string;
  kind: 'ocr' | 'transcript' | 'document';
  body: string;
}

export async function textsOfCapture(db: Queryable, captureId: string): Promise<ReadText[]> {
  const { rows } = await db.query<ReadText>(
    `select name, kind, body from captured_texts where capture_id = $1
     union all
     select derived_texts.name, derived_texts.kind, derived_texts.body
     from (select distinct sha256 from artifacts where capture_id = $1) held
     join derivations on derivations.subject = held.sha256
     join derived_texts on derived_texts.derivation_id = derivations.id
     order by kind, name`,
    [captureId],
  );
  return rows;
}
