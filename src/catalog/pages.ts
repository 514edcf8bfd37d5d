/** Pages as captures saw them, one row a view. */
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

export interface CapturedPage {
  view: string;
  finalUrl: string;
  httpStatus: number | null;
  title: string | null;
  /** Visible text. */
  body: string;
}

export async function insertPages(
  db: Queryable,
  captureId: string,
  pages: CapturedPage[],
): Promise<void> {
  if (pages.length === 0) return;
  await db.query(
    `insert into captured_pages (capture_id, view, final_url, http_status, title, body)
     select $2, view, "finalUrl", "httpStatus", title, body
     from jsonb_to_recordset($1) as row
       (view text, "finalUrl" text, "httpStatus" int, title text, body text)
     on conflict (capture_id, view) do nothing`,
    [storableJson(pages), captureId],
  );
}

/** Without their words, which may be long. */
export async function pageAnswersOf(
  db: Queryable,
  captureId: string,
): Promise<Pick<CapturedPage, 'view' | 'finalUrl' | 'httpStatus'>[]> {
  const { rows } = await db.query<CapturedPage>(
    `select view, final_url as "finalUrl", http_status as "httpStatus"
     from captured_pages where capture_id = $1 order by view collate "C"`,
    [captureId],
  );
  return rows;
}

export async function pagesOf(db: Queryable, captureId: string): Promise<CapturedPage[]> {
  const { rows } = await db.query<CapturedPage>(
    `select view, final_url as "finalUrl", http_status as "httpStatus", title, body
     from captured_pages where capture_id = $1 order by view collate "C"`,
    [captureId],
  );
  return rows;
}
