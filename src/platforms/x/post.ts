/** From what a record claims to the post that everybody else works with. */
import type { Post } from '../platform.ts';
import type { Attached } from '../post.ts';
import { isWholeInRecord } from './claims/card.ts';
import { claimedTime } from './claims/claimed-time.ts';
import type { PostClaims } from './claims/claims.ts';
import { displayedText, unescapeOnce } from './claims/displayed-text.ts';
import type { MediaClaims } from './claims/media-claims.ts';
import { idTime } from './identity.ts';
import { firstPostedWith, mediaIds, uploadedAt } from './media.ts';
import { readsLikeANotice, readsLikeNotice } from './routes/in-place-of-text.ts';

/** Readers of a claimed time and of an id's time may differ by rounding to whole seconds. */
const clockToleranceMs = 2_000;

export function normalisePost(
  claims: PostClaims,
  route: string,
  mediaId: (index: number) => string = mediaIds.post,
): Post {
  return {
    ...asTold(claims),
    text:
      claims.noteText === null
        ? displayedText(claims.rawText, claims.displayRange)
        : unescapeOnce(claims.noteText),
    rawText: claims.rawText,
    textTruncated: isCut(claims),
    claimedAt: claimedTime(claims.createdAt),
    idTime: idTime(claims.id),
    isStaleEdit: claims.isStaleEdit ?? newerEdit(claims),
    quoted: claims.quoted && normalisePost(claims.quoted, route, mediaIds.quoted),
    repliedTo: claims.parent && normalisePost(claims.parent, route, mediaIds.parent),
    reposted: claims.reposted && normalisePost(claims.reposted, route, mediaIds.reposted),
    attached: claims.media.map((media, index) => attachedAs(mediaId(index), media, claims)),
    route,
    degraded: degradedBy(claims),
  };
}

/** What is handed on word for word: all but what is read further, or only guides the reading. */
function asTold(claims: PostClaims) {
  const { displayRange, hasNote, noteText, createdAt, counters, ...told } = claims;
  const { rawText, isStaleEdit, quoted, parent, reposted, media, namesMedia, ...rest } = told;
  const { id, handle, name } = claims.author;
  return { ...rest, author: { id, handle, name } };
}

function attachedAs(id: string, media: MediaClaims, claims: PostClaims): Attached {
  return {
    id,
    kind: media.kind,
    unavailable: media.unavailable,
    altText: media.altText,
    title: media.title,
    tagged: media.tagged,
    uploadedAt: uploadedAt(media, postedAt(claims)),
    firstPostedWith: firstPostedWith(media, claims.id),
  };
}

/** By X's own clock where the id holds it, else as claimed. */
function postedAt({ id, createdAt }: PostClaims): string | null {
  return idTime(id) ?? claimedTime(createdAt);
}

/** The record says that more text exists than it gives. */
export function isCut({ hasNote, noteText }: PostClaims): boolean {
  return hasNote && noteText === null;
}

/** The record names media and then lists none that could be read. */
export function lacksItsMedia({ namesMedia, media }: PostClaims): boolean {
  return namesMedia && media.length === 0;
}

/** Whether the claimed time and the one inside the id contradict each other. */
export function clocksDiffer(post: Post): boolean {
  if (post.claimedAt === null || post.idTime === null) return false;
  return Math.abs(Date.parse(post.claimedAt) - Date.parse(post.idTime)) > clockToleranceMs;
}

function newerEdit({ id, editIds }: PostClaims): boolean | null {
  const newest = editIds.at(-1);
  return newest === undefined ? null : newest !== id;
}

function degradedBy(claims: PostClaims): string[] {
  const missing: [boolean, string][] = [
    [isCut(claims), 'no-note-text'],
    [readsLikeANotice(claims), readsLikeNotice],
    [lacksItsMedia(claims), 'media-unreadable'],
    [claims.article !== null, 'article-preview-only'],
    [claims.author.id === null, 'no-author-id'],
    [claims.replyTo !== null && claims.parent === null, 'no-parent'],
    [
      claims.quoted === null && (claims.quotedId ?? claims.quotedMissing) !== null,
      'no-quoted-post',
    ],
    [claims.card !== null && !isWholeInRecord(claims.card), 'card-in-words-only'],
  ];
  return missing.flatMap(([is, code]) => (is ? [code] : []));
}
