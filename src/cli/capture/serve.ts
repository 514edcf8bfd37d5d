import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import type { App, LoadWorkers, StartWorkers } from '../../app.ts';
import { settingsInForce } from '../../config/config.ts';
import { aboutSetting, defaultInWords, withoutSecrets } from '../../config/setting-in-words.ts';
import { type SettingName, settingGroups } from '../../config/settings.ts';
import type { SettingShown } from '../../model/setting-shown.ts';
import { unnamed } from '../../model/submission.ts';
import type { Served } from '../../server/serve.ts';
import { diagnoses } from '../diagnose/diagnose.ts';
import { wholeNumber } from '../terminal/flags.ts';
import { write } from '../terminal/output.ts';
import { untilStopped } from '../terminal/until-stopped.ts';
import { type GlobalOptions, globals, overridesFrom, withApp } from '../verb.ts';

interface ServeFlags {
  port: string;
  /** `--no-work` */
  work: boolean;
}

/** Shows the archive to the browser of whoever has the printed link, and works meanwhile, until told to stop. */
export async function serve(command: Command, loadWorkers: LoadWorkers): Promise<void> {
  const flags = command.opts<ServeFlags>();
  const options = globals(command);
  const port = wholeNumber('--port', flags.port, 0, 65_535);
  await withApp(options, async (app) => {
    const { servePages } = await import('../../server/serve.ts');
    const archive = archiveOf(app, options, flags.work);
    await using served = await servePages(archive, port);
    sayWhere(served);
    using _ = offerLinks(served);
    await until(app, flags.work ? await loadWorkers() : null);
  });
}

function archiveOf(app: App, options: GlobalOptions, works: boolean) {
  const { parts } = app;
  return {
    parts,
    queue: () => app.queue(),
    diagnose: () => diagnoses(parts.config, parts.home.folder),
    settings: () => shownSettings(options),
    who: parts.config.operator ?? unnamed,
    works,
  };
}

function shownSettings(options: GlobalOptions): SettingShown[] {
  const found = new Map(settingsInForce(overridesFrom(options)).map((one) => [one.name, one]));
  return Object.entries(settingGroups).flatMap(([group, settings]) =>
    (Object.keys(settings) as SettingName[]).map((name) => {
      const { text = null, from = 'default' } = found.get(name) ?? {};
      const value = text === null ? defaultInWords(name) : withoutSecrets(name, text);
      return { name, group, value, from, about: aboutSetting(name).replaceAll('`', '') };
    }),
  );
}

/** The link is data, for whoever starts this from a script. */
function sayWhere(served: Served): void {
  write(served.newLink());
  console.error(
    'Open this link in a browser on this machine. It works once, for ten minutes; press Enter for another one, Ctrl-C to stop.',
  );
}

/** At a terminal, Enter prints another link. */
function offerLinks(served: Served): Disposable {
  if (!process.stdin.isTTY) return { [Symbol.dispose]: () => undefined };
  const lines = createInterface({ input: process.stdin, terminal: false });
  lines.on('line', () => write(served.newLink()));
  return { [Symbol.dispose]: () => lines.close() };
}

async function until(app: App, startWorkers: StartWorkers | null): Promise<void> {
  const workers = startWorkers === null ? idle() : await startWorkers(app);
  await untilStopped(workers, app.parts.log);
}

/** Where others work, this process has nothing to finish. */
function idle() {
  return {
    outdated: new AbortController().signal,
    running: () => 0,
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
