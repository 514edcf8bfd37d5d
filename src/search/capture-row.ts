/** Everything that a person may remember of a capture → the row that it is searched by. */
import { filterMark, indexWords, type WeightedText } from './index-words.ts';
import { timeMarks } from './query/times.ts';

/** What the catalog holds of one capture. */
export interface CaptureContent {
  captureId: string;
  openedAt: Date;
  sourceKey: string;
  askedKey: string;
  state: string | null;
  hasChanged: boolean;
  submissions: { link: string; note: string | null }[];
  /** That its source is in. */
  cases: string[];
  /** In force on it. */
  tags: string[];
  /** Written about it or its source, beside those of submissions. */
  notes: string[];
  /** Whole, as the platform's record gave it. */
  post: PostJson | null;
  pages: { title: string | null; finalUrl: string; body: string }[];
  /** Read in pictures, heard in recordings. */
  texts: { kind: string; body: string }[];
  /** Of the originals. */
  mediaTypes: string[];
}

/** What is read of a post here; everything else in it is walked through for words. */
interface PostJson {
  author?: { id?: string | null; handle?: string | null; name?: string | null };
  text?: string;
  [field: string]: unknown;
}

export interface SearchableRow {
  captureId: string;
  openedAt: Date;
  sourceKey: string;
  state: string;
  platform: string;
  host: string | null;
  author: string | null;
  cases: string[];
  tags: string[];
  languages: string[];
  has: string[];
  addresses: string;
  /** Text of a `tsvector`. */
  words: string;
}

export function searchableRow(content: CaptureContent): SearchableRow {
  const { captureId, openedAt, sourceKey, state, post } = content;
  const hosts = hostsOf(content);
  const row = {
    captureId,
    openedAt,
    sourceKey,
    state: state ?? 'unfinished',
    platform: sourceKey.slice(0, Math.max(0, sourceKey.indexOf(':'))),
    host: hosts[0] ?? null,
    author: post?.author?.handle ?? null,
    cases: distinct(content.cases),
    tags: distinct(content.tags),
    has: heldBy(content),
    addresses: addressesOf(content),
  };
  const marks = marksOf(content, { ...row, hosts });
  const { vector, languages } = indexWords(textsOf(content), marks);
  return { ...row, languages, words: vector };
}

/** What counts most comes first: of a capture with very many words the last are not searchable. */
function textsOf(content: CaptureContent): WeightedText[] {
  const { submissions, cases, tags, notes, post, pages, texts } = content;
  const weighted = (weight: WeightedText['weight'], found: (string | null | undefined)[]) =>
    distinct(found).map((text) => ({ weight, text }));
  return [
    ...weighted('A', [post?.text, post?.author?.handle, post?.author?.name]),
    ...weighted(
      'A',
      pages.map(({ title }) => title),
    ),
    ...weighted('B', [...cases, ...tags, ...notes, ...submissions.map(({ note }) => note)]),
    ...weighted('C', post === null ? [] : wordsWithin({ ...post, text: null, author: null })),
    ...weighted(
      'C',
      pages.map(({ body }) => body),
    ),
    ...weighted(
      'D',
      texts.map(({ body }) => body),
    ),
    ...weighted('D', [
      ...submissions.map(({ link }) => link),
      ...pages.map(({ finalUrl }) => finalUrl),
    ]),
  ];
}

/** Fields of a post and of what it quotes that hold words. */
const worded = new Set([
  'text',
  'name',
  'handle',
  'title',
  'description',
  'preview',
  'altText',
  'label',
  'place',
  'expanded',
]);
const deepestPost = 8;

function wordsWithin(value: unknown, depth = 0): string[] {
  if (depth > deepestPost || value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([field, held]) =>
    typeof held === 'string' ? (worded.has(field) ? [held] : []) : wordsWithin(held, depth + 1),
  );
}

function marksOf(
  { openedAt, hasChanged, post }: CaptureContent,
  row: Pick<SearchableRow, 'state' | 'platform' | 'cases' | 'tags' | 'has'> & { hosts: string[] },
): string[] {
  const marks = (field: string, values: (string | null | undefined)[]) =>
    distinct(values).map((value) => filterMark(field, value));
  return [
    ...timeMarks(openedAt),
    ...marks('platform', [row.platform]),
    ...marks('state', [row.state]),
    ...marks('changed', [hasChanged ? 'yes' : 'no']),
    ...marks('author', [post?.author?.handle, post?.author?.id]),
    ...marks('case', row.cases),
    ...marks('tag', row.tags),
    ...marks('has', row.has),
    ...marks('host', row.hosts.flatMap(withParents)),
  ];
}

/** What is kept under `has:`. */
function heldBy({ post, pages, texts, mediaTypes, submissions, notes }: CaptureContent): string[] {
  const media = (kind: string) => mediaTypes.some((type) => type.startsWith(kind));
  const held: [string, boolean][] = [
    ['post', post !== null],
    ['page', pages.length > 0],
    ['picture', media('image/')],
    ['video', media('video/')],
    ['audio', media('audio/')],
    [
      'document',
      texts.some(({ kind }) => kind === 'document') ||
        mediaTypes.some((type) => /^application\/(?:pdf|msword|vnd\.)|^text\/csv/.test(type)),
    ],
    ['text-in-pictures', texts.some(({ kind }) => kind === 'ocr')],
    ['transcript', texts.some(({ kind }) => kind === 'transcript')],
    ['note', notes.length > 0 || submissions.some(({ note }) => note !== null)],
  ];
  return held.flatMap(([name, holds]) => (holds ? name : []));
}

function hostsOf({ sourceKey, pages, submissions }: CaptureContent): string[] {
  const addresses = [
    sourceKey.replace(/^web:/, ''),
    ...pages.map(({ finalUrl }) => finalUrl),
    ...submissions.map(({ link }) => link),
  ];
  return distinct(addresses.map((address) => URL.parse(address)?.hostname)).slice(0, 50);
}

/** `www.example.org` is found as `example.org` too; `org` says nothing. */
function withParents(host: string): string[] {
  const labels = host.split('.');
  return labels.slice(0, Math.max(1, labels.length - 1)).map((_, i) => labels.slice(i).join('.'));
}

const longestAddresses = 20_000;

function addressesOf({ sourceKey, askedKey, pages, submissions, post }: CaptureContent): string {
  const handle = post?.author?.handle;
  return distinct([
    ...submissions.map(({ link }) => link),
    sourceKey,
    askedKey,
    ...pages.map(({ finalUrl }) => finalUrl),
    handle == null ? null : `@${handle}`,
  ])
    .map((address) => address.toLowerCase().slice(0, 2_000))
    .join('\n')
    .slice(0, longestAddresses);
}

function distinct(values: (string | null | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value != null && value !== ''))] as string[];
}
