import type { Command } from 'commander';
import { refusedUnasked } from '../../egress/refused-unasked.ts';
import type { PlacedLink } from '../../links/placed-link.ts';
import type { FoundLink, TextFormat } from '../../links/read-links.ts';
import { type Listing, printListing } from '../terminal/output.ts';
import { chosenIn, linksIn, sayLeftOff } from '../terminal/read-input.ts';
import { configFor, formatOf, type GlobalOptions, globals } from '../verb.ts';
import { choiceFrom, type FollowFlags, reportAside } from './follow.ts';

type LinksFlags = FollowFlags & { format?: TextFormat };

/** Where it stands is told where all are listed. */
type Row = Pick<PlacedLink, 'found'> & Partial<PlacedLink>;

/** Prints what a text links to, in order of appearance; with a choice, what `add` would take. */
export async function links(file: string, command: Command): Promise<void> {
  const flags = command.opts<LinksFlags>();
  const options = globals(command);
  const { follow, platform, sameHost } = flags;
  const isChoice = follow !== undefined || platform !== undefined || sameHost === true;
  const rows = isChoice ? await chosen(file, flags) : await all(file, flags);
  const listing = listingFor(await refusedAmong(rows, options));
  // What is listed by choice is told apart by the choice.
  const columns = listing.columns.filter(({ title }) => !isChoice || title !== 'PLACE');
  printListing(rows, { ...listing, columns }, formatOf(options));
}

async function all(file: string, { format }: LinksFlags): Promise<Row[]> {
  const placed = await linksIn([file], format);
  sayLeftOff(placed.map(({ found }) => found));
  return placed;
}

async function chosen(file: string, flags: LinksFlags): Promise<Row[]> {
  const { followed, aside } = await chosenIn([file], flags.format, choiceFrom(flags));
  reportAside(aside);
  return followed.map((found) => ({ found }));
}

/** @param refused by policy, without asking anybody */
function listingFor(refused: Set<FoundLink>): Listing<Row> {
  return {
    columns: [
      {
        title: 'KEY',
        value: ({ found }) => ('key' in found ? found.key : `rejected: ${found.rejected}`),
        width: 70,
      },
      { title: 'PLACE', value: ({ place }) => place ?? '' },
      { title: 'LINK', value: ({ found }) => found.link },
      {
        title: '',
        csvTitle: 'POLICY',
        value: ({ found }) => (refused.has(found) ? 'will be refused: address-refused' : ''),
      },
    ],
    id: ({ found }) => ('key' in found ? found.key : ''),
    // Scripts rely on exactly these members; the last only where there is something to say.
    record: ({ found }) =>
      'key' in found
        ? {
            ...{ link: found.link, key: found.key, facts: found.facts },
            ...(refused.has(found) ? { refused: 'address-refused' } : {}),
          }
        : { link: found.link, rejected: found.rejected },
    nothing: 'no links found',
  };
}

async function refusedAmong(rows: Row[], options: GlobalOptions): Promise<Set<FoundLink>> {
  const strict = refusedUnasked({ allowPrivate: [], hasUpstream: false });
  const suspects = rows.map(({ found }) => found).filter((found) => isRefused(found, strict));
  if (suspects.length === 0) return new Set();
  const { egress } = await configFor(options);
  const { allowPrivate } = egress;
  const refuses = refusedUnasked({ allowPrivate, hasUpstream: egress.upstreamProxy !== null });
  return new Set(suspects.filter((found) => isRefused(found, refuses)));
}

/** Posts and files of platforms are asked for at their own hosts. */
function isRefused(found: FoundLink, refuses: (url: URL) => boolean): boolean {
  if (!('key' in found) || !found.key.startsWith('web:')) return false;
  const address = found.key.slice('web:'.length);
  return URL.canParse(address) && refuses(new URL(address));
}
