import type { Command } from 'commander';
import type { FoundLink, TextFormat } from '../../links/read-links.ts';
import { type Listing, printListing } from '../terminal/output.ts';
import { linksIn } from '../terminal/read-input.ts';
import { formatOf, globals } from '../verb.ts';

const listing: Listing<FoundLink> = {
  columns: [
    {
      title: 'KEY',
      value: (found) => ('key' in found ? found.key : `rejected: ${found.rejected}`),
      width: 70,
    },
    { title: 'LINK', value: (found) => found.link },
  ],
  id: (found) => ('key' in found ? found.key : ''),
  // Scripts rely on exactly these members.
  record: (found) =>
    'key' in found
      ? { link: found.link, key: found.key, facts: found.facts }
      : { link: found.link, rejected: found.rejected },
  nothing: 'no links found',
};

/** Prints what a text links to, in order of appearance. */
export async function links(file: string, command: Command): Promise<void> {
  const options = command.opts<{ format?: TextFormat }>();
  printListing(await linksIn([file], options.format), listing, formatOf(globals(command)));
}
