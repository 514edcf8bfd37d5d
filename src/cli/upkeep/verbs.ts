/** The verbs that keep the house: the queue, the catalog, the settings. */
import type { Command } from 'commander';
import { UsageError } from '../../base/errors.ts';
import { examples } from '../terminal/help-examples.ts';

export function addUpkeepVerbs(program: Command): void {
  program
    .command('init')
    .description('ask who keeps this archive, who vouches for its times and where alerts go')
    .option('--operator <who>', 'who collects: a name or a role (HOLDFAST_OPERATOR)')
    .option('--organisation <name>', 'on whose behalf (HOLDFAST_ORGANISATION)')
    .option('--authority <urls>', 'timestamp authorities, comma-separated (HOLDFAST_TSA_URLS)')
    .option('--alerts <address>', 'where alerts go: an address of ntfy, Slack or Discord')
    .addHelpText(
      'after',
      examples(
        'holdfast init',
        "holdfast init --operator 'night desk' --organisation 'Example News'",
      ),
    )
    .action(async (_options, command) => (await import('./init.ts')).init(command));
  program
    .command('status')
    .description('show what runs, what waits and why, what fell short, and who works')
    .addHelpText('after', examples('holdfast status', 'holdfast status --json'))
    .action(async (_options, command) => (await import('./status.ts')).status(command));
  program
    .command('retry')
    .description('capture the same link again; the old capture stays as it is')
    .argument('<id...>', 'capture ids; the first or last eight characters are enough')
    .addHelpText(
      'after',
      examples(
        'holdfast retry 6a0b9c3d',
        'holdfast find --state partial -q | xargs holdfast retry',
      ),
    )
    .action(async (ids, _options, command) => (await import('./retry.ts')).retry(ids, command));
  program
    .command('cancel')
    .description('give up on unfinished captures; whatever they have kept so far stays')
    .argument('<id...>', 'capture ids; the first or last eight characters are enough')
    .addHelpText(
      'after',
      examples(
        'holdfast cancel 6a0b9c3d',
        'holdfast find --state unfinished -q | xargs holdfast cancel',
      ),
    )
    .action(async (ids, _options, command) => (await import('./cancel.ts')).cancel(ids, command));
  program
    .command('derive')
    .description('make derivations again with the tools installed now; earlier ones stay')
    .argument('[id...]', 'capture ids; the first or last eight characters are enough')
    .option('--case <name>', 'every capture of this case')
    .option('--all', 'every capture')
    .option(
      '--with <kinds>',
      'only these, comma-separated: preview,keyframes,fingerprints,render,metadata,transcript,ocr',
    )
    .addHelpText(
      'after',
      examples('holdfast derive 6a0b9c3d', 'holdfast derive --case harbour --with ocr,transcript'),
    )
    .action(async (ids, _options, command) => (await import('./derive.ts')).derive(ids, command));
  program
    .command('doctor')
    .description('check everything that a capture needs, and say how to fix what is wrong')
    .addHelpText('after', examples('holdfast doctor', 'holdfast doctor --json'))
    .action(async (_options, command) => (await import('./doctor.ts')).doctor(command));
  program
    .command('setup')
    .description('install the system tools that a capture needs: Chromium, ffmpeg, fonts …')
    .option('--list', 'list what is missing, and install nothing')
    .option('--replay', 'fetch the player with which pages replay captures (replayweb.page, AGPL)')
    .addHelpText('after', examples('holdfast setup', 'holdfast setup --replay'))
    .action(async (_options, command) => (await import('./setup.ts')).setup(command));
  program
    .command('migrate')
    .description('update the catalog to this version; the embedded one is updated automatically')
    .addHelpText(
      'after',
      examples(
        'holdfast migrate',
        'DATABASE_URL=postgresql://archive.example.org/holdfast holdfast migrate',
      ),
    )
    .action(async (_options, command) => (await import('./migrate.ts')).migrateCatalog(command));
  program
    .command('rebuild')
    .description('recreate the catalog from the vault')
    .option(
      '--drop',
      'replace the present catalog, which is kept until the new one is complete; stop the workers first',
    )
    .addHelpText('after', examples('holdfast rebuild', 'holdfast rebuild --drop'))
    .action(async (_options, command) => (await import('./rebuild.ts')).rebuild(command));
  program
    .command('config')
    .description('show the settings in force; secrets are hidden')
    .addHelpText('after', examples('holdfast config', 'holdfast config --json'))
    .action(async (_options, command) => (await import('./config.ts')).config(command));
  program
    .command('completion')
    .description('print a completion script for bash, zsh or fish')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText(
      'after',
      examples(
        'holdfast completion bash > ~/.local/share/bash-completion/completions/holdfast',
        'holdfast completion fish > ~/.config/fish/completions/holdfast.fish',
      ),
    )
    .action(async (shell, _options, command) =>
      (await import('./completion.ts')).completion(shell, command),
    );
  program
    .command('keys')
    .description('print the public keys of the log, for publication; or make a new key')
    .option('--pem', 'as PEM, for openssl')
    .option('--rotate', 'make a new key, signed by the old one')
    .option('--reason <text>', 'why; needed with --rotate')
    .option('--by <who>', 'who does it (default: HOLDFAST_OPERATOR)')
    .addHelpText(
      'after',
      examples('holdfast keys --pem', "holdfast keys --rotate --reason 'the old machine was lost'"),
    )
    .action(async (_options, command) => (await import('./keys.ts')).keys(command));
  ordered(program.command('hold'))
    .description('list legal holds in force, set one, or release one')
    .argument('[target]', 'a capture id, or the SHA-256 of a file')
    .option('--case <name>', 'on everything in this case')
    .option('--release <hold>', 'release this hold')
    .addHelpText(
      'after',
      examples(
        'holdfast hold',
        "holdfast hold --case harbour --authority 'District Court' --reference '12 C 34/26'",
      ),
    )
    .action(async (target, _options, command) => (await import('./hold.ts')).hold(target, command));
  ordered(program.command('removal'))
    .description('remove files by order, permanently; every other proof stays valid')
    .argument('<target...>', 'capture ids (files that no other capture holds), or SHA-256 of files')
    .option('--yes', 'do it; without this, only say what would be removed')
    .addHelpText(
      'after',
      examples(
        'holdfast removal 6a0b9c3d --authority "District Court" --reference "12 C 34/26"',
        'holdfast removal 6a0b9c3d --authority "District Court" --reference "12 C 34/26" --yes',
      ),
    )
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
