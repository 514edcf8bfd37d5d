/** The verbs that keep the house: the queue, the catalog, the settings. */
import type { Command } from 'commander';
import { UsageError } from '../../base/errors.ts';

export function addUpkeepVerbs(program: Command): void {
  program
    .command('status')
    .description('what is waiting, running and stuck')
    .action(async (_options, command) => (await import('./status.ts')).status(command));
  program
    .command('retry')
    .description('make a new capture of the same link; the old one stays as it is')
    .argument('<id...>', 'capture ids, or the first or last eight characters of one, or more')
    .action(async (ids, _options, command) => (await import('./retry.ts')).retry(ids, command));
  program
    .command('cancel')
    .description('give up captures that are not finished; what was kept of them stays')
    .argument('<id...>', 'capture ids, or the first or last eight characters of one, or more')
    .action(async (ids, _options, command) => (await import('./cancel.ts')).cancel(ids, command));
  program
    .command('derive')
    .description('make derivations again with the tools of today; the earlier ones stay')
    .argument('[id...]', 'capture ids, or the first or last eight characters of one, or more')
    .option('--case <name>', 'every capture of this case')
    .option('--all', 'every capture')
    .option(
      '--with <kinds>',
      'only these, comma-separated: preview,keyframes,fingerprints,render,metadata,transcript,ocr',
    )
    .action(async (ids, _options, command) => (await import('./derive.ts')).derive(ids, command));
  program
    .command('doctor')
    .description('check everything a capture needs and say how to fix it')
    .action(async (_options, command) => (await import('./doctor.ts')).doctor(command));
  program
    .command('setup')
    .description('install the tools of the system that a capture needs: Chromium, ffmpeg, fonts …')
    .option('--list', 'name those that are missing, and install nothing')
    .action(async (_options, command) => (await import('./setup.ts')).setup(command));
  program
    .command('migrate')
    .description(
      'bring the catalog up to date with this program; the embedded one does so by itself',
    )
    .action(async (_options, command) => (await import('./migrate.ts')).migrateCatalog(command));
  program
    .command('rebuild')
    .description('recreate the catalog from the vault')
    .option(
      '--drop',
      'in place of the present catalog, which is kept until the new one is whole; stop the workers first',
    )
    .action(async (_options, command) => (await import('./rebuild.ts')).rebuild(command));
  program
    .command('config')
    .description('the settings in force, secrets hidden')
    .action(async (_options, command) => (await import('./config.ts')).config(command));
  program
    .command('completion')
    .description('a completion script for bash, zsh or fish')
    .argument('<shell>', 'bash, zsh or fish')
    .action(async (shell, _options, command) =>
      (await import('./completion.ts')).completion(shell, command),
    );
  program
    .command('keys')
    .description('the public keys of the log, to be published; or a new one')
    .option('--pem', 'as PEM, for openssl')
    .option('--rotate', 'make a new key, which the old one vouches for')
    .option('--reason <text>', 'why; needed with --rotate')
    .option('--by <who>', 'who does it (default: HOLDFAST_OPERATOR)')
    .action(async (_options, command) => (await import('./keys.ts')).keys(command));
  ordered(program.command('hold'))
    .description('legal holds: set one, release one, or list those in force')
    .argument('[target]', 'a capture id, or the SHA-256 of a file')
    .option('--case <name>', 'on everything of this case')
    .option('--release <hold>', 'release this hold')
    .action(async (target, _options, command) => (await import('./hold.ts')).hold(target, command));
  ordered(program.command('removal'))
    .description('remove files by order, for good; what was there stays provable')
    .argument('<target...>', 'capture ids (what they alone hold), or SHA-256 of files')
    .option('--yes', 'do it: without this it only says what would go')
    .action(async (targets, _options, command) =>
      (await import('./removal.ts')).removal(targets, command),
    );
  program
    .command('tombstone', { hidden: true })
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption(false)
    .action(() => {
      throw new UsageError('renamed-verb', 'tombstone is now called removal: run holdfast removal');
    });
}

/** Whatever binds others names who ordered it. */
function ordered(command: Command): Command {
  return command
    .option('--authority <who>', 'who ordered it; needed to set, release or remove')
    .option('--reference <number>', 'their number or letter; needed as well')
    .option('--reason <text>', 'why')
    .option('--by <who>', 'who carries it out (default: HOLDFAST_OPERATOR)');
}
