/** Two captures side by side: what changed between them, and what did not. */
import { NotFoundError } from '../../base/errors.ts';
import { type CapturedPage, pagesOf } from '../../catalog/pages.ts';
import { type ReadText, textsOfCapture } from '../../catalog/texts-of-capture.ts';
import type { CaptureRecord } from '../../model/capture-record.ts';
import type { Parts } from '../parts.ts';
import { type ComparedRecord, compareRecords } from './compare-records.ts';
import { showCapture } from './show.ts';

export type ComparedFile = CaptureRecord['artifacts'][number];

export interface Side {
  record: CaptureRecord;
  pages: CapturedPage[];
  read: ReadText[];
}

/** One thing that is known of both, or of one. */
export interface Fact {
  name: 'state' | 'author-name' | 'author-handle' | 'claimed-at' | 'title' | 'address' | 'status';
  /** Which view of the page; `null` for what is not of a page. */
  view: string | null;
  before: string | null;
  after: string | null;
}

/** Words of one place: the post, a view of the page, or what was read in a file. */
export interface ComparedText {
  what: 'post' | 'page' | ReadText['kind'];
  name: string;
  before: string | null;
  after: string | null;
}

export interface PicturePair {
  role: string;
  before: ComparedFile;
  after: ComparedFile;
}

export interface ComparedCaptures {
  before: Side;
  after: Side;
  facts: Fact[];
  texts: ComparedText[];
  pictures: PicturePair[];
  /** Originals by digest: in both, in the first only, in the second only. */
  media: { kept: ComparedFile[]; lost: ComparedFile[]; added: ComparedFile[] };
  /** The platform's own records, field by field. */
  records: ComparedRecord[];
}

/** The older one first, whichever was named first. @throws NotFoundError `no-capture` */
export async function compareTwo(
  parts: Parts,
  ids: readonly [string, string],
): Promise<ComparedCaptures> {
  const [one, other] = await Promise.all([sideOf(parts, ids[0]), sideOf(parts, ids[1])]);
  const inOrder = one.record.startedAt <= other.record.startedAt;
  const [before, after] = inOrder ? [one, other] : [other, one];
  return {
    before,
    after,
    facts: factsOf(before, after),
    texts: textsOf(before, after),
    pictures: picturesOf(before.record, after.record),
    media: mediaOf(before.record, after.record),
    records: await compareRecords(parts.vault, before.record, after.record),
  };
}

async function sideOf(parts: Parts, captureId: string): Promise<Side> {
  const { database } = parts;
  const record = await showCapture(parts, captureId);
  if (record === null) throw new NotFoundError('no-capture', `there is no capture ${captureId}`);
  return {
    record,
    pages: await pagesOf(database, captureId),
    read: await textsOfCapture(database, captureId),
  };
}

function factsOf(before: Side, after: Side): Fact[] {
  const ofCapture: [Fact['name'], (side: Side) => string | null][] = [
    ['state', ({ record }) => record.state],
    ['author-name', ({ record }) => record.post?.author.name ?? null],
    ['author-handle', ({ record }) => record.post?.author.handle ?? null],
    ['claimed-at', ({ record }) => record.post?.claimedAt ?? null],
  ];
  const ofPage: [Fact['name'], (page: CapturedPage | undefined) => string | null][] = [
    ['title', (page) => page?.title ?? null],
    ['address', (page) => page?.finalUrl ?? null],
    ['status', (page) => page?.httpStatus?.toString() ?? null],
  ];
  const of = ({ pages }: Side, view: string) => pages.find((page) => page.view === view);
  return [
    ...ofCapture.map(([name, read]) => ({
      ...{ name, view: null, before: read(before), after: read(after) },
    })),
    ...viewsOf(before, after).flatMap((view) =>
      ofPage.map(([name, read]) => ({
        ...{ name, view, before: read(of(before, view)), after: read(of(after, view)) },
      })),
    ),
  ].filter((fact) => fact.before !== null || fact.after !== null);
}

function viewsOf(before: Side, after: Side): string[] {
  return [...new Set([...before.pages, ...after.pages].map(({ view }) => view))];
}

/** What both hold, and what only one of them does. */
function textsOf(before: Side, after: Side): ComparedText[] {
  const [then, now] = [wordsOf(before), wordsOf(after)];
  return [...new Map([...then, ...now]).values()].map(({ what, name }) => {
    const key = `${what} ${name}`;
    return {
      ...{ what, name, before: then.get(key)?.body ?? null, after: now.get(key)?.body ?? null },
    };
  });
}

function wordsOf({ record: { post }, pages, read }: Side) {
  const words: { what: ComparedText['what']; name: string; body: string }[] = [
    ...(post === null ? [] : [{ what: 'post' as const, name: '', body: post.text }]),
    ...pages.map(({ view, body }) => ({ what: 'page' as const, name: view, body })),
    ...read.map(({ kind, name, body }) => ({ what: kind, name, body })),
  ];
  return new Map(words.map((one) => [`${one.what} ${one.name}`, one]));
}

/** In the order in which they tell most. */
const comparedRoles = [
  ...['screenshot.focal', 'screenshot.viewport', 'screenshot.full', 'screenshot.scrolled'],
  'render',
];

function picturesOf(before: CaptureRecord, after: CaptureRecord): PicturePair[] {
  const pairs = picturePairs(before, after);
  // Our own rendering tells the time of its capture: it differs where nothing else does.
  const seen = pairs.filter(({ role }) => role !== 'render');
  return seen.length > 0 ? seen : pairs;
}

function picturePairs(before: CaptureRecord, after: CaptureRecord): PicturePair[] {
  return before.artifacts
    .filter(({ role, mediaType }) => comparedRoles.includes(role) && /^image\//.test(mediaType))
    .toSorted((a, b) => comparedRoles.indexOf(a.role) - comparedRoles.indexOf(b.role))
    .flatMap((then) => {
      const now = after.artifacts.find(
        ({ role, name }) => role === then.role && name === then.name,
      );
      return now === undefined ? [] : [{ role: then.role, before: then, after: now }];
    });
}

const originalRoles = ['media.original', 'media.joined', 'file.original'];

function mediaOf(before: CaptureRecord, after: CaptureRecord): ComparedCaptures['media'] {
  const originals = ({ artifacts }: CaptureRecord) =>
    artifacts.filter(({ role }) => originalRoles.includes(role));
  const [then, now] = [originals(before), originals(after)];
  const isIn = (files: ComparedFile[], { sha256 }: ComparedFile) =>
    files.some((file) => file.sha256 === sha256);
  return {
    kept: now.filter((file) => isIn(then, file)),
    lost: then.filter((file) => !isIn(now, file)),
    added: now.filter((file) => !isIn(then, file)),
  };
}
