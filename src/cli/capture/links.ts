import type { Command } from 'commander';
import type { PlacedLink } from '../../links/placed-link.ts';
import type { TextFormat } from '../../links/read-links.ts';
import { type Listing, printListing } from '../terminal/output.ts';
import { chosenIn, linksIn } from '../terminal/read-input.ts';
import { formatOf, globals } from '../verb.ts';
import { choiceFrom, type FollowFlags, reportAside } from './follow.ts';

type LinksFlags = FollowFlags & { format?: TextFormat };

/** Where it stands is told where all are listed. */
type Row = Pick<PlacedLink, 'found'> & Partial<PlacedLink>;

const listing: Listing<Row> = {
  columns: [
    {
      title: 'KEY',
      value: ({ found }) => ('key' in found ? found.key : `rejected: ${found.rejected}`),
      width: 70,
    },
    { title: 'PLACE', value: ({ place }) => place ?? '' },
    { title: 'LINK', value: ({ found }) => found.link },
  ],
  id: ({ found }) => ('key' in found ? found.key : ''),
  // Scripts rely on exactly these members.
  record: ({ found }) =>
    'key' in found
      ? { link: found.link, key: found.key, facts: found.facts }
      : { link: found.link, rejected: found.rejected },
  nothing: 'no links found',
};

/** Prints what a text links to, in order of appearance; with a choice, what `add` would take. */
export async function links(file: string, command: Command): Promise<void> {
  const options = command.opts<LinksFlags>();
  const { follow, platform, sameHost } = options;
  const isChoice = follow !== undefined || platform !== undefined || sameHost === true;
  const rows = isChoice ? await chosen(file, options) : await linksIn([file], options.format);
  printListing(rows, listing, formatOf(globals(command)));
}

async function chosen(file: string, options: LinksFlags): Promise<Row[]> {
  const { followed, aside } = await chosenIn([file], options.format, choiceFrom(options));
  reportAside(aside);
  return followed.map((found) => ({ found }));
}
