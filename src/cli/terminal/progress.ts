/** What is going on, for the person who waits: bars on a terminal, plain lines elsewhere, always on stderr. */

import { forTerminal } from '../../base/for-terminal.ts';
import type { Queryable } from '../../catalog/database.ts';
import { progressOf } from '../../catalog/progress.ts';
import { stepsOf } from '../../catalog/steps.ts';
import { shortSize } from './output.ts';

export interface Progress {
  /** Says what is new, with these captures still open. */
  show(open: string[]): Promise<void>;
  end(): void;
}

export function progressOn(database: Queryable, captureIds: string[]): Progress {
  const said = new Set<string>();
  const terminal = process.stderr.isTTY === true;
  return {
    show: async (open) => {
      await sayEndedSteps(database, captureIds, said, terminal);
      if (terminal) await drawBar(database, captureIds.length, open);
    },
    end: () => {
      if (terminal) process.stderr.write('\r\u001b[K');
    },
  };
}

/** One plain line for each step that has ended since the last look. */
async function sayEndedSteps(
  database: Queryable,
  captureIds: string[],
  said: Set<string>,
  terminal: boolean,
): Promise<void> {
  if (captureIds.length > 20) return;
  for (const captureId of captureIds) {
    for (const step of await stepsOf(database, captureId)) {
      const line = `${captureId.slice(-8)} ${step.name}: ${step.state}${step.reason ? ` (${step.reason})` : ''}`;
      if (said.has(line)) continue;
      said.add(line);
      process.stderr.write(`${terminal ? '\r\u001b[K' : ''}${forTerminal(line)}\n`);
    }
  }
}

async function drawBar(database: Queryable, total: number, open: string[]): Promise<void> {
  const done = total - open.length;
  const width = 24;
  const filled = total === 0 ? width : Math.round((done / total) * width);
  const downloads = (await progressOf(database, open.slice(0, 50)))
    .filter((row) => row.doneBytes !== null || row.note !== null)
    .slice(0, 2)
    .map((row) => {
      if (row.doneBytes === null) return `${row.step} ${forTerminal(row.note ?? '')}`;
      const of = row.totalBytes === null ? '' : ` of ${shortSize(row.totalBytes)}`;
      const rate = row.bytesPerSecond === null ? '' : ` at ${shortSize(row.bytesPerSecond)}/s`;
      return `${row.step} ${shortSize(row.doneBytes)}${of}${rate}`;
    });
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${done}/${total} ${downloads.join(', ')}`;
  process.stderr.write(`\r\u001b[K${bar}`);
}
