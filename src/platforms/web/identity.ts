/**
 * Any http(s) page to `web:<address>`. The address is what will be asked for, so it changes
 * only where the page can't: scheme and host in lower case, no default port, no known tracking
 * parameter. All other bytes and their order stay, the fragment's too: a page that is one
 * program shows another view for each. Where it proves to name an element, the visit records
 * the key without it as what this one leads to.
 */
import type { Identify, LinkFacts } from '../identity.ts';
import { insideAmpCache } from './amp.ts';
import { keptFragment } from './fragment.ts';
import { isTracking } from './tracking.ts';

// Links unwraps these too, and composes this file only.
export { insideAmpCache };

export const identify: Identify = (url) => {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  const page = insideAmpCache(url) ?? url;
  const host = page.hostname.replace(/\.$/, '');
  if (/^$|^\.|\.$|\.\./.test(host)) return { rejected: 'bad-address' };
  const port = page.port === '' ? '' : `:${page.port}`;
  // A name and password in a link would end up in every report: they are never part of a key.
  const facts: LinkFacts =
    page.username || page.password ? { credentials: 'left out of the address' } : {};
  const address = `${page.protocol}//${host}${port}${page.pathname}`;
  const fragment = keptFragment(page.hash);
  // Visited as given, highlighted words and all.
  if (page.hash !== fragment) facts.fragment = page.hash;
  return { key: `web:${address}${untracked(page.search)}${fragment}`, facts };
};

function untracked(search: string): string {
  const parts = search.slice(1).split('&');
  const kept = parts.filter((part) => !isTracking(part));
  const query = kept.join('&');
  return query === '' ? '' : `?${query}`;
}
