import type { Command } from 'commander';
import { NotFoundError, UsageError } from '../../base/errors.ts';
import { forTerminal } from '../../base/for-terminal.ts';
import { listWatches, watchesOfCase } from '../../catalog/watches.ts';
import type { WatchOptions, WatchRow } from '../../model/watch.ts';
import { knownCase } from '../../pipeline/known-case.ts';
import { isScope, pauseWatch, unwatchSource, watchSource } from '../../pipeline/watching/watch.ts';
import { planInWords } from '../../watch/plan.ts';
import { quietInWords } from '../../watch/quiet-hours.ts';
import { optionalTime } from '../terminal/flags.ts';
import { type Listing, printListing, shortTime } from '../terminal/output.ts';
import { noteUnknownCase } from '../terminal/unknown-case.ts';
import { formatOf, globals, withApp, withExisting } from '../verb.ts';

const listing: Listing<WatchRow> = {
  columns: [
    { title: 'SOURCE', value: (row) => row.sourceKey },
    { title: 'PLAN', value: planInWords },
    { title: 'STATE', value: stateInWords },
    { title: 'NEXT', value: (row) => (row.state === 'active' ? shortTime(row.nextDueAt) : '') },
    { title: 'LAST', value: (row) => shortTime(row.lastSweptAt) },
    { title: 'CASE', value: (row) => row.caseName ?? '' },
    { title: 'TERMS', value: termsInWords },
  ],
  id: (row) => row.sourceKey,
  record: (row) => ({ schema: 'holdfast.watch/1', ...row }),
  nothing: 'nothing is watched',
};

function stateInWords({ state, endedReason, hotUntil }: WatchRow): string {
  if (state === 'ended') return `ended: ${endedReason ?? 'unknown'}`;
  return state === 'active' && hotUntil !== null && hotUntil > new Date() ? 'active, dense' : state;
}

function termsInWords(row: WatchRow): string {
  const terms = [
    isScope(row.sourceKey) ? 'every source of it' : '',
    row.captures === 'always' ? 'captured at every visit' : 'captured when it changes',
    row.untilGone ? 'until it is gone' : '',
    row.endsAt === null ? '' : `until ${shortTime(row.endsAt)}`,
    row.quiet === null ? '' : `quiet ${quietInWords(row.quiet)}`,
    row.scope === null ? '' : `by ${row.scope}`,
  ];
  return terms.filter(Boolean).join(', ');
}

export interface WatchFlags {
  tz: string;
  case?: string;
  tag: string[];
  note?: string;
  capture?: 'always' | 'changed';
  quietHours?: string;
  until?: string;
  untilGone?: boolean;
  pause?: boolean;
  resume?: boolean;
}

export async function watch(
  source: string,
  plan: string | undefined,
  command: Command,
): Promise<void> {
  const flags = command.opts<WatchFlags>();
  const options = globals(command);
  if (plan === undefined) return pauseOrResume(source, flags, command);
  await withApp(options, async ({ parts }) => {
    const row = await watchSource(parts, source, plan, optionsFrom(flags));
    printListing([row], listing, formatOf(options));
    if (source.startsWith('case:')) await noteUnknownCase(parts.database, source.slice(5));
  });
}

function optionsFrom(flags: WatchFlags): WatchOptions {
  return {
    timeZone: flags.tz,
    case: flags.case,
    tags: flags.tag,
    note: flags.note,
    captures: flags.capture,
    quiet: flags.quietHours,
    endsAt: optionalTime('--until', flags.until, { ahead: true }),
    untilGone: flags.untilGone,
    paused: flags.pause,
  };
}

async function pauseOrResume(source: string, flags: WatchFlags, command: Command): Promise<void> {
  const { pause, resume } = flags;
  if (pause === resume) {
    throw new UsageError(
      'no-plan',
      'name a plan (6h, "0 6 * * *" or adaptive), or --pause or --resume for an existing watch',
    );
  }
  const options = globals(command);
  await withExisting(options, async ({ parts }) => {
    const row = await pauseWatch(parts, source, pause === true);
    printListing([row], listing, formatOf(options));
  });
}

export async function unwatch(source: string, command: Command): Promise<void> {
  await withExisting(globals(command), async ({ parts }) => {
    if (!(await unwatchSource(parts, source))) {
      throw new NotFoundError(
        'no-watch',
        `${source} is not watched: holdfast watches lists all watches`,
      );
    }
    console.error(`${forTerminal(source)} is no longer watched; its captures stay`);
  });
}

export async function watches(command: Command): Promise<void> {
  const options = globals(command);
  await withExisting(options, async ({ parts }) => {
    const { case: caseName } = command.opts<{ case?: string }>();
    const rows =
      caseName === undefined
        ? await listWatches(parts.database)
        : await watchesOfCase(parts.database, await knownCase(parts.database, caseName));
    printListing(rows, listing, formatOf(options));
  });
}
