/** From what a record claims to the post that everybody else works with. */
import type { Post } from '../platform.ts';
import type { PostClaims } from './claims.ts';
import { displayedText, unescapeOnce } from './displayed-text.ts';
import { idTime } from './identity.ts';
import { mediaIds } from './media.ts';

/** Readers of a claimed time and of an id's time may differ by rounding to whole seconds. */
const clockToleranceMs = 2_000;

export function normalisePost(
  claims: PostClaims,
  route: string,
  mediaId: (index: number) => string = mediaIds.post,
): Post {
  return {
    id: claims.id,
    author: { id: claims.author.id, handle: claims.author.handle, name: claims.author.name },
    text:
      claims.noteText === null
        ? displayedText(claims.rawText, claims.displayRange)
        : unescapeOnce(claims.noteText),
    rawText: claims.rawText,
    textTruncated: claims.hasNote && claims.noteText === null,
    claimedAt: claimedTime(claims.createdAt),
    idTime: idTime(claims.id),
    language: claims.language,
    editIds: claims.editIds,
    isStaleEdit: claims.isStaleEdit ?? newerEdit(claims),
    replyTo: claims.replyTo,
    quotedId: claims.quotedId,
    quoted: claims.quoted && normalisePost(claims.quoted, route, mediaIds.quoted),
    repliedTo: claims.parent && normalisePost(claims.parent, route, mediaIds.parent),
    possiblySensitive: claims.possiblySensitive,
    place: claims.place,
    links: claims.links,
    attached: claims.media.map((media, index) => ({
      id: mediaId(index),
      kind: media.kind,
      unavailable: media.unavailable,
    })),
    article: claims.article,
    route,
    degraded: degradedBy(claims),
  };
}

const legacyTime = /^\w{3} (\w{3}) (\d{2}) (\d{2}:\d{2}:\d{2}) \+0000 (\d{4})$/;
const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

/** `Wed Feb 12 18:13:24 +0000 2020` or ISO 8601 in UTC; anything else is no time. */
export function claimedTime(claimed: string | null): string | null {
  if (claimed === null) return null;
  const legacy = legacyTime.exec(claimed);
  if (legacy === null && !isoTime.test(claimed)) return null;
  const at = new Date(legacy ? `${legacy[2]} ${legacy[1]} ${legacy[4]} ${legacy[3]} UTC` : claimed);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
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
    [claims.hasNote && claims.noteText === null, 'no-note-text'],
    [claims.article !== null, 'article-preview-only'],
    [claims.author.id === null, 'no-author-id'],
    [claims.replyTo !== null && claims.parent === null, 'no-parent'],
    [claims.quotedId !== null && claims.quoted === null, 'no-quoted-post'],
  ];
  return missing.flatMap(([is, code]) => (is ? [code] : []));
}
