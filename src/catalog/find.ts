/** Finding captures again: by words, source, author, case, digest … newest first. */

import { UsageError } from '../base/errors.ts';
import type { FoundCapture, FoundPage, Question } from '../model/found-capture.ts';
import { canonicalSource } from './aliases.ts';
import type { Queryable } from './database.ts';
import { sourcesNow } from './source-now.ts';

/** @throws UsageError `bad-cursor`, `bad-state` */
export async function findCaptures(db: Queryable, question: Question): Promise<FoundPage> {
  const limit = question.limit ?? 100;
  const { conditions, params } = await conditionsFor(db, question);
  const { rows } = await db.query<
    Omit<FoundCapture, 'availability' | 'snippet'> & { openedUs: number }
  >(
    `select capture.id, capture.source_key as source, asked.link, capture.state,
       capture.environment, capture.opened_at as "openedAt", capture.finished_at as "finishedAt",
       asked.case_name as "case", post.author_handle as author,
       coalesce(split_part(ltrim(post.body, E' \\n'), E'\\n', 1), page.title) as "firstLine",
       (select count(*) from artifacts where capture_id = capture.id) as "artifactCount",
       (extract(epoch from capture.opened_at) * 1000000)::bigint as "openedUs"
     from captures_resolved capture
     join submissions asked on asked.id = capture.submission_id
     left join captured_posts post on post.capture_id = capture.id
     left join lateral (
       select title from captured_pages where capture_id = capture.id and title is not null
       order by view limit 1
     ) page on true
     where ${conditions.join('\n       and ')}
     order by capture.opened_at desc, capture.id desc
     limit $1`,
    [limit + 1, ...params],
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > shown.length && last !== undefined;
  const now = await sourcesNow(
    db,
    shown.map((row) => row.source),
  );
  return {
    rows: shown.map(({ openedUs: _, ...row }) => ({
      ...row,
      snippet: null,
      availability: now.get(row.source)?.availability ?? 'unknown',
    })),
    next: more ? writeCursor(last.openedUs, last.id) : null,
    ranked: 'all',
    notYetSearchable: 0,
  };
}

/** Each condition names its own parameters; `$1` is the limit. */
async function conditionsFor(db: Queryable, question: Question) {
  const params: unknown[] = [];
  const conditions = ['true'];
  const add = (condition: (param: string) => string, value: unknown) => {
    params.push(value);
    conditions.push(condition(`$${params.length + 1}`));
  };
  const { text, source, platform, author, state, sha256, since, until } = question;
  if (text) add(holdsText, text);
  if (source) add(isOfSource, await canonicalSource(db, source));
  if (platform) add((p) => `split_part(capture.source_key, ':', 1) = ${p}`, platform);
  if (author) add(isByAuthor, author.replace(/^@/, ''));
  if (state) {
    if (state === 'unfinished') conditions.push('capture.state is null');
    else add((p) => `capture.state = ${p}`, knownState(state));
  }
  if (question.case) add((p) => `asked.case_name = ${p}`, question.case);
  if (question.tag) add((p) => `asked.tags @> array[${p}::text]`, question.tag);
  if (since) add((p) => `capture.opened_at >= ${p}`, since);
  if (until) add((p) => `capture.opened_at < ${p}`, until);
  if (sha256) {
    add(isHolding, sha256);
  }
  if (question.after) {
    const { openedUs, id } = readCursor(question.after);
    params.push(openedUs, id);
    conditions.push(`(capture.opened_at, capture.id) < (
      'epoch'::timestamptz + $${params.length}::bigint * interval '1 microsecond',
      $${params.length + 1}::uuid)`);
  }
  return { conditions, params };
}

function holdsText(p: string): string {
  return `capture.id in (
      select capture_id from captured_posts where search @@ websearch_to_tsquery('simple', ${p})
      union
      select capture_id from captured_pages where search @@ websearch_to_tsquery('simple', ${p})
      union
      select capture_id from captured_texts
      where search @@ websearch_to_tsquery('simple', searchable_text(${p}))
        or search @@ websearch_to_tsquery('arabic', searchable_text(${p}))
        or search @@ websearch_to_tsquery('english', searchable_text(${p}))
      union
      select artifacts.capture_id from derived_texts
      join derivations on derivations.id = derived_texts.derivation_id
      join artifacts on artifacts.sha256 = derivations.subject
      where derived_texts.search @@ websearch_to_tsquery('simple', searchable_text(${p}))
        or derived_texts.search @@ websearch_to_tsquery('arabic', searchable_text(${p}))
        or derived_texts.search @@ websearch_to_tsquery('english', searchable_text(${p}))
      union
      select captures.id from captures join submissions on submissions.id = submission_id
      where lower(case_name) = lower(${p}) or tags @> array[${p}::text]
        or strpos(lower(link), lower(${p})) > 0)`;
}

/** As evidence, or as what was made of it. */
function isHolding(p: string): string {
  return `capture.id in (
      select capture_id from artifacts where sha256 = ${p}
      union
      select artifacts.capture_id from derived_files
      join derivations on derivations.id = derivation_id
      join artifacts on artifacts.sha256 = derivations.subject
      where derived_files.sha256 = ${p})`;
}

function isOfSource(p: string): string {
  return `capture.source_key = ${p} and capture.id in (
      select id from captures where md5(source_key) = md5(${p})
      union all
      select capture_id from source_aliases where md5(source_key) = md5(${p})
      union all
      select capture_id from capture_outcomes where md5(source_key) = md5(${p}))`;
}

function isByAuthor(p: string): string {
  return `md5(lower(post.author_handle)) = md5(lower(${p}))
      and lower(post.author_handle) = lower(${p})`;
}

function knownState(state: string): string {
  const known = ['complete', 'partial', 'blocked', 'failed'];
  if (known.includes(state)) return state;
  throw new UsageError(
    'bad-state',
    `"${state}" is not a valid state: use ${known.join(', ')} or unfinished`,
  );
}

function writeCursor(openedUs: number, id: string): string {
  return Buffer.from(`${openedUs} ${id}`).toString('base64url');
}

function readCursor(cursor: string): { openedUs: string; id: string } {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const [, openedUs, id] =
    /^(-?\d{1,18}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text) ?? [];
  if (openedUs !== undefined && id !== undefined) return { openedUs, id };
  throw new UsageError(
    'bad-cursor',
    `${cursor} is not a place in a list; use the one that was printed`,
  );
}
