/** What a list shows of each capture that was found. */
import type { FoundCapture, FoundSnippet } from '../model/found-capture.ts';
import type { CaptureContent } from '../search/capture-row.ts';
import type { Query } from '../search/query/query.ts';
import { type Sought, snippetOf, soughtBy } from '../search/snippet.ts';
import type { Queryable } from './database.ts';
import { contentOf } from './searchable.ts';
import { sourcesNow } from './source-now.ts';

/** Snippets are looked for this far into each text. */
const searchedText = 20_000;

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
  const snippets = await snippetsOf(db, captureIds, soughtBy(query));
  return rows.map((row) => ({
    ...row,
    availability: now.get(row.source)?.availability ?? 'unknown',
    snippet: snippets.get(row.id) ?? null,
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

async function snippetsOf(
  db: Queryable,
  captureIds: string[],
  sought: Sought | null,
): Promise<Map<string, FoundSnippet>> {
  const found = new Map<string, FoundSnippet>();
  if (sought === null) return found;
  const part = { textLength: searchedText, withOrder: false };
  for (const content of await contentOf(db, captureIds, part)) {
    const snippet = snippetIn(content, sought);
    if (snippet !== null) found.set(content.captureId, snippet);
  }
  return found;
}

function snippetIn(content: CaptureContent, sought: Sought): FoundSnippet | null {
  for (const [from, text] of textsOf(content)) {
    const snippet = snippetOf(text, sought);
    if (snippet !== null) return { from, ...snippet };
  }
  return null;
}

const readFrom: Record<string, FoundSnippet['from']> = { ocr: 'picture', transcript: 'recording' };

function textsOf({ post, pages, texts, submissions, notes }: CaptureContent) {
  const all: [FoundSnippet['from'], string | null | undefined][] = [
    ['post', post?.text],
    ...pages.map(({ title, body }) => ['page', `${title ?? ''}\n${body}`] as const),
    ...texts.map(({ kind, body }) => [readFrom[kind] ?? 'document', body] as const),
    ...[...submissions.map(({ note }) => note), ...notes].map((note) => ['note', note] as const),
  ].map(([from, text]) => [from as FoundSnippet['from'], text as string | null | undefined]);
  return all.filter((one): one is [FoundSnippet['from'], string] => one[1] != null);
}
