/** What differs between two captures of one source. Pure; the pipeline brings the captures. */
import { createHash } from 'node:crypto';
import { type ComparedFile, mediaChanges } from './media-change.ts';
import { type TextChange, textChange } from './text-change.ts';

/** One capture as far as it is compared. */
export interface Compared {
  post: ComparedPost | null;
  /** Views of a page that is the thing itself; none where a post is. */
  pages: ComparedPage[];
  /** The source's own pictures and videos. */
  media: ComparedFile[];
  avatar: ComparedFile | null;
}

export interface ComparedPost {
  id: string;
  author: { id: string | null; handle: string | null; name: string | null };
  text: string;
  textTruncated: boolean;
  /** The text may be the platform's notice in place of the author's words. */
  mayBeNotice: boolean;
  possiblySensitive: boolean | null;
  /** By id of media: why it can't be had. */
  unavailable: Record<string, string | null>;
}

export interface ComparedPage {
  view: string;
  httpStatus: number | null;
  finalUrl: string;
  title: string | null;
  text: string;
  picture: ComparedFile | null;
}

export interface Change {
  aspect:
    | 'text'
    | 'media'
    | 'author-name'
    | 'author-handle'
    | 'author-picture'
    | 'author'
    | 'sensitivity'
    | 'page-status'
    | 'page-title'
    | 'page-text'
    | 'page-picture';
  /** Which kind of change: of texts and media as their comparisons name it. */
  how: string;
  /** SHA-256 of what it was and of what it is; `null` where there was or is nothing. */
  beforeSha256: string | null;
  afterSha256: string | null;
  /** Sizes of the change, never its content: an event is told to people who may not see that. */
  facts: Record<string, string | number | null>;
}

/** At most so many bits of 256 differ between two pictures of a page on which nothing happened. */
const samePicture = 31;

/** In text, record and pages: known as soon as both captures are closed. */
export function recordChanges(before: Compared, after: Compared): Change[] {
  return [
    ...postChanges(before.post, after.post),
    ...after.pages.flatMap((page) => {
      const then = before.pages.find(({ view }) => view === page.view);
      return then === undefined ? [] : pageChanges(then, page);
    }),
  ];
}

/** In pictures and videos: known once both captures have their fingerprints. */
export function mediaChangesBetween(before: Compared, after: Compared): Change[] {
  return [...avatarChange(before, after), ...mediaOf(before, after)];
}

/**
 * A post that can't be seen now is no edited post: whether it is gone or withheld is for the
 * observations to say. Counters are not here at all.
 */
function postChanges(before: ComparedPost | null, after: ComparedPost | null): Change[] {
  if (before === null || after === null) return [];
  const changes: Change[] = [];
  // Where only the beginning of a long text could be had, nothing can be said of the text; nor
  // where it may not be the author's.
  const isAuthors = !before.mayBeNotice && !after.mayBeNotice;
  if (isAuthors && before.textTruncated === after.textTruncated) {
    const text = textChange(before.text, after.text);
    if (text !== null) changes.push(ofText('text', before.text, after.text, text));
  }
  const [a, b] = [before.author, after.author];
  if (a.id !== null && b.id !== null && a.id !== b.id) changes.push(ofValue('author', a.id, b.id));
  if (differ(a.handle, b.handle)) changes.push(ofValue('author-handle', a.handle, b.handle));
  if (differ(a.name, b.name)) changes.push(ofValue('author-name', a.name, b.name));
  if (before.possiblySensitive !== null && after.possiblySensitive !== null) {
    const [was, is] = [String(before.possiblySensitive), String(after.possiblySensitive)];
    if (was !== is) changes.push(ofValue('sensitivity', was, is));
  }
  return [...changes, ...withheldMedia(before, after)];
}

/** Absent is not another value. */
function differ(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a !== b;
}

