/**
 * Any http(s) page to `web:<address>`. The address is what will be asked for, so it changes
 * only where the page can't: scheme and host in lower case, no default port, no fragment, no
 * known tracking parameter. All other bytes and their order stay.
 */
import type { Identify, LinkFacts } from '../identity.ts';
import { insideAmpCache } from './amp.ts';

// Links unwraps these too, and composes this file only.
export { insideAmpCache };

/** Added by those who pass a link on, never read by the page. `ref`, `s`, `si` may be read: kept. */
const tracking =
  /^(?:utm_[a-z0-9_]+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|ysclid|igshid|igsh|twclid|ttclid|li_fat_id|mc_cid|mc_eid|ref_src|_ga|_gl|_hsenc|_hsmi|mkt_tok|vero_id|oly_anon_id|oly_enc_id|__twitter_impression)$/i;

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
  return { key: `web:${address}${untracked(page.search)}${hashbang(page.hash)}`, facts };
};

function untracked(search: string): string {
  const parts = search.slice(1).split('&');
  const kept = parts.filter((part) => !tracking.test(part.split('=', 1)[0] ?? ''));
  const query = kept.join('&');
  return query === '' ? '' : `?${query}`;
}

/** `#!` fragments were addresses of their own; any other only points inside the page. */
function hashbang(hash: string): string {
  return hash.length > 2 && hash.startsWith('#!') ? hash : '';
}
