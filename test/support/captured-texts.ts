/** The searchable texts of a capture, as the catalog has them. */
import type { Queryable } from '../../src/catalog/database.ts';
import type { CapturedText } from '../../src/catalog/texts.ts';

export async function textsOf(db: Queryable, captureId: string): Promise<CapturedText[]> {
  const { rows } = await db.query<CapturedText>(
    `select name, kind, read_from as "readFrom", body from captured_texts
     where capture_id = $1 order by name collate "C"`,
    [captureId],
  );
  return rows;
}
