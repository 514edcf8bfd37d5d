/**
 * Addresses that carry another one: web archives, redirectors, AMP caches. Only those that
 * are known to do nothing else; an address in any other site's query is that site's matter.
 */
import type { LinkFacts } from '../platforms/identity.ts';
import { insideAmpCache } from '../platforms/web/identity.ts';

export interface Wrapped {
  inner: URL;
  facts: LinkFacts;
  /** A web archive's copy is a page in its own right, worth keeping when the inner one isn't. */
  isArchive: boolean;
}

/** Host (or its end, with a leading dot), path, and the parameters that hold the address. */
const redirectors: [host: RegExp, path: RegExp, params: string[]][] = [
  [/^(?:www\.)?google\.(?:com?\.)?[a-z]{2,3}$/, /^\/url$/, ['q', 'url']],
  [/^translate\.google\.[a-z.]+$/, /^\/translate$/, ['u']],
  [/^(?:lm?|www|m)\.facebook\.com$/, /^\/(?:l\.php|flx\/warn\/?)$/, ['u']],
  [/^l\.(?:instagram|threads|messenger|workplace)\.(?:com|net)$/, /^\//, ['u']],
  [/^l\.wl\.co$/, /^\//, ['u']],
  [/^(?:www\.|m\.)?youtube\.com$/, /^\/redirect$/, ['q']],
  [/^(?:www\.)?duckduckgo\.com$/, /^\/l\/?$/, ['uddg']],
  [/^(?:m\.)?vk\.com$/, /^\/away(?:\.php)?$/, ['to']],
  [/^out\.reddit\.com$/, /^\//, ['url']],
  [/^(?:www\.)?linkedin\.com$/, /^\/(?:safety\/go|redir\/redirect)\/?$/, ['url']],
  [/^slack-redir\.net$/, /^\/link$/, ['url']],
  [/\.safelinks\.protection\.outlook\.com$/, /^\//, ['url']],
  [/^steamcommunity\.com$/, /^\/linkfilter\/?$/, ['url', 'u']],
  [/^t\.umblr\.com$/, /^\/redirect$/, ['z']],
  [
    /^(?:(?:www|mobile)\.)?(?:twitter|x)\.com$/,
    /^\/(?:safety\/unsafe_link_warning|i\/redirect)$/,
    ['unsafe_link', 'url'],
  ],
];

const waybackHost = /^(?:(?:web|wayback|www)\.)?archive\.org$/;
const archiveTodayHost = /^(?:www\.)?archive\.(?:today|ph|is|li|fo|md|vn)$/;

/** The address inside, or `null` where this one stands for itself. */
export function unwrap(url: URL): Wrapped | null {
  const amp = insideAmpCache(url);
  if (amp !== null) return { inner: amp, facts: {}, isArchive: false };
  const host = url.hostname.replace(/\.$/, '');
  if (waybackHost.test(host)) return inWayback(url);
  if (archiveTodayHost.test(host)) return inArchiveToday(url);
  for (const [hosts, path, params] of redirectors) {
    if (hosts.test(host) && path.test(url.pathname)) return inParams(url, params);
  }
  return null;
}

/** `/web/20200212191500id_/<address>`; the digits say which copy, the letters how to show it. */
function inWayback(url: URL): Wrapped | null {
  const [, digits, rest] =
    /^\/(?:web|save)\/(?:([0-9]{1,14})\*?(?:[a-z]{2}_)?\/|\*\/|_embed\/)?(.+)$/s.exec(
      behindHost(url),
    ) ?? [];
  const inner = rest === undefined || /\*(?:#|$)/.test(rest) ? null : innerAddress(rest);
  if (inner === null) return null;
  return { inner, facts: digits === undefined ? {} : { wayback: digits }, isArchive: true };
}

/** `/2020.02.12-191500/<address>`, `/newest/<address>`, `/o/CODE/<address>`, `/<address>`. */
function inArchiveToday(url: URL): Wrapped | null {
  const form =
    /^\/(?:submit\/\?(?:[^#]*&)?url=|(?:([0-9]{4}[0-9.-]{0,14})|newest|oldest|timegate|o\/[A-Za-z0-9]+)\/)?((?:https?(?::|%3a)|[a-z0-9-]+\.[a-z0-9.-]+\/).*)$/is;
  const [, moment, rest] = form.exec(behindHost(url)) ?? [];
  const inner = rest === undefined ? null : innerAddress(rest);
  if (inner === null) return null;
  return { inner, facts: moment === undefined ? {} : { archiveToday: moment }, isArchive: true };
}

function inParams(url: URL, params: string[]): Wrapped | null {
  for (const name of params) {
    const inner = innerAddress(url.searchParams.get(name) ?? '');
    if (inner !== null) return { inner, facts: {}, isArchive: false };
  }
  return null;
}

function behindHost(url: URL): string {
  return url.pathname + url.search + url.hash;
}

/** Archives keep what was typed: percent-encoded, with one slash lost, or with no scheme. */
function innerAddress(text: string): URL | null {
  let address = text;
  if (/^https?%3a/i.test(text)) {
    try {
      address = decodeURIComponent(text);
    } catch {
      return null;
    }
  }
  address = address.replace(/^(https?):\/*/i, '$1://');
  if (!/^https?:/i.test(address)) {
    if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?(?:[/?#]|$)/i.test(address)) return null;
    address = `https://${address}`;
  }
  return URL.canParse(address) ? new URL(address) : null;
}
