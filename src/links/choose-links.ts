/** Which of a text's links are followed, and which are left aside, with why. */
import { UsageError } from '../base/errors.ts';
import type { AsideLink, FollowChoice } from '../model/submission.ts';
import type { FoundLink } from './found-link.ts';
import type { Place, PlacedLink } from './placed-link.ts';
import { formatOf, readPlacedLinks, type TextFormat } from './read-links.ts';
import { isPostOrFile, platformNames, platformOfKey, siteOfLink } from './sites.ts';

export interface ChosenLinks {
  /** Posts, clips and files first, otherwise in order of appearance; tables as they are. */
  followed: FoundLink[];
  aside: AsideLink[];
}

/** A link with why it is left aside; null: it is followed. */
export interface SortedLink {
  found: FoundLink;
  why: AsideLink['why'] | null;
}

/**
 * What `add` takes of a text. A text that is one link and nothing else asks for that link by
 * name, and a row of a table for its own: neither is left aside for where it stands.
 * @throws UsageError `no-own-address`, `no-such-platform`
 */
export function chooseLinks(text: string, choice?: FollowChoice, format?: TextFormat): ChosenLinks {
  const sorted = sortLinks(text, choice, format);
  return {
    followed: sorted.flatMap(({ found, why }) => (why === null ? [found] : [])),
    aside: sorted.flatMap(({ found, why }) =>
      why === null ? [] : [{ link: found.link, key: 'key' in found ? found.key : null, why }],
    ),
  };
}

/** The same with the links that are left aside at the end. */
export function sortLinks(
  text: string,
  choice: FollowChoice = {},
  format: TextFormat = formatOf(text),
): SortedLink[] {
  refuseUnknown(choice.platforms ?? []);
  const links = readPlacedLinks(text, format);
  const [only] = links;
  if (format === 'text' && links.length === 1 && only?.found.link === text.trim())
    return [{ found: only.found, why: null }];
  const host = choice.sameHost ? ownSite(links) : null;
  const isTable = format === 'csv' || format === 'jsonl';
  const sorted = links.map((one) => ({
    found: one.found,
    why: isTable ? otherThan(one.found, choice, host) : whyAside(one, choice, host, format),
  }));
  const followed = sorted.filter(({ why }) => why === null);
  return [...(isTable ? followed : postsFirst(followed)), ...withoutFollowed(sorted, followed)];
}

/** Schemes of the page itself, which name nothing that could be kept. */
const noPlace = /^(?:mailto|javascript|vbscript|tel|sms|data|about|blob):/i;

/** In a page nobody wrote these to have them captured, unlike an address that was cut short. */
const unpage = new Set(['scheme', 'x-other', 'bad-address']);

function whyAside(
  { found, place }: PlacedLink,
  choice: FollowChoice,
  host: string | null,
  format: TextFormat,
): AsideLink['why'] | null {
  if (noPlace.test(found.link)) return 'no-page';
  const why = byLevel(found, place, choice);
  if (why !== null) return why;
  const isPage = 'key' in found || format !== 'html' || !unpage.has(found.rejected);
  return isPage ? otherThan(found, choice, host) : 'no-page';
}

const asideOf: Partial<Record<Place, AsideLink['why']>> = {
  around: 'navigation',
  related: 'related',
  share: 'share',
};

function byLevel(found: FoundLink, place: Place, { follow = 'body' }: FollowChoice) {
  if (follow === 'all' || place === 'own') return null;
  const why = asideOf[place];
  if (why !== undefined) return why;
  if (follow === 'none') return 'not-asked-for';
  const isShown = place === 'embed' || ('key' in found && isPostOrFile(found.key));
  return follow === 'body' || isShown ? null : 'not-asked-for';
}

/** A link of another platform or site than was asked for. */
function otherThan(found: FoundLink, { platforms }: FollowChoice, host: string | null) {
  if (!('key' in found)) return null;
  if (platforms !== undefined && !platforms.includes(platformOfKey(found.key)))
    return 'other-platform';
  return host !== null && siteOfLink(found) !== host ? 'other-host' : null;
}

function ownSite(links: PlacedLink[]): string {
  const own = links.find(({ place }) => place === 'own');
  const site = own === undefined ? null : siteOfLink(own.found);
  if (site !== null) return site;
  throw new UsageError(
    'no-own-address',
    'there is no host to compare with: the text does not say at which address it was published',
  );
}

function refuseUnknown(names: string[]): void {
  const unknown = names.find((name) => !platformNames.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(
    'no-such-platform',
    `unknown platform "${unknown.slice(0, 40)}": choose from ${platformNames.join(', ')}`,
  );
}

function postsFirst(links: SortedLink[]): SortedLink[] {
  const isFirst = ({ found }: SortedLink) => 'key' in found && isPostOrFile(found.key);
  return [...links.filter(isFirst), ...links.filter((one) => !isFirst(one))];
}

/** What is followed in another spelling is not left aside. */
function withoutFollowed(sorted: SortedLink[], followed: SortedLink[]): SortedLink[] {
  const keys = new Set(followed.map(({ found }) => ('key' in found ? found.key : null)));
  return sorted.filter(
    ({ found, why }) => why !== null && !('key' in found && keys.has(found.key)),
  );
}
