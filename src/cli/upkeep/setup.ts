/** Installs what Holdfast needs of the system, or names it: `scripts/setup.sh` holds the one list. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { UnreachableError, UsageError } from '../../base/errors.ts';
import { exits } from '../../base/exit-codes.ts';
import { packageFolder } from '../../base/own-package.ts';
import { printListing } from '../terminal/output.ts';
import { configFor, formatOf, globals } from '../verb.ts';

const script = join(packageFolder, 'scripts', 'setup.sh');

/** Exit code 69 when something could not be installed; what to do instead is on stderr. */
export async function setup(command: Command): Promise<void> {
  const flags = command.opts<{ list?: boolean; replay?: boolean }>();
  if (flags.list) return printMissing(await missingPackages(), command);
  if (flags.replay) return await installPlayer(command);
  // With our own environment and terminal: sudo may ask for a password, apt for a proxy.
  const child = spawn(script, ['--tools'], { stdio: 'inherit' });
  const [code] = await once(child, 'close');
  if (code === 0)
    console.error('setup: all system tools are installed; holdfast doctor takes a closer look');
  else process.exitCode = exits.unreachable.code;
}

/** Into the folder where the pages look for it, and only the version that they run. */
async function installPlayer(command: Command): Promise<void> {
  const { replayer } = await configFor(globals(command));
  const { findPlayer, playerVersion } = await import('../../server/replay/player.ts');
  if ((await findPlayer(replayer)) === 'other')
    throw new UsageError(
      'other-player',
      `${replayer} holds another player than replayweb.page ${playerVersion}: move it away, then run this again`,
    );
  const child = spawn(script, ['--replay', replayer], { stdio: 'inherit' });
  await once(child, 'close');
  if (typeof (await findPlayer(replayer)) === 'string')
    throw new UnreachableError(
      'player-not-fetched',
      `replayweb.page ${playerVersion} could not be fetched: see above. Or put its ui.js and sw.js into ${replayer} yourself`,
    );
  console.error(`setup: captures can be replayed from the pages, with the player in ${replayer}`);
}

async function missingPackages(): Promise<string[]> {
  const { stdout } = await promisify(execFile)(script, ['--list']);
  return stdout.split('\n').filter(Boolean);
}

function printMissing(missing: string[], command: Command): void {
  printListing(
    missing,
    {
      columns: [{ title: 'PACKAGE', value: (name) => name }],
      id: (name) => name,
      record: (name) => ({ schema: 'holdfast.missing-package/1', package: name }),
      nothing: 'nothing is missing',
    },
    formatOf(globals(command)),
  );
}
