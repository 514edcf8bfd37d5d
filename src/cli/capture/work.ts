import type { Command } from 'commander';
import type { StartWorkers } from '../../app.ts';
import { UsageError } from '../../base/errors.ts';
import { untilNothingLeft } from '../../pipeline/answers/until-closed.ts';
import { chosenStages, type StageName } from '../../queue/jobs.ts';
import { wholeNumber } from '../terminal/flags.ts';
import { untilStopped } from '../terminal/until-stopped.ts';
import { globals, withApp } from '../verb.ts';

interface WorkFlags {
  only?: string;
  concurrency?: string;
  untilDone?: boolean;
}

/** Runs workers in this process, logging what they do, until told to stop. */
export async function work(command: Command, startWorkers: StartWorkers): Promise<void> {
  const flags = command.opts<WorkFlags>();
  const only = flags.only?.split(',').map((name) => stage(name.trim()));
  const concurrency =
    flags.concurrency === undefined
      ? undefined
      : wholeNumber('--concurrency', flags.concurrency, 1, 1_000);
  await withApp(
    globals(command),
    async (app) => {
      const workers = await startWorkers(app, { only, concurrency });
      const done = new AbortController();
      const stopped = new AbortController();
      if (flags.untilDone) {
        void untilNothingLeft(app.parts.database, stopped.signal).then(() => done.abort());
      }
      await untilStopped(workers, app.parts.log, done.signal).finally(() => stopped.abort());
    },
    false,
  );
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
