import type { Command } from 'commander';
import type { App, StartWorkers } from '../../app.ts';
import { readable } from '../../base/report-failure.ts';
import { unfinishedAmong } from '../../catalog/captures.ts';
import { slots } from '../../catalog/feeder.ts';
import type { CaptureRecord } from '../../catalog/show.ts';
import { showCapture } from '../../pipeline/answers/show.ts';
import { hopefulRounds } from '../../pipeline/intake/feed.ts';
import type { Submitted } from '../../pipeline/intake/submit.ts';
import { printCaptures } from '../terminal/capture-report.ts';
import { write } from '../terminal/output.ts';
import { showProgress } from '../terminal/progress.ts';
import { formatOf, globals, withApp } from '../verb.ts';
import { reportRejected, type SubmitFlags, submit } from './add.ts';

/** Adds, works until these captures are closed, prints what was kept. */
export async function archive(
  inputs: string[],
  command: Command,
  startWorkers: StartWorkers,
): Promise<void> {
  const flags = command.opts<SubmitFlags>();
  const options = globals(command);
  await withApp(options, async (app) => {
    const submitted = await submit(app, inputs, flags);
    const records = await workUntilClosed(app, startWorkers, idsOf(submitted));
    const format = formatOf(options);
    if (format === 'json') write(JSON.stringify({ captures: records }, null, 2));
    else printCaptures(records, format);
    reportKept(submitted);
    reportRejected(submitted);
    reportShortfalls(records);
  });
}

/** What is shown was captured then, not now, and whoever reads it must not take it for today's. */
function reportKept(submitted: Submitted[]): void {
  for (const { link, captureId, opened } of submitted) {
    if (captureId === null || opened) continue;
    console.error(`${readable(link)}: kept already or under way; --again captures it anew`);
  }
}

function idsOf(submitted: Submitted[]): string[] {
  return [...new Set(submitted.flatMap((row) => row.captureId ?? []))];
}

/**
 * Works in this process until every one of these captures is closed. The first Ctrl-C
 * finishes what is in hand and leaves the rest in the queue, the second stops at once.
 * @throws HoldfastError `catalog-replaced`
 */
export async function workUntilClosed(
  app: App,
  startWorkers: StartWorkers,
  captureIds: string[],
): Promise<CaptureRecord[]> {
  const stop = new AbortController();
  const workers = await startWorkers(app);
  const interrupted = () => {
    if (stop.signal.aborted) void workers.close(0);
    else console.error('finishing what is in hand; Ctrl-C again stops at once');
    process.exitCode = 130;
    stop.abort(new Error('interrupted'));
  };
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);
  const ended = AbortSignal.any([stop.signal, workers.outdated]);
  try {
    await showProgress(app, captureIds, ended, () => stillHopeful(app, captureIds));
  } finally {
    const graceMs = stop.signal.aborted ? 10 * 60_000 : 30_000;
    await workers.close(workers.outdated.aborted ? 0 : graceMs);
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  }
  workers.outdated.throwIfAborted();
  const records = await Promise.all(captureIds.map((id) => showCapture(app.parts, id)));
  return records.filter((record) => record !== null);
}

/** Captures that are open and may still close by themselves, unlike on a full disk. */
async function stillHopeful(app: App, captureIds: string[]): Promise<string[]> {
  const open = await unfinishedAmong(app.parts.database, captureIds);
  const held = await slots(app.parts.database);
  const stuck = new Set(
    held.filter(({ round }) => round > hopefulRounds).map(({ captureId }) => captureId),
  );
  return open.filter((captureId) => !stuck.has(captureId));
}

/** Exit code 4 when something asked for is not there as asked. */
export function reportShortfalls(records: CaptureRecord[]): void {
  for (const record of records) {
    const unwell = record.state !== 'complete' || record.sourceNow.kind !== null;
    if (!unwell) continue;
    const step = record.steps.find(({ state }) => state === 'blocked' || state === 'failed');
    const why = record.sourceNow.kind ?? step?.reason ?? 'see show';
    console.error(`${readable(record.link)}: ${record.state ?? 'unfinished'} (${why})`);
    process.exitCode ||= 4;
  }
}
