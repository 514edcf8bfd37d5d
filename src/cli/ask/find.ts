import type { Command } from 'commander';
import { exits } from '../../base/exit-codes.ts';
import type { FoundCapture, Question } from '../../model/found-capture.ts';
import { findNamed } from '../../pipeline/answers/find.ts';
import { optionalTime, wholeNumber } from '../terminal/flags.ts';
import { type Listing, printListing, shortTime } from '../terminal/output.ts';
import { formatOf, globals, withExisting } from '../verb.ts';

interface FindFlags {
  source?: string;
  platform?: string;
  author?: string;
  state?: string;
  case?: string;
  tag?: string;
  since?: string;
  until?: string;
  sha256?: string;
  limit: string;
  after?: string;
}

const listing: Listing<FoundCapture> = {
  columns: [
    { title: 'CAPTURE', value: (row) => row.id },
    { title: 'STATE', value: (row) => row.state ?? 'unfinished' },
    { title: 'SOURCE', value: (row) => row.source, width: 44 },
    { title: 'AUTHOR', value: (row) => row.author ?? '', width: 18 },
    { title: 'OPENED', value: (row) => shortTime(row.openedAt) },
    { title: 'NOW', value: (row) => row.availability },
    { title: 'TEXT', value: (row) => row.firstLine ?? '', width: 60 },
    {
      title: '',
      csvTitle: 'ENVIRONMENT',
      value: (row) => (row.environment === 'demo' ? 'DEMONSTRATION' : ''),
    },
  ],
  id: (row) => row.id,
  record: (row) => ({ schema: 'holdfast.found/1', ...row }),
  nothing: 'nothing found',
};

export async function find(words: string[], command: Command): Promise<void> {
  const flags = command.opts<FindFlags>();
  const options = globals(command);
  await withExisting(options, async ({ parts }) => {
    const page = await findNamed(parts.database, questionFrom(words, flags));
    printListing(page.rows, listing, formatOf(options));
    if (page.next !== null) console.error(`more: --after ${page.next}`);
    if (page.rows.length === 0) process.exitCode = exits.notFound.code;
  });
}

function questionFrom(words: string[], flags: FindFlags): Question {
  const since = optionalTime('--since', flags.since);
  const until = optionalTime('--until', flags.until);
  return {
    text: words.join(' ').trim() || undefined,
    source: flags.source,
    platform: flags.platform,
    author: flags.author,
    state: flags.state,
    case: flags.case,
    tag: flags.tag,
    since,
    until,
    sha256: flags.sha256,
    limit: wholeNumber('--limit', flags.limit, 1, 1000),
    after: flags.after,
  };
}
