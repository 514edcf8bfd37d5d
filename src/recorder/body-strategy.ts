/** How the body of a response is read without changing what the page gets. */
import type { BodyTrouble } from '../base/reasons.ts';
import { contentLength, hasNoBody, headerOf, isStyleOfXml } from './content-length.ts';
import { isBesidesThePage } from './exchange-class.ts';
import type { Entry } from './exchange-ledger.ts';
import { isDownload } from './file-answer.ts';

export interface BodyStrategy {
  /**
   * `read`: whole, before the page gets it. `stream`: piece by piece, as the page gets it.
   * `refetch`: by our own client, once more, and compared with the pieces that the page got.
   * `stream-and-refetch`: a small part as the page gets it, and the whole file. `none`: there is nothing to keep.
   */
  name: 'none' | 'read' | 'stream' | 'refetch' | 'stream-and-refetch';
  /** Of the body, where it was announced and is not encoded. */
  bytes: number | null;
  /** Why a body that there is will not be kept. */
  trouble: BodyTrouble | null;
}

const MiB = 1024 * 1024;
/** A body of announced size up to this is read whole, even if the page never looks at it. */
const smallBytes = MiB;
/** A body is kept up to this size as the page got it. */
export const largestStreamBytes = 32 * MiB;
/** Of a file that is read whole it takes several times its size in memory. */
const largestFileBytes = 16 * MiB;

export interface Situation {
  isLate: boolean;
  isFull: boolean;
  /** It is what the visit was to show, and no page: nobody will be given it. */
  isFile: boolean;
}

export function bodyStrategy(entry: Entry, now: Situation): BodyStrategy {
  const { response, method, type } = entry;
  const bytes = contentLength(entry);
  const strategy = (
    name: BodyStrategy['name'],
    trouble: BodyTrouble | null = null,
  ): BodyStrategy => ({ name, bytes, trouble });
  if (response === null || isBesidesThePage(entry) !== null) return strategy('none');
  if (method === 'HEAD' || hasNoBody(response)) return strategy('none');
  // A larger one is left to the media room, which can take it up again where it broke off.
  if (now.isFile) return strategy(isReadable(entry, bytes) && !now.isLate ? 'read' : 'none');
  if (isDownload(entry)) return strategy('none');
  if (now.isFull) return strategy('none', 'capped');
  const isSmall = bytes !== null && bytes <= smallBytes;
  const isPlayed = type === 'media' && response.status < 300;
  // Players ask for parts, and a part plays nowhere else; they begin before all of it is there.
  if (isPlayed && isSmall)
    return strategy(response.status === 206 ? 'stream-and-refetch' : 'stream');
  if (isPlayed || (bytes ?? 0) > largestStreamBytes)
    return method === 'GET' ? strategy('refetch') : strategy('none', 'too-large');
  // A document's own session learns of it too late to pass on its beginning.
  if (type === 'document') return now.isLate ? strategy('none') : strategy('read');
  const isRead = isSmall || isAhead(entry) || isStyleOfXml(entry) || isPictureForScript(entry);
  return strategy(isRead ? 'read' : 'stream');
}

/** What a script takes as a `Blob` goes past the page's session; of pictures that is what it mostly takes. */
function isPictureForScript({ type, response }: Entry): boolean {
  const isAsked = type === 'fetch' || type === 'xhr';
  return isAsked && /^\s*image\//i.test(headerOf(response, 'content-type'));
}

/** What is fetched ahead no page is given yet: there are no pieces to pass on. A page may say so of anything. */
function isAhead({ requestHeaders }: Entry): boolean {
  const sent = Object.entries(requestHeaders);
  return sent.some(([name, value]) => /^(sec-)?purpose$/i.test(name) && /prefetch/.test(value));
}

/** A clip or a sound of unknown length may have no end. */
function isReadable({ response }: Entry, bytes: number | null): boolean {
  if (bytes !== null) return bytes <= largestFileBytes;
  return !/^\s*(?:video|audio)\//i.test(headerOf(response, 'content-type'));
}
