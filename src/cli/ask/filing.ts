import type { Command } from 'commander';
import { forTerminal } from '../../base/for-terminal.ts';
import { plural } from '../../base/plural.ts';
import { listCases } from '../../catalog/cases.ts';
import { listTags } from '../../catalog/filings.ts';
import { keepSearchable } from '../../catalog/keep-searchable.ts';
import type { Case, Filing, Tag } from '../../model/filing.ts';
import { type Filed, type FilingOrder, fileNamed } from '../../pipeline/requests/file.ts';
import { type Listing, printListing, shortTime } from '../terminal/output.ts';
import { formatOf, globals, withExisting } from '../verb.ts';

const mostListed = 10_000;

const caseListing: Listing<Case> = {
  columns: [
    { title: 'CASE', value: (row) => row.name, width: 40 },
    { title: 'SOURCES', value: (row) => row.sources },
    { title: 'CAPTURES', value: (row) => row.captures },
    { title: 'FIRST', value: (row) => shortTime(row.firstAt) },
    { title: 'LAST', value: (row) => shortTime(row.lastAt) },
  ],
  id: (row) => row.name,
  record: (row) => ({ schema: 'holdfast.case/1', ...row }),
  nothing: 'there are no cases yet: holdfast add --case NAME or holdfast case add starts one',
};

export async function cases(command: Command): Promise<void> {
  const options = globals(command);
  await withExisting(options, async ({ parts }) => {
    printListing(await listCases(parts.database, mostListed), caseListing, formatOf(options));
  });
}

const tagListing: Listing<Tag> = {
  columns: [
    { title: 'TAG', value: (row) => row.name, width: 40 },
    { title: 'SOURCES', value: (row) => row.sources },
    { title: 'CAPTURES', value: (row) => row.captures },
  ],
  id: (row) => row.name,
  record: (row) => ({ schema: 'holdfast.tag/1', ...row }),
  nothing: 'there are no tags yet: use holdfast add --tag TAG or holdfast tag add',
};

export async function tags(command: Command): Promise<void> {
  const options = globals(command);
  await withExisting(options, async ({ parts }) => {
    await keepSearchable(parts.database);
    printListing(await listTags(parts.database, mostListed), tagListing, formatOf(options));
  });
}

const filingListing: Listing<Filing> = {
  columns: [
    { title: 'FILED', value: (row) => `${row.kind} ${row.change}` },
    { title: 'WORDS', value: (row) => row.value, width: 40 },
    { title: 'ON', value: (row) => row.captureId ?? row.sourceKey, width: 60 },
    { title: 'CASE', value: (row) => row.caseName ?? '', width: 24 },
    { title: 'ENTRY', value: (row) => row.logIndex },
  ],
  id: (row) => row.id,
  record: (row) => ({ schema: 'holdfast.filing/1', ...row }),
  nothing: '',
};

/** Writes it down, and prints what was. */
export async function file(order: FilingOrder, command: Command): Promise<void> {
  const options = globals(command);
  const given = command.opts<{ by?: string; case?: string }>();
  await withExisting(options, async ({ parts }) => {
    const filed = await fileNamed(parts, { ...order, ...given });
    printListing(filed.filings, filingListing, formatOf(options));
    sayWhatElse(order, filed);
  });
}

function sayWhatElse(
  { kind, change, value }: FilingOrder,
  { unchanged, inSeveralCases }: Filed,
): void {
  for (const sourceKey of unchanged)
    console.error(
      forTerminal(
        change === 'added'
          ? `${sourceKey} has the ${kind} "${value}" already`
          : `${sourceKey} does not have the ${kind} "${value}"`,
      ),
    );
  if (inSeveralCases.length > 0)
    console.error(
      `${plural(inSeveralCases.length, 'source')} in several cases: this is handed over with none of them; --case NAME says which it is for`,
    );
}
