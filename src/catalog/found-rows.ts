/** What a list shows of each capture that was found. */
import type { FoundCapture } from '../model/found-capture.ts';
import type { Query } from '../search/query/query.ts';
import { soughtBy } from '../search/snippet.ts';
import type { Queryable } from './database.ts';
import { snippetsOf } from './found-snippets.ts';
import { sourcesNow } from './source-now.ts';

/** In the order of `captureIds`. */
export async function describeFound(
  db: Queryable,
  captureIds: string[],
  query: Query | null,
): Promise<FoundCapture[]> {
  if (captureIds.length === 0) return [];
  const rows = await rowsOf(db, captureIds);
  const now = await sourcesNow(
    db,
    rows.map((row) => row.source),
  );
  const sought = soughtBy(query);
  const snippets = sought === null ? null : await snippetsOf(db, captureIds, sought);
  return rows.map((row) => ({
    ...row,
    availability: now.get(row.source)?.availability ?? 'unknown',
    snippet: snippets?.get(row.id) ?? null,
  }));
}

async function rowsOf(db: Queryable, captureIds: string[]) {
  const { rows } = await db.query<Omit<FoundCapture, 'availability' | 'snippet'>>(
    `select capture.id, capture.source_key as source, asked.link, capture.state,
       capture.environment, capture.opened_at as "openedAt", capture.finished_at as "finishedAt",
       asked.case_name as "case", coalesce(searched.cases, '{}') as cases, post.author_handle as author,
       coalesce(split_part(ltrim(post.body, E' \\n'), E'\\n', 1), page.title) as "firstLine",
       (select count(*) from artifacts where capture_id = capture.id) as "artifactCount"
     from unnest($1::uuid[]) with ordinality as found (id, turn)
     join captures_resolved capture on capture.id = found.id
     join submissions asked on asked.id = capture.submission_id
     left join searchable_captures searched on searched.capture_id = capture.id
     left join captured_posts post on post.capture_id = capture.id
     left join lateral (
       select title from captured_pages where capture_id = capture.id and title is not null
       order by view limit 1
     ) page on true
     order by turn`,
    [captureIds],
  );
  return rows;
}
