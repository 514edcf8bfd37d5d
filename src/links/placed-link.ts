/** A link of a page, and where in the page it stands. */
import type { FoundLink } from './found-link.ts';

/** Best first: a link that stands in several places counts for the best of them. */
const places = ['own', 'embed', 'body', 'related', 'around', 'share'] as const;

/**
 * `own`: the page's own address. `embed`: a post or clip shown in it. `body`: in what somebody
 * wrote, and any post or clip of another site. `related`: a page of the same site that stands alone, as
 * headlines and "read also" do. `around`: in menus, footers and the like. `share`: a button.
 */
export type Place = (typeof places)[number];

export interface PlacedLink {
  found: FoundLink;
  place: Place;
}

/**
 * Each link once, where it first appears: pages repeat their addresses behind pictures and
 * titles. Later appearances only fill in facts that the first one lacks, and a better place.
 */
export function eachPlacedOnce(links: Iterable<PlacedLink>): PlacedLink[] {
  const kept = new Map<string, PlacedLink>();
  for (const { found, place } of links) {
    const first = kept.get(found.link);
    if (first === undefined) {
      kept.set(found.link, { found, place });
      continue;
    }
    if ('key' in first.found && 'key' in found)
      first.found.facts = { ...found.facts, ...first.found.facts };
    if (places.indexOf(place) < places.indexOf(first.place)) first.place = place;
  }
  return [...kept.values()];
}
