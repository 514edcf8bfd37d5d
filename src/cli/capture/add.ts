import type { Command } from 'commander';
import type { App } from '../../app.ts';
import { rejections } from '../../base/codes/rejections.ts';
import { exits } from '../../base/exit-codes.ts';
import { readable } from '../../base/report-failure.ts';
import type { TextFormat } from '../../links/read-links.ts';
import type { Submitted } from '../../model/submission.ts';
import { addRequested } from '../../pipeline/requests/add.ts';
import { wholeNumber } from '../terminal/flags.ts';
import { type Listing, printListing } from '../terminal/output.ts';
import { chosenIn, stepsIn } from '../terminal/read-input.ts';
import { formatOf, globals, withApp } from '../verb.ts';
import { agreesTo, choiceFrom, type FollowFlags, reportAside } from './follow.ts';

export interface SubmitFlags extends FollowFlags {
  case?: string;
  tag: string[];
  note?: string;
  reason?: string;
  by?: string;
  priority: string;
  watch?: string;
  tz: string;
  again?: boolean;
  profile?: string;
  format?: TextFormat;
  steps?: string;
  yes?: boolean;
}

export const submittedListing: Listing<Submitted> = {
  columns: [
    { title: 'CAPTURE', value: (row) => row.captureId ?? '-' },
    { title: 'SOURCE', value: (row) => row.key ?? `rejected: ${row.rejected}`, width: 60 },
    { title: 'LINK', value: (row) => row.link, width: 60 },
    {
      title: '',
      csvTitle: 'NOTE',
      value: (row) =>
        row.captureId !== null && !row.opened ? 'captured already or under way' : '',
    },
  ],
  id: (row) => row.captureId ?? '',
  record: (row) => ({ schema: 'holdfast.submission/1', ...row }),
  nothing: '', // said by `submit`, whatever the format
};

/** Puts links into the catalog and the queue; workers do the rest. */
export async function add(inputs: string[], command: Command): Promise<void> {
  const flags = command.opts<SubmitFlags>();
  const options = globals(command);
  await withApp(options, async (app) => {
    const submitted = await submit(app, inputs, flags);
    printListing(submitted, submittedListing, formatOf(options));
    reportRejected(submitted);
  });
}

export async function submit(app: App, inputs: string[], flags: SubmitFlags): Promise<Submitted[]> {
  const { followed, aside } = await chosenIn(inputs, flags.format, choiceFrom(flags));
  reportAside(aside);
  if (followed.length === 0) return nothingAdded(aside.length, exits.notFound.code);
  if (!(await agreesTo(followed.length, inputs, flags.yes)))
    return nothingAdded(aside.length, exits.interrupted.code);
  return addRequested(app.parts, await app.queue(), followed, {
    case: flags.case,
    tags: flags.tag,
    note: flags.note,
    reason: flags.reason,
    by: flags.by,
    priority: wholeNumber('--priority', flags.priority, -1_000_000, 1_000_000),
    again: flags.again,
    profile: flags.profile,
    steps: flags.steps === undefined ? undefined : await stepsIn(flags.steps),
    watch: flags.watch,
    timeZone: flags.tz,
  });
}

function nothingAdded(asideCount: number, exitCode: number): [] {
  const none = exitCode === exits.notFound.code && asideCount === 0;
  console.error(none ? 'no links found, nothing added' : 'nothing added');
  process.exitCode ||= exitCode;
  return [];
}

/** What its code says to do; nothing where there is nothing to be done. */
function todoFor(code: string | null): string {
  const { todo = 'Nothing.' } = rejections[code as keyof typeof rejections] ?? {};
  return todo === 'Nothing.' ? '' : `: ${todo.charAt(0).toLowerCase()}${todo.slice(1, -1)}`;
}

/** A rejected link never stops the others; the exit code says that there was one. */
export function reportRejected(submitted: Submitted[]): void {
  const rejected = submitted.filter((row) => row.rejected !== null);
  for (const { link, rejected: code } of rejected)
    console.error(`rejected: ${readable(link)} (${code})${todoFor(code)}`);
  if (rejected.length > 0) process.exitCode ||= exits.someFailed.code;
}
