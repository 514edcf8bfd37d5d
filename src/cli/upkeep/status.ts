import type { Command } from 'commander';
import { forTerminal } from '../../base/for-terminal.ts';
import { plural } from '../../base/plural.ts';
import type { CaptureUnderWay, SealState, Shortfall, StageCounts } from '../../model/status.ts';
import { statusOf } from '../../pipeline/answers/status.ts';
import { type Listing, printListing, shortTime, write } from '../terminal/output.ts';
import { formatOf, globals, withExisting } from '../verb.ts';

type Row = StageCounts & { stage: string };

const stageListing: Listing<Row> = {
  columns: [
    { title: 'STAGE', value: (row) => row.stage },
    { title: 'WAITING', value: (row) => row.waiting },
    { title: 'ON OTHERS', value: (row) => row.onOthers },
    { title: 'ACTIVE', value: (row) => row.active },
    { title: 'DELAYED', value: (row) => row.delayed },
    { title: 'FAILED', value: (row) => row.failed },
  ],
  id: (row) => row.stage,
  record: (row) => ({ schema: 'holdfast.stage/1', ...row }),
  nothing: '',
};

const openListing: Listing<CaptureUnderWay> = {
  columns: [
    { title: 'CAPTURE', value: (row) => row.captureId },
    { title: 'STATE', value: (row) => row.state },
    { title: 'SINCE', value: (row) => shortTime(row.since) },
    { title: 'WHY', value: whyInWords, wraps: true },
    { title: 'LINK', value: (row) => row.link, width: 76 },
  ],
  id: (row) => row.captureId,
  record: (row) => ({ ...row }),
  nothing: '',
};

const shortfallListing: Listing<Shortfall> = {
  columns: [
    { title: 'INCOMPLETE', value: (row) => row.captureId },
    { title: 'STATE', value: (row) => row.state },
    { title: 'AT', value: (row) => shortTime(row.at) },
    { title: 'WHY', value: (row) => row.reason ?? 'see show', wraps: true },
    { title: 'LINK', value: (row) => row.link, width: 76 },
  ],
  id: (row) => row.captureId,
  record: (row) => ({ ...row }),
  nothing: '',
};

function whyInWords({ state, step, why }: CaptureUnderWay): string {
  if (state === 'running') return step ?? '';
  if (why === 'no-worker') return 'no worker is running';
  return why === 'turn' ? 'for its turn' : `tried again after ${why}`;
}

/** What runs, what waits and why, what fell short, and who works. */
export async function status(command: Command): Promise<void> {
  const options = globals(command);
  const format = formatOf(options);
  await withExisting(options, async (app) => {
    const found = await statusOf(app.parts, await app.queue());
    if (format === 'json') return write(JSON.stringify(found, null, 2));
    const { stages, unfinished, deriving, backend, stuck, seal, workers } = found;
    const rows: Row[] = Object.entries(stages).map(([stage, count]) => ({ stage, ...count }));
    if (format === 'table') {
      printListing(found.captures, openListing, format);
      printListing(found.shortfalls, shortfallListing, format);
      printListing(rows.filter(isBusy), stageListing, format);
    } else printListing(rows, stageListing, format);
    const more = unfinished - found.captures.length;
    if (more > 0) console.error(`and ${plural(more, 'unfinished capture')} more`);
    console.error(`${plural(unfinished, 'capture')} unfinished, queue on ${backend}`);
    if (deriving > 0)
      console.error(`${plural(deriving, 'sealed capture')} waiting for derivations`);
    const names = workers.map(
      ({ host, processId, startedAt }) =>
        `${forTerminal(host)} ${processId} since ${shortTime(startedAt)}`,
    );
    console.error(`workers: ${names.join(', ') || 'none (holdfast work starts them)'}`);
    for (const line of sealInWords(seal)) console.error(line);
    for (const id of stuck) console.error(`stuck after several rounds: ${id} (see show ${id})`);
  });
}

function isBusy({ waiting, onOthers, active, failed }: Row): boolean {
  return waiting + onOthers + active + failed > 0;
}

/** What is signed, what waits for others, and how long ago every file was looked at. */
function sealInWords({ log, timestamps, fixity }: SealState): string[] {
  const lines = [`log: ${plural(log.entries, 'entry', 'entries')}, signed up to ${log.signed}`];
  if (!timestamps.configured) {
    lines.push('timestamps: none, because HOLDFAST_TSA_URLS names no authority');
  }
  for (const { authority, pending, failure } of timestamps.pending) {
    lines.push(
      `timestamps: ${pending} pending at ${authority} (${forTerminal(failure ?? 'not asked yet')})`,
    );
  }
  lines.push(
    `fixity: ${plural(fixity.objects, 'object')}, least recently rehashed ${shortTime(fixity.oldestAt) || 'never'}, ${plural(fixity.faults, 'fault')} not repaired`,
  );
  return lines;
}
