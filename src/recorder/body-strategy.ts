/** How the body of a response is read without changing what the page gets. */
import type { BodyTrouble } from '../base/reasons.ts';
import { contentLength, headerOf } from './content-length.ts';
import { isBesidesThePage } from './exchange-class.ts';
import type { Entry } from './exchange-ledger.ts';

export interface BodyStrategy {
  /**
   * `read`: whole, before the page gets it. `stream`: piece by piece, as the page gets it.
   * `refetch`: by our own client, once more. `none`: there is nothing to keep.
   */
  name: 'none' | 'read' | 'stream' | 'refetch';
  /** Of the body, where it was announced and is not encoded. */
  bytes: number | null;
  /** Why a body that there is will not be kept. */
  trouble: BodyTrouble | null;
}

const MiB = 1024 * 1024;
/** A body of announced size up to this is read whole, even if the page never looks at it. */
const smallBytes = MiB;
/** Larger ones don't pass through the protocol, nor through memory. */
const largestReadBytes = 16 * MiB;
/** A body of unknown length is kept up to this size. */
export const largestStreamBytes = 32 * MiB;

export function bodyStrategy(
  entry: Entry,
  now: { isLate: boolean; isFull: boolean },
): BodyStrategy {
  const { response, method, type } = entry;
  const bytes = contentLength(entry);
  const strategy = (
    name: BodyStrategy['name'],
    trouble: BodyTrouble | null = null,
  ): BodyStrategy => ({
    name,
    bytes,
    trouble,
  });
  if (response === null || isBesidesThePage(entry) !== null) return strategy('none');
  if (method === 'HEAD' || hasNoBody(response.status)) return strategy('none');
  if (isDownload(entry)) return strategy('none');
  if (now.isFull) return strategy('none', 'capped');
  const isPlayed = type === 'media' && response.status < 300;
  if (isPlayed || response.status === 206 || (bytes ?? 0) > largestReadBytes) {
    return method === 'GET' ? strategy('refetch') : strategy('none', 'too-large');
  }
  // A document's own session learns of it too late to pass on its beginning.
  if (type === 'document') return now.isLate ? strategy('none') : strategy('read');
  return bytes !== null && bytes <= smallBytes ? strategy('read') : strategy('stream');
}

/** RFC 9110: 1xx, 204, 205, 304; the body of a redirect the browser shows to nobody. */
export function hasNoBody(status: number): boolean {
  return status < 200 || status === 204 || status === 205 || (status >= 300 && status < 400);
}

/** A document that the browser would save instead of showing: the media room fetches it. */
function isDownload({ type, response }: Pick<Entry, 'type' | 'response'>): boolean {
  return type === 'document' && /^\s*attachment/i.test(headerOf(response, 'content-disposition'));
}
