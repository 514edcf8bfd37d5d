/** What happened to a source, and what was taken down in a period. */

import type { Command } from 'commander';
import { csvCell } from '../../base/csv-cell.ts';
import { UsageError } from '../../base/errors.ts';
import { captureIdFrom, isCaptureIdLike } from '../../catalog/capture-id.ts';
import { resolvedCapture } from '../../catalog/captures.ts';
import type { Queryable } from '../../catalog/database.ts';
import type { TimelineEntry } from '../../catalog/timeline.ts';
import { type Takedown, type TakedownGrouping, takedownGroupings } from '../../model/takedown.ts';
import { historyOf, historyOfCase } from '../../pipeline/answers/timeline.ts';
import { reportTakedowns, takedownsIn } from '../../pipeline/watching/takedowns.ts';
import { inHtml, inMarkdown, inRows, type TakedownReport } from '../../watch/takedown-report.ts';
import { optionalTime } from '../terminal/flags.ts';
import { type Listing, printListing, shortTime, write } from '../terminal/output.ts';
import { formatOf, globals, withExisting } from '../verb.ts';

const timelineListing: Listing<TimelineEntry> = {
  columns: [
    { title: 'AT', value: (row) => `${row.at.toISOString().slice(0, 19).replace('T', ' ')}Z` },
    { title: 'WHAT', value: (row) => row.what },
    { title: '', csvTitle: 'WORD', value: (row) => row.word ?? '', width: 24 },
    { title: 'BY', value: (row) => row.by ?? '', width: 20 },
    { title: 'ID', value: (row) => row.id },
    { title: 'DETAIL', value: (row) => inWords(row), width: 70 },
  ],
  id: (row) => row.id,
  record: (row) => ({ schema: 'holdfast.timeline-entry/1', ...row }),
  nothing: 'nothing is on record about it',
};

function inWords({ detail }: TimelineEntry): string {
  const told = Object.entries(detail).filter(([, value]) => value !== null && value !== '');
  return told
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(', ');
}

/** Of one source, or of every source of a case. */
export async function timeline(source: string | undefined, command: Command): Promise<void> {
  const options = globals(command);
  const { case: caseName } = command.opts<{ case?: string }>();
  if ((source === undefined) === (caseName === undefined))
    throw new UsageError('which-sources', 'name a source, or a case with --case');
  await withExisting(options, async ({ parts: { database } }) => {
    if (caseName !== undefined)
      printListing(await historyOfCase(database, caseName), caseListing, formatOf(options));
    else if (source !== undefined)
      printListing(
        (await historyOf(database, await meant(database, source))).entries,
        timelineListing,
        formatOf(options),
      );
  });
}

/** A capture's id, or its beginning, stands for its source. */
async function meant(database: Queryable, named: string): Promise<string> {
  if (!isCaptureIdLike(named)) return named;
  return (await resolvedCapture(database, await captureIdFrom(database, named))).sourceKey;
}

const caseListing: Listing<TimelineEntry> = {
  ...timelineListing,
  columns: [
    ...timelineListing.columns.slice(0, 1),
    { title: 'SOURCE', value: (row) => row.source ?? '', width: 40 },
    ...timelineListing.columns.slice(1),
  ],
  nothing: 'nothing is on record about its sources',
};

interface TakedownFlags {
  from?: string;
  to?: string;
  case?: string;
  by?: TakedownGrouping;
  format?: 'md' | 'csv' | 'json' | 'html';
}

const takedownListing: Listing<Takedown> = {
  columns: [
    { title: 'CONFIRMED', value: (row) => shortTime(row.confirmedAt) },
    { title: 'SOURCE', value: (row) => row.sourceKey },
    { title: 'AUTHOR', value: (row) => row.authorHandle ?? '' },
    { title: 'KIND', value: (row) => row.kind ?? '' },
    { title: 'LAST SEEN', value: (row) => shortTime(row.lastSeen) },
    { title: 'BACK', value: (row) => shortTime(row.restoredAt) },
    { title: 'CAPTURES', value: (row) => row.captures },
  ],
  id: (row) => row.sourceKey,
  record: (row) => ({ schema: 'holdfast.takedown/1', ...row }),
  nothing: 'nothing was found removed in that period; only watched or checked sources can be',
};

/** A list of what was removed; with `--by`, counts that may be published. */
export async function takedowns(command: Command): Promise<void> {
  const options = globals(command);
  const flags = command.opts<TakedownFlags>();
  const { case: caseName } = flags;
  const period = {
    from: optionalTime('--from', flags.from),
    to: optionalTime('--to', flags.to),
    case: caseName,
  };
  await withExisting(options, async ({ parts: { database, home } }) => {
    const format = formatOf(options);
    if (flags.by === undefined && flags.format === undefined) {
      printListing(await takedownsIn(database, period), takedownListing, format);
      return;
    }
    const { environment } = home;
    const by = flags.by ?? 'platform';
    if (!takedownGroupings.includes(by))
      throw new UsageError('bad-grouping', `not a grouping: ${by}`);
    printReport(
      await reportTakedowns(database, period, { by, environment }),
      flags.format ?? reportFormats[format],
      format === 'jsonl' ? 0 : 2,
    );
  });
}

/** What the options for every verb mean for a report, which is one document. */
const reportFormats = { table: 'md', ids: 'md', json: 'json', jsonl: 'json', csv: 'csv' } as const;

function printReport(
  report: TakedownReport,
  format: NonNullable<TakedownFlags['format']>,
  indent: number,
): void {
  if (format === 'html') process.stdout.write(inHtml(report));
  else if (format === 'md') process.stdout.write(inMarkdown(report));
  else if (format === 'csv') for (const row of inRows(report)) write(row.map(csvCell).join(','));
  else write(JSON.stringify({ schema: 'holdfast.takedowns/1', ...report }, null, indent));
}
