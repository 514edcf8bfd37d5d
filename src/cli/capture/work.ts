import type { Command } from 'commander';
import type { LoadWorkers } from '../../app.ts';
import { UsageError } from '../../base/errors.ts';
import { untilNothingLeft } from '../../pipeline/answers/until-closed.ts';
import { chosenStages, type StageName } from '../../queue/jobs.ts';
import { wholeNumber } from '../terminal/flags.ts';
import { untilStopped } from '../terminal/until-stopped.ts';
import { WorkLines } from '../terminal/work-lines.ts';
import { globals, withApp } from '../verb.ts';

interface WorkFlags {
  only?: string;
  concurrency?: string;
  untilDone?: boolean;
  log?: 'lines' | 'json';
}

/** Runs workers in this process, logging what they do, until told to stop. */
export async function work(command: Command, loadWorkers: LoadWorkers): Promise<void> {
  const flags = command.opts<WorkFlags>();
  const only = flags.only?.split(',').map((name) => stage(name.trim()));
  const concurrency =
    flags.concurrency === undefined
      ? undefined
      : wholeNumber('--concurrency', flags.concurrency, 1, 1_000);
  const lines = readsAlong(flags) ? new WorkLines() : undefined;
  await withApp(
    globals(command),
    async (app) => {
      lines?.askOf(app.parts.database);
      const startWorkers = await loadWorkers();
      const workers = await startWorkers(app, { only, concurrency });
      const done = new AbortController();
      const stopped = new AbortController();
      if (flags.untilDone) {
        void untilNothingLeft(app.parts.database, stopped.signal).then(() => done.abort());
      }
      await untilStopped(workers, app.parts.log, done.signal).finally(() => stopped.abort());
      await lines?.end();
    },
    { quietLogs: false, logTo: lines },
  );
}

/** A person at a terminal, and no program that collects logs. */
function readsAlong({ log }: WorkFlags): boolean {
  return log === undefined ? process.stderr.isTTY === true : log === 'lines';
}

function stage(name: string): StageName {
  const known = chosenStages.find((stage) => stage === name);
  if (known === undefined) {
    throw new UsageError(
      'no-such-stage',
      `"${name}" is not a valid stage: use ${chosenStages.join(', ')}`,
    );
  }
  return known;
}
