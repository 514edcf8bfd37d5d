/** An archive to search in: captures of posts and pages, from a seed, with words as often as in real texts. */
import type { Database } from '../../src/catalog/database.ts';
import { saveSearchable } from '../../src/catalog/searchable.ts';
import { storableJson } from '../../src/catalog/storable.ts';
import { type CaptureContent, searchableRow } from '../../src/search/capture-row.ts';
import { seedAround, withoutKeys } from './find-seed-around.ts';
import { copiedTables, copyRows, numbered, rareEvery, revisits } from './find-seed-copies.ts';

const batch = 1_000;
export const firstOpened = Date.parse('2025-01-01T00:00:00Z');
const minuteMs = 60_000;
const english =
  'the convoy of army trucks was seen on that road by witnesses and they have said'.split(' ');
const arabic = 'شوهدت القوافل العسكرية قرب المستشفى في المدينة وقال الشهود إن الانفجار وقع'.split(
  ' ',
);
const syllables =
  'ka ro mi ten sul bar fen dor lis pra vek hon zu ash gel tor nim qua xe bri'.split(' ');

/** Stands in every fifth capture. */
export const commonWord = 'convoys';
/** In three captures that follow each other. */
export const rareWord = (n: number) => `rare${n - (n % rareEvery)}`;
export const caseOf = (n: number) => `case-${n % 400}`;
export const authorOf = (n: number) => `author_${(n * 7) % 5_000}`;
export const middlingWord = (rank: number) => wordOf(rank);

/** So many captures have words of their own; the others are copies of them, with other times and rare words. */
const distinct = 20_000;

/** Fills an empty catalog with `size` captures, rows of truth and rows of search alike, and what lies around them. */
export async function seed(
  database: Database,
  size: number,
  say: (line: string) => void,
): Promise<void> {
  const startedAt = performance.now();
  const sayWhen = (line: string) =>
    say(`${line}, ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  await database.query(`set maintenance_work_mem = '1GB'`);
  await withoutKeys(database, 'searchable_captures', async () => {
    for (let from = 0; from < Math.min(size, distinct); from += batch) {
      const contents = range(from, Math.min(from + batch, size)).map(contentOf);
      await insert(database, contents);
      await saveSearchable(database, contents.map(searchableRow));
    }
    sayWhen(`${Math.min(size, distinct)} captures with words of their own`);
    for (let from = distinct; from < size; from += distinct)
      await copyRows(database, numbered(from, Math.min(distinct, size - from)));
    sayWhen(`${size} captures`);
    await copyRows(database, revisits(size));
  });
  for (const table of copiedTables) await database.query(`vacuum (analyze) ${table}`);
  sayWhen('with their keys');
  await seedAround(database, size, sayWhen);
}

/** Rows as stages write them, without the jobs that these would begin. */
export async function insert(database: Database, contents: CaptureContent[]): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    await tx.query(
      `with row as (select * from jsonb_to_recordset($1) as row
         ("captureId" uuid, "openedAt" timestamptz, "sourceKey" text, state text, link text,
          "caseName" text, author text, body text, title text, page text)),
       asked as (
         insert into submissions (id, batch_id, position, link, source_key, capture_id, case_name,
           submitted_by, origin, submitted_at)
         select "captureId", "captureId", 0, link, "sourceKey", "captureId", "caseName", 'bench',
           'human', "openedAt" from row),
       opened as (
         insert into captures select "captureId", "captureId", "sourceKey", 'demo', "openedAt" from row),
       closed as (
         insert into capture_outcomes
         select "captureId", "sourceKey", state, repeat('0', 64), "openedAt", "openedAt" from row),
       posted as (
         insert into captured_posts (capture_id, post_id, author_handle, body, post)
         select "captureId", '1', author, body, jsonb_build_object('id', '1', 'text', body,
           'author', jsonb_build_object('handle', author)) from row where body is not null)
       insert into captured_pages (capture_id, view, final_url, title, body)
       select "captureId", 'page', link, title, page from row where page is not null`,
      [storableJson(contents.map(rowOf))],
    );
  });
}

function rowOf({ submissions, post, pages, ...content }: CaptureContent) {
  const [asked] = submissions;
  return {
    ...content,
    link: asked?.link,
    caseName: content.cases[0] ?? null,
    author: post?.author?.handle ?? null,
    body: post?.text ?? null,
    title: pages[0]?.title ?? null,
    page: pages[0]?.body ?? null,
  };
}

export function contentOf(n: number): CaptureContent {
  const isPage = n % 20 === 0;
  const link = isPage ? `https://news${n % 97}.example.org/a/${n}` : `https://x.com/i/status/${n}`;
  const sourceKey = isPage ? `web:${link}` : `x:status:${n}`;
  const text = textOf(n, isPage ? 250 : 22);
  return {
    captureId: idOf(n),
    openedAt: new Date(firstOpened + n * minuteMs),
    sourceKey,
    askedKey: sourceKey,
    state: n % 50 === 0 ? 'partial' : 'complete',
    hasChanged: n % 33 === 0,
    submissions: [{ link, note: null }],
    cases: n % 3 === 0 ? [caseOf(n)] : [],
    tags: [],
    notes: [],
    post: isPage ? null : { text, author: { handle: authorOf(n) } },
    pages: isPage ? [{ title: textOf(n + 1, 6), finalUrl: link, body: text }] : [],
    texts: [],
    mediaTypes: n % 4 === 0 ? ['video/mp4'] : n % 4 === 1 ? ['image/jpeg'] : [],
  };
}

export function idOf(n: number): string {
  return `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** Half of the words are those of its language, half from a long tail, each rarer than the one before. */
function textOf(n: number, length: number): string {
  const common = n % 10 === 7 ? arabic : english;
  const random = randomFrom(n);
  const words = Array.from({ length }, (_, i) =>
    i % 2 === 0 ? (common[Math.floor(random() * common.length)] ?? '') : wordOf(tail(random())),
  ).filter((word) => !word.startsWith('convoy'));
  if (n % 5 === 0) words.push(commonWord);
  if (n % rareEvery < 3) words.push(rareWord(n));
  return words.join(' ');
}

/** Zipf: the word of rank k about as often as 1 / k; 300,000 words. */
function tail(chance: number): number {
  return Math.floor(300_000 ** chance);
}

function wordOf(rank: number): string {
  let word = '';
  for (let rest = rank + 21; rest > 0; rest = Math.floor(rest / 20)) word += syllables[rest % 20];
  return word;
}

/** mulberry32 */
function randomFrom(n: number): () => number {
  let state = (n * 2_654_435_761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
