/** The verbs that keep the house: the queue, the catalog, the settings. */
import type { Command } from 'commander';

export function addUpkeepVerbs(program: Command): void {
  program
    .command('status')
    .description('what is waiting, running and stuck')
    .action(async (_options, command) => (await import('./status.ts')).status(command));
  program
    .command('retry')
    .description('make a new capture of the same link; the old one stays as it is')
    .argument('<id...>', 'capture ids')
    .action(async (ids, _options, command) => (await import('./retry.ts')).retry(ids, command));
  program
    .command('cancel')
    .description('give up captures that are not finished; what was kept of them stays')
    .argument('<id...>', 'capture ids')
    .action(async (ids, _options, command) => (await import('./cancel.ts')).cancel(ids, command));
  program
    .command('doctor')
    .description('check everything a capture needs, and say how to mend it')
    .action(async (_options, command) => (await import('./doctor.ts')).doctor(command));
  program
    .command('migrate')
    .description('bring the catalog up to date')
    .action(async (_options, command) => (await import('./migrate.ts')).migrateCatalog(command));
  program
    .command('rebuild')
    .description('recreate the catalog from the vault')
    .option('--drop', 'drop the present catalog first')
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
}
