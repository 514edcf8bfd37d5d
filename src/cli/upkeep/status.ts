import type { Command } from 'commander';
import { forTerminal } from '../../base/for-terminal.ts';
import { plural } from '../../base/plural.ts';
import type { SealState, StageCounts } from '../../model/status.ts';
import { statusOf } from '../../pipeline/answers/status.ts';
import { printListing, shortTime, write } from '../terminal/output.ts';
import { formatOf, globals, withExisting } from '../verb.ts';

type Row = StageCounts & { stage: string };

/** What is waiting, running and stuck. */
export async function status(command: Command): Promise<void> {
  const options = globals(command);
  const format = formatOf(options);
  await withExisting(options, async (app) => {
    const found = await statusOf(app.parts, await app.queue());
    if (format === 'json') return write(JSON.stringify(found, null, 2));
    const { stages, unfinished, deriving, backend, stuck, seal } = found;
    const rows: Row[] = Object.entries(stages).map(([stage, count]) => ({ stage, ...count }));
    printListing(
      rows,
      {
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
      },
      format,
    );
    console.error(`${plural(unfinished, 'capture')} unfinished, queue on ${backend}`);
    if (deriving > 0)
      console.error(`${plural(deriving, 'sealed capture')} waiting for derivations`);
    for (const line of sealInWords(seal)) console.error(line);
    for (const id of stuck) console.error(`stuck after several rounds: ${id} (see show ${id})`);
  });
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
