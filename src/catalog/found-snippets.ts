/** Where the words of a question stand in what was found. */
import type { FoundSnippet } from '../model/found-capture.ts';
import type { CaptureContent } from '../search/capture-row.ts';
import { type Sought, snippetOf } from '../search/snippet.ts';
import type { Queryable } from './database.ts';
import { contentOf } from './searchable.ts';

type Text = [from: FoundSnippet['from'], text: string];

/** Snippets are looked for this far into each text. */
const searchedText = 20_000;

/**
 * By capture; those without one are left out. Posts and pages, where most is found, are quick to
 * read; everything else that a capture is found by is read only where they hold nothing.
 */
export async function snippetsOf(
  db: Queryable,
  captureIds: string[],
  sought: Sought,
): Promise<Map<string, FoundSnippet>> {
  const found = new Map<string, FoundSnippet>();
  const look = (captureId: string, [from, text]: Text) => {
    if (found.has(captureId)) return;
    const snippet = snippetOf(text, sought);
    if (snippet !== null) found.set(captureId, { from, ...snippet });
  };
  for (const { captureId, from, text } of await shownTexts(db, captureIds))
    look(captureId, [from, text]);
  const left = captureIds.filter((id) => !found.has(id));
  if (left.length === 0) return found;
  const part = { textLength: searchedText, withOrder: false };
  for (const content of await contentOf(db, left, part))
    for (const text of otherTexts(content)) look(content.captureId, text);
  return found;
}

/** Of each capture its post, then its pages: the same words as `contentOf` gives. */
async function shownTexts(db: Queryable, captureIds: string[]) {
  const { rows } = await db.query<{ captureId: string; from: 'post' | 'page'; text: string }>(
    `select capture_id as "captureId", 'post' as from, '' as view,
       left(post ->> 'text', $2) as text
     from captured_posts where capture_id = any($1) and post ->> 'text' is not null
     union all
     select capture_id, 'page', view, concat(title, E'\\n', left(body, $2))
     from captured_pages where capture_id = any($1)
     order by "captureId", "from" desc, view`,
    [captureIds, searchedText],
  );
  return rows;
}

const readFrom: Record<string, FoundSnippet['from']> = { ocr: 'picture', transcript: 'recording' };

function otherTexts({ texts, submissions, notes }: CaptureContent): Text[] {
  const written = [...submissions.map(({ note }) => note), ...notes].filter(
    (note) => note !== null,
  );
  return [
    ...texts.map(({ kind, body }): Text => [readFrom[kind] ?? 'document', body]),
    ...written.map((note): Text => ['note', note]),
  ];
}
