/** From what was found in a page to where each link stands in it, once the whole page was read. */
import type { FoundLink } from './found-link.ts';
import type { PageWords, Standing } from './page-words.ts';
import type { Place, PlacedLink } from './placed-link.ts';
import {
  bare,
  hostOfLink,
  isAccount,
  isPostOrFile,
  isShareButton,
  siteOfHost,
  siteOfLink,
} from './sites.ts';

/** A link of the page as its reading leaves it. */
export interface StandingLink {
  found: FoundLink;
  /** What the markup says it is; `pasted`: it stands in text. */
  as: 'own' | 'embed' | 'anchor' | 'aside' | 'pasted';
  standing: Standing;
}

const mostlyLinked = 8;

/** @param own an address of the page itself, where it names one */
export function placeLinks(
  links: StandingLink[],
  words: PageWords,
  own: string | null,
): PlacedLink[] {
  const declared = URL.parse(own ?? '')?.hostname;
  const site = declared === undefined ? siteMostLinked(links, words) : siteOfHost(declared);
  const host = declared === undefined ? null : bare(declared);
  const menus = menusOf(links, site);
  const placed = links.map((link) => ({
    found: link.found,
    place: placeOf(link, { words, site, host, menus }),
  }));
  if (placed.some(({ place }) => isWritten.has(place))) return placed;
  // Nothing in it reads like an article: it is somebody's list of links.
  return placed.map(({ found, place }) => ({ found, place: place === 'share' ? place : 'body' }));
}

const isWritten = new Set<Place>(['own', 'embed', 'body']);

interface PageSeen {
  words: PageWords;
  site: string | null;
  host: string | null;
  menus: Set<Standing[]>;
}

function placeOf({ found, as, standing }: StandingLink, page: PageSeen): Place {
  if (as === 'own' || as === 'embed') return as;
  if (isShareButton(found.link)) return 'share';
  const { words, site, menus } = page;
  const isOwnSite = site !== null && siteOfLink(found) === site;
  const isThing = 'key' in found && isPostOrFile(found.key);
  const surrounds = as === 'aside' || words.surrounds(standing);
  if (isThing && !(surrounds && isOwnSite)) return 'body';
  if (surrounds) return 'around';
  // Where the article itself is marked, another host of the site may be what it speaks of.
  const isElsewhere = words.hasMain && page.host !== null && hostOfLink(found) !== page.host;
  if (isOwnSite && !isElsewhere)
    return standing.isInProse && !words.isTeaser(standing) ? 'body' : 'related';
  if (standing.isInProse) return 'body';
  if ('key' in found && isAccount(found.key)) return 'around';
  const isInMenu = !words.hasMain && standing.list !== null && menus.has(standing.list);
  return isInMenu ? 'around' : 'body';
}

/** Lists most of whose links lead to the page's own site: menus of a page without any marks. */
function menusOf(links: StandingLink[], site: string | null): Set<Standing[]> {
  const ownLinks = new Map<Standing[], number>();
  for (const { found, standing } of links)
    if (standing.list !== null && site !== null && siteOfLink(found) === site)
      ownLinks.set(standing.list, (ownLinks.get(standing.list) ?? 0) + 1);
  const menus = [...ownLinks].filter(([list, count]) => count > list.length / 2);
  return new Set(menus.map(([list]) => list));
}

/** The site that a page without an address of its own belongs to, by most of what it links to. */
function siteMostLinked(links: StandingLink[], words: PageWords): string | null {
  if (!words.isArticle) return null;
  const counts = new Map<string, number>();
  for (const { found, standing } of links) {
    const site = standing.isInProse ? null : siteOfLink(found);
    if (site !== null) counts.set(site, (counts.get(site) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  const isMost = most !== undefined && most[1] >= mostlyLinked && most[1] > links.length / 2;
  return isMost ? most[0] : null;
}
