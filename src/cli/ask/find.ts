import type { Command } from 'commander';
import { exits } from '../../base/exit-codes.ts';
import { plural } from '../../base/plural.ts';
import type { Facets, FoundCapture, FoundPage, Question } from '../../model/found-capture.ts';
import { facetsNamed, findNamed } from '../../pipeline/answers/find.ts';
import { optionalTime, wholeNumber } from '../terminal/flags.ts';
import { type Format, type Listing, printListing, shortTime } from '../terminal/output.ts';
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
  best?: boolean;
  facets?: boolean;
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
    { title: 'TEXT', value: (row) => row.snippet?.text ?? row.firstLine ?? '', width: 60 },
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
  const question = questionFrom(words, flags);
  await withExisting(options, async ({ parts }) => {
    if (flags.facets) return printFacets(await facetsNamed(parts, question), formatOf(options));
    const page = await findNamed(parts, question);
    printListing(page.rows, listing, formatOf(options));
    sayWhatIsLeft(page);
    if (page.rows.length === 0) process.exitCode = exits.notFound.code;
  });
}

function sayWhatIsLeft({ next, ranked, notYetSearchable: waiting }: FoundPage): void {
  if (ranked !== 'all') console.error('the best of the newest 1,000 that match');
  if (waiting > 0) {
    const many = waiting < 1_000 ? plural(waiting, 'capture') : 'more than 1,000 captures';
    console.error(`${many} can't be found by all their words yet: holdfast work does that`);
  }
  if (next !== null) console.error(`more: --after ${next}`);
}

interface CountedValue {
  facet: string;
  value: string;
  count: number;
  isAll: boolean;
}

function printFacets({ counted, isAll, values }: Facets, format: Format): void {
  const rows = Object.entries(values).flatMap(([facet, found]) =>
    found.map(({ value, count }) => ({ facet, value, count, isAll })),
  );
  printListing<CountedValue>(
    rows,
    {
      columns: [
        { title: 'FIELD', value: (row) => row.facet },
        { title: 'VALUE', value: (row) => row.value, width: 44 },
        { title: 'CAPTURES', value: (row) => row.count },
      ],
      id: (row) => row.value,
      record: (row) => ({ schema: 'holdfast.facet/1', ...row }),
      nothing: 'nothing found',
    },
    format,
  );
  console.error(
    isAll
      ? `${plural(counted, 'capture')}`
      : `${counted.toLocaleString('en')}+ captures match: the newest ${counted.toLocaleString('en')} were counted`,
  );
  if (rows.length === 0) process.exitCode = exits.notFound.code;
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
    order: flags.best ? 'best' : 'newest',
    limit: wholeNumber('--limit', flags.limit, 1, 1000),
    after: flags.after,
  };
}
