import type { Command } from 'commander';
import { unfinishedCount } from '../../src/catalog/feeder.ts';
import { UsageError } from '../../src/errors.ts';
import type { StageName } from '../../src/pipeline/stages.ts';
import { stageChoices, startWorkers } from '../../workers/main.ts';
import { untilStopped } from '../../workers/until-stopped.ts';
import { globals, withApp } from './verb.ts';

interface WorkFlags {
  only?: string;
  concurrency?: string;
  untilDone?: boolean;
}

/** Runs workers in this process, logging what they do, until told to stop. */
export async function work(command: Command): Promise<void> {
  const flags = command.opts<WorkFlags>();
  const only = flags.only?.split(',').map((name) => stage(name.trim()));
  const concurrency = flags.concurrency === undefined ? undefined : positive(flags.concurrency);
  await withApp(
    globals(command),
    async (app) => {
      const workers = await startWorkers(app, { only, concurrency });
      const done = new AbortController();
      if (flags.untilDone) void nothingLeft(app.parts.database).then(() => done.abort());
      await untilStopped(workers, app.parts.log, done.signal);
    },
    false,
  );
}

function stage(name: string): StageName {
  if (!stageChoices.includes(name)) {
    throw new UsageError(
      'no-such-stage',
      `${name} is no stage; stages are ${stageChoices.join(', ')}`,
    );
  }
  return name as StageName;
}

function positive(text: string): number {
  const value = Number.parseInt(text, 10);
  if (!(value >= 1))
    throw new UsageError('bad-number', `--concurrency must be 1 or more, not ${text}`);
  return value;
}

async function nothingLeft(database: Parameters<typeof unfinishedCount>[0]): Promise<void> {
  while ((await unfinishedCount(database)) > 0) {
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
