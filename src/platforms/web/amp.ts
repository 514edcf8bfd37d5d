/** Caches of AMP pages carry the real address in their path. */

/**
 * The address inside a cache's one, or `null` where there is none. A cache's path begins
 * with what it serves (`c` a page, `v` a viewer, `i` a picture, `r` a file), then `s` for
 * https, then host and path. https://developers.google.com/amp/cache/overview
 */
export function insideAmpCache(url: URL): URL | null {
  const host = url.hostname;
  const cache = /(?:^|\.)(?:cdn\.ampproject\.org|amp\.cloudflare\.com|bing-amp\.com)$/.test(host);
  const viewer = /^(?:www\.)?google\.(?:com?\.)?[a-z]{2,3}$/.test(host);
  const form = cache
    ? /^\/(?:[cvr]|wp|ii?(?:\/w[0-9]+)?)\/(s\/)?([^/]+\.[^/]+.*)$/
    : viewer
      ? /^\/amp\/(s\/)?([^/]+\.[^/]+.*)$/
      : null;
  const [, secure, rest] = form?.exec(url.pathname) ?? [];
  if (rest === undefined) return null;
  const address = `${secure ? 'https' : 'http'}://${rest}${withoutCacheParams(url.search)}`;
  return URL.canParse(address) ? new URL(address) : null;
}

/** What the cache itself adds to the query; the publisher never sees it. */
function withoutCacheParams(search: string): string {
  const kept = search
    .slice(1)
    .split('&')
    .filter((part) => !/^(?:amp_js_v|amp_gsa|usqp|amp_agsa)=/.test(part));
  return kept.length === 0 || kept[0] === '' ? '' : `?${kept.join('&')}`;
}
