import type { Command } from 'commander';
import type { App, LoadWorkers, StartWorkers } from '../../app.ts';
import { exits } from '../../base/exit-codes.ts';
import { plural } from '../../base/plural.ts';
import { readable } from '../../base/report-failure.ts';
import type { CaptureRecord } from '../../model/capture-record.ts';
import type { Submitted } from '../../model/submission.ts';
import { workUntilClosed } from '../../pipeline/answers/until-closed.ts';
import { printCaptures } from '../terminal/capture-report.ts';
import { shortTime, write } from '../terminal/output.ts';
import { progressOn } from '../terminal/progress.ts';
import { formatOf, globals, withApp } from '../verb.ts';
import { reportRejected, type SubmitFlags, submit } from './add.ts';

/** Of more captures than these nobody reads whole reports. */
const mostWhole = 3;

/** Adds, works until these captures are closed, prints what was kept. */
export async function archive(
  inputs: string[],
  command: Command,
  loadWorkers: LoadWorkers,
): Promise<void> {
  const flags = command.opts<SubmitFlags & { sealed?: boolean }>();
  const options = globals(command);
  const began = new Date();
  const loading = loadWorkers(); // while the database comes up
  loading.catch(() => {}); // told below
  await withApp(options, async (app) => {
    const submitted = await submit(app, inputs, flags);
    const records = await archiveWithProgress(app, await loading, idsOf(submitted), {
      sealed: flags.sealed ?? false,
    });
    const format = formatOf(options);
    if (format === 'json') write(JSON.stringify({ captures: records }, null, 2));
    else printCaptures(records, format, { mostWhole });
    reportKept(submitted, records, began);
    sayWhatIsNew(submitted, records);
    if (app.parts.egress.wayOut.wasGone) reportWaiting(records);
    reportRejected(submitted);
    reportShortfalls(records);
  });
}

/** What is shown was captured then, not now, and whoever reads it must not take it for today's. */
function reportKept(submitted: Submitted[], records: CaptureRecord[], began: Date): void {
  for (const { link, captureId, opened } of submitted) {
    if (captureId === null || opened) continue;
    const record = records.find(({ id }) => id === captureId);
    if (new Date(record?.finishedAt ?? 0) > began) {
      console.error(`${readable(link)}: was already waiting, and has been captured now`);
      continue;
    }
    const when = record?.finishedAt
      ? `captured already, on ${shortTime(record.finishedAt)}`
      : 'under way already';
    console.error(
      `${readable(link)}: ${when}; nothing was captured now (--again captures it again)`,
    );
  }
}

/** Among several, what was captured now and what was there before. */
function sayWhatIsNew(submitted: Submitted[], records: CaptureRecord[]): void {
  if (records.length < 2) return;
  const opened = new Set(submitted.flatMap((row) => (row.opened ? [row.captureId] : [])));
  const closed = records.filter(({ state }) => state !== null);
  const fresh = closed.filter(({ id }) => opened.has(id)).length;
  const before = closed.length - fresh;
  const open = records.length - closed.length;
  const left = open === 0 ? '' : `, ${open} not finished`;
  console.error(`${plural(fresh, 'new capture')}, ${before} there already${left}`);
}

/** Nothing is wrong with what could not be asked for. */
function reportWaiting(records: CaptureRecord[]): void {
  const waiting = records.filter(({ state }) => state === null).length;
  if (waiting === 0) return;
  const links = plural(waiting, 'link waits', 'links wait');
  console.error(`no network: ${links} (holdfast work goes on when there is one)`);
  process.exitCode ||= exits.tryLater.code;
}

function idsOf(submitted: Submitted[]): string[] {
  return [...new Set(submitted.flatMap((row) => row.captureId ?? []))];
}

/**
 * Works in this process until every one of these captures is closed, and what is made of them
 * has ended (`sealed`: not waiting for that). The first Ctrl-C
 * finishes what is in hand and leaves the rest in the queue, the second stops at once.
 * @throws StateError `catalog-replaced`
 */
export async function archiveWithProgress(
  app: App,
  startWorkers: StartWorkers,
  captureIds: string[],
  { sealed }: { sealed: boolean } = { sealed: false },
): Promise<CaptureRecord[]> {
  let stillOpen = captureIds.length;
  const finishing = new AbortController();
  const stopping = new AbortController();
  const progress = progressOn(app.parts.database, captureIds);
  const interrupted = () => {
    process.exitCode = exits.interrupted.code;
    if (finishing.signal.aborted) return stopping.abort(new Error('interrupted'));
    progress.end();
    console.error(interruptedWords(captureIds.length, stillOpen));
    finishing.abort(new Error('interrupted'));
  };
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);
  try {
    return await workUntilClosed(app.parts, (options) => startWorkers(app, options), captureIds, {
      sealed,
      finish: finishing.signal,
      signal: stopping.signal,
      onLook: async (open) => {
        stillOpen = open.length;
        await progress.show(open);
        if (open.length > 0 && app.parts.egress.wayOut.wasGone)
          finishing.abort(new Error('no network'));
      },
    });
  } finally {
    progress.end();
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  }
}

/** What a person who stops it has to know: nothing that was accepted is lost. */
function interruptedWords(accepted: number, open: number): string {
  const links = plural(accepted, 'capture');
  return [
    `${links} accepted, ${accepted - open} finished; the others stay in the queue for holdfast work`,
    'finishing the jobs in hand; press Ctrl-C again to stop at once',
  ].join('\n');
}

/** Exit code 4 when something asked for is not there as asked. */
function reportShortfalls(records: CaptureRecord[]): void {
  for (const record of records) {
    const unwell = record.state !== 'complete' || record.sourceNow.kind !== null;
    if (!unwell) continue;
    if (record.state === null && process.exitCode === exits.tryLater.code) continue;
    const unwellSteps = record.steps.filter(
      ({ state }) => state === 'blocked' || state === 'failed',
    );
    // What it needed, before what was only tried beside it.
    const step = unwellSteps.find(({ required }) => required) ?? unwellSteps[0];
    const why = record.sourceNow.kind ?? step?.reason ?? 'see show';
    console.error(`${readable(record.link)}: ${record.state ?? 'unfinished'} (${why})`);
    process.exitCode ||= exits.someFailed.code;
  }
}