function withheldMedia(before: ComparedPost, after: ComparedPost): Change[] {
  return Object.entries(after.unavailable).flatMap(([id, reason]) => {
    const was = before.unavailable[id];
    if (was === undefined || was === reason) return [];
    const how = reason === null ? 'available-again' : 'unavailable';
    return [
      {
        aspect: 'media' as const,
        how,
        beforeSha256: null,
        afterSha256: null,
        facts: { media: id, reason },
      },
    ];
  });
}

function avatarChange(before: Compared, after: Compared): Change[] {
  const [a, b] = [before.avatar, after.avatar];
  if (a === null || b === null || a.sha256 === b.sha256) return [];
  const [change] = mediaChanges([a], [b]);
  // The same picture in another file says nothing about its author.
  if (change?.kind === 're-encoded') return [];
  return [
    {
      aspect: 'author-picture',
      how: change?.kind ?? 'replaced',
      beforeSha256: a.sha256,
      afterSha256: b.sha256,
      facts: { distance: change?.distance ?? null },
    },
  ];
}

function mediaOf(before: Compared, after: Compared): Change[] {
  // Media of a page come and go with every visit (advertisements, teasers).
  if (before.post === null || after.post === null) return [];
  const lost = new Set(
    Object.entries(after.post.unavailable).flatMap(([id, reason]) => (reason === null ? [] : [id])),
  );
  return mediaChanges(before.media, after.media)
    .filter(({ kind, before: file }) => !(kind === 'removed' && lost.has(file?.id ?? '')))
    .map((change) => ({
      aspect: 'media' as const,
      how: change.kind,
      beforeSha256: change.before?.sha256 ?? null,
      afterSha256: change.after?.sha256 ?? null,
      facts: { media: (change.after ?? change.before)?.id ?? '', distance: change.distance },
    }));
}

function pageChanges(before: ComparedPage, after: ComparedPage): Change[] {
  const [was, is] = [String(before.httpStatus), String(after.httpStatus)];
  if (isWhole(before) !== isWhole(after)) return [ofValue('page-status', was, is)];
  // Two error pages are no two versions of the page.
  if (!isWhole(after)) return [];
  const changes: Change[] = [];
  if (differ(before.title, after.title)) {
    changes.push(ofValue('page-title', before.title, after.title));
  }
  const text = textChange(before.text, after.text);
  if (text !== null && text.kind !== 'spacing') {
    changes.push(ofText('page-text', before.text, after.text, text));
  }
  return [...changes, ...pictureChange(before.picture, after.picture)];
}

function isWhole({ httpStatus }: ComparedPage): boolean {
  return httpStatus === null || (httpStatus >= 200 && httpStatus < 300);
}

/** Two screenshots are never equal to the byte; only a difference that can be measured is told. */
function pictureChange(before: ComparedFile | null, after: ComparedFile | null): Change[] {
  if (before === null || after === null || before.sha256 === after.sha256) return [];
  const [change] = mediaChanges([before], [after]);
  const distance = change?.distance ?? null;
  if (distance === null || distance <= samePicture) return [];
  return [
    {
      aspect: 'page-picture',
      how: 'differs',
      beforeSha256: before.sha256,
      afterSha256: after.sha256,
      facts: { distance },
    },
  ];
}

function ofText(
  aspect: 'text' | 'page-text',
  before: string,
  after: string,
  { kind, wordsAdded, wordsRemoved }: TextChange,
): Change {
  return {
    aspect,
    how: kind,
    beforeSha256: digest(before),
    afterSha256: digest(after),
    facts: { wordsAdded, wordsRemoved },
  };
}

function ofValue(aspect: Change['aspect'], before: string | null, after: string | null): Change {
  return {
    aspect,
    how: 'changed',
    beforeSha256: before === null ? null : digest(before),
    afterSha256: after === null ? null : digest(after),
    facts: aspect === 'page-status' ? { before, after } : {},
  };
}

/** Of the UTF-8 bytes. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
