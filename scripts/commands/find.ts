import type { Command } from 'commander';
import { type FoundCapture, findCaptures, type Question } from '../../src/catalog/find.ts';
import { UsageError } from '../../src/errors.ts';
import { identifyLink } from '../../src/links/identify-link.ts';
import { type Listing, printListing, shortTime } from './output.ts';
import { formatOf, globals, withExisting } from './verb.ts';

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
    { title: '', value: (row) => (row.environment === 'demo' ? 'DEMONSTRATION' : '') },
  ],
  id: (row) => row.id,
  record: (row) => ({ schema: 'holdfast.found/1', ...row }),
  nothing: 'nothing found',
};

export async function find(words: string[], command: Command): Promise<void> {
  const flags = command.opts<FindFlags>();
  const options = globals(command);
  await withExisting(options, async ({ parts }) => {
    const page = await findCaptures(parts.database, questionFrom(words, flags));
    printListing(page.rows, listing, formatOf(options));
    if (page.next !== null) console.error(`more: --after ${page.next}`);
    if (page.rows.length === 0) process.exitCode = 3;
  });
}

function questionFrom(words: string[], flags: FindFlags): Question {
  const limit = Number.parseInt(flags.limit, 10);
  if (!(limit >= 1 && limit <= 1000))
    throw new UsageError('bad-limit', '--limit must be 1 to 1000');
  return {
    text: words.join(' ').trim() || undefined,
    source: flags.source === undefined ? undefined : sourceKey(flags.source),
    platform: flags.platform,
    author: flags.author?.replace(/^@/, ''),
    state: flags.state,
    case: flags.case,
    tag: flags.tag,
    since: timeOf('--since', flags.since),
    until: timeOf('--until', flags.until),
    sha256: flags.sha256?.toLowerCase(),
    limit,
    after: flags.after,
  };
}

/** A canonical key as it stands, or whatever link leads to one. */
export function sourceKey(text: string): string {
  if (/^[a-z]+:[a-z]+:/.test(text) || text.startsWith('web:')) return text;
  const found = identifyLink(text);
  return 'key' in found ? found.key : text;
}

function timeOf(flag: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new UsageError('bad-time', `${flag}: ${text} is no ISO 8601 time`);
  return time;
}
