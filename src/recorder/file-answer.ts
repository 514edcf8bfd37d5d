/** Which answers are files and no pages: a browser saves them, or shows them in a player of its own. */
import { headerOf } from './content-length.ts';
import type { Entry } from './exchange-ledger.ts';

type Answered = Pick<Entry, 'type' | 'response'>;

/**
 * A document that the browser would save instead of showing: the media room fetches it. What is
 * shown after all has no body then, and is named as not kept.
 */
export function isDownload({ type, response }: Answered): boolean {
  return (
    type === 'document' && /^\s*attachment\s*(;|$)/i.test(headerOf(response, 'content-disposition'))
  );
}

/** A document that came and is no page, by what its server calls it. */
export function isFile(entry: Answered): boolean {
  const { type, response } = entry;
  if (type !== 'document' || response === null) return false;
  if (response.status < 200 || response.status > 299) return false;
  const [named = ''] = headerOf(response, 'content-type').toLowerCase().split(';');
  return isDownload(entry) || (named.trim() !== '' && !isShown(named.trim()));
}

/** What Chromium shows as a page: HTML, XML, pictures, and text but for these kinds. */
function isShown(mediaType: string): boolean {
  if (/^text\//.test(mediaType)) return !savedTexts.test(mediaType);
  if (/[/+](?:xml|json)$/.test(mediaType) || /^image\//.test(mediaType)) return true;
  return /^application\/(?:xhtml\+xml|javascript|x-javascript|ecmascript)$/.test(mediaType);
}

const savedTexts =
  /^text\/(?:calendar|x-calendar|x-vcalendar|vcalendar|vcard|x-vcard|directory|ldif|qif|x-qif|x-csv|csv|comma-separated-values|tab-separated-values|tsv|ofx|vbs)$/;
