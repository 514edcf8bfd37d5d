/** With which headers a page asks for its media, for those that its visit did not bring. */
import { headersAgain } from '../../recorder/refetch.ts';
import type { RecordedExchange } from '../../warc/exchange.ts';
import { sortOut } from '../../warc/withheld.ts';

const anyPicture = 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8';

export type AsPage = (url: string) => Record<string, string> | undefined;

/**
 * As the browser asked for this address or, where it didn't, for a picture of the same host;
 * else as the page itself was asked for, with the page named as the one that leads there.
 */
export function asPageWith(exchanges: RecordedExchange[], withhold: boolean): AsPage {
  const asked = exchanges.filter(
    ({ method, class: ended }) => method === 'GET' && ended === 'recorded',
  );
  const byUrl = new Map(asked.map((one) => [one.url, one]));
  const pictures = asked.filter(({ resourceType }) => resourceType === 'image');
  const byHost = new Map(pictures.map((one) => [new URL(one.url).host, one]));
  const page = asked.find(({ resourceType }) => resourceType === 'document');
  const sentWith = ({ request }: RecordedExchange) =>
    lowerCased(headersAgain(Object.fromEntries(sortOut(request.headers, withhold).open)));
  return (url) => {
    const to = URL.parse(url);
    if (to === null || !/^https?:$/.test(to.protocol)) return undefined;
    const model = byUrl.get(url.replace(/#.*$/s, '')) ?? byHost.get(to.host);
    if (model !== undefined) return sentWith(model);
    if (page === undefined) return undefined;
    return { ...ofDocument(sentWith(page), to, page.url), accept: anyPicture };
  };
}

/** A document's own headers speak of a visit; a file of it is asked for on its behalf. */
function ofDocument(
  headers: Record<string, string>,
  to: URL,
  pageUrl: string,
): Record<string, string> {
  const page = new URL(pageUrl);
  const isSame = page.origin === to.origin;
  const told = Object.entries(headers).filter(
    ([name]) =>
      !/^(?:sec-fetch-|upgrade-insecure-requests|cache-control|pragma|priority)/.test(name),
  );
  const kept = Object.fromEntries(isSame ? told : told.filter(([name]) => name !== 'cookie'));
  // What browsers tell by themselves: strict-origin-when-cross-origin.
  const isDowngrade = page.protocol === 'https:' && to.protocol === 'http:';
  const referer = isSame ? page.href : `${page.origin}/`;
  return isDowngrade ? kept : { ...kept, referer };
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
