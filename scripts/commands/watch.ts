import type { Command } from 'commander';
import { listWatches, type WatchRow } from '../../src/catalog/watches.ts';
import { NotFoundError } from '../../src/errors.ts';
import { unwatchSource, watchSource } from '../../src/pipeline/watch.ts';
import { planInWords } from '../../src/watch/plan.ts';
import { type Listing, printListing, shortTime } from './output.ts';
import { formatOf, globals, withApp, withExisting } from './verb.ts';

const listing: Listing<WatchRow> = {
  columns: [
    { title: 'SOURCE', value: (row) => row.sourceKey, width: 60 },
    { title: 'PLAN', value: planInWords },
    { title: 'NEXT', value: (row) => shortTime(row.nextDueAt) },
    { title: 'LAST', value: (row) => shortTime(row.lastSweptAt) },
    { title: 'CASE', value: (row) => row.caseName ?? '' },
  ],
  id: (row) => row.sourceKey,
  record: (row) => ({ schema: 'holdfast.watch/1', ...row }),
  nothing: 'nothing is watched',
};

interface WatchFlags {
  tz: string;
  case?: string;
  tag: string[];
  note?: string;
}

export async function watch(source: string, plan: string, command: Command): Promise<void> {
  const flags = command.opts<WatchFlags>();
  const options = globals(command);
  await withApp(options, async ({ parts }) => {
    const row = await watchSource(parts, source, plan, {
      timeZone: flags.tz,
      case: flags.case,
      tags: flags.tag,
      note: flags.note,
    });
    printListing([row], listing, formatOf(options));
  });
}

export async function unwatch(source: string, command: Command): Promise<void> {
  await withExisting(globals(command), async ({ parts }) => {
    if (!(await unwatchSource(parts, source))) {
      throw new NotFoundError('no-watch', `${source} is not watched`);
    }
  });
}

export async function watches(command: Command): Promise<void> {
  const options = globals(command);
  await withExisting(options, async ({ parts }) => {
    printListing(await listWatches(parts.database), listing, formatOf(options));
  });
}
