/** The verbs that bring something in. */
import { type Command, Option } from 'commander';
import type { LoadWorkers } from '../../app.ts';
import { examples } from '../terminal/help-examples.ts';
import { several } from '../terminal/several.ts';
import { following } from './follow.ts';
import { addProfileVerbs } from './profile-verbs.ts';
import { addWatchVerbs } from './watch-verbs.ts';

const linkArguments = 'links, files (text, HTML, CSV, JSONL), or - for standard input';

export function addCaptureVerbs(program: Command, loadWorkers: LoadWorkers): void {
  following(program.command('links'))
    .description(
      'list the links in a text or HTML page, and whether each can be captured; needs no network',
    )
    .argument('[file]', 'a file, or - for standard input', '-')
    .addOption(inputFormat())
    .addHelpText(
      'after',
      examples('holdfast links report.html', "echo 'see https://example.org/' | holdfast links"),
    )
    .action(async (file, _options, command) => (await import('./links.ts')).links(file, command));
  submitting(program.command('add'))
    .description('put links into the queue; holdfast work captures them')
    .addHelpText(
      'after',
      examples(
        'holdfast add report.html --case harbour --watch 6h',
        "cat links.csv | holdfast add - --case harbour --by 'night desk'",
      ),
    )
    .action(async (links, _options, command) => (await import('./add.ts')).add(links, command));
  submitting(program.command('archive'))
    .description('add links, capture them now and print what was kept')
    .option(
      '--sealed',
      'return once sealed; keyframes, fingerprints and text follow in the background',
    )
    .addHelpText(
      'after',
      examples(
        'holdfast archive https://example.org/ --case harbour',
        "echo 'Their statement: https://example.org/statement' | holdfast archive -",
      ),
    )
    .action(async (links, _options, command) =>
      (await import('./archive.ts')).archive(links, command, loadWorkers),
    );
  program
    .command('work')
    .description('capture what is queued and revisit what is watched, until stopped with Ctrl-C')
    .option(
      '--only <stages>',
      'only these, comma-separated: resolve,page,media,seal,derive,submit; watches are not visited',
    )
    .option(
      '--concurrency <n>',
      'how many heavy jobs of one kind run at once (HOLDFAST_CONCURRENCY)',
    )
    .option('--until-done', 'stop when nothing is left to capture')
    .addOption(
      new Option(
        '--log <format>',
        'lines to read along, as on a terminal, or JSON, as elsewhere',
      ).choices(['lines', 'json']),
    )
    .addHelpText(
      'after',
      examples('holdfast work --until-done', 'holdfast work --only page,media --concurrency 2'),
    )
    .action(async (_options, command) => (await import('./work.ts')).work(command, loadWorkers));
  program
    .command('serve')
    .description('show the archive in a browser on this machine, and capture what is queued')
    .option('--port <n>', 'the port; 0 is any that is free', '7070')
    .option('--no-work', 'only show: other processes capture')
    .addHelpText('after', examples('holdfast serve', 'holdfast serve --port 0 --no-work'))
    .action(async (_options, command) => (await import('./serve.ts')).serve(command, loadWorkers));
  addWatchVerbs(program);
  addProfileVerbs(program);
}

function submitting(command: Command): Command {
  return following(command.argument('<links...>', linkArguments))
    .option('--case <name>', 'the case that the links belong to')
    .addOption(several('--tag <tag>', 'a word to find them by'))
    .option('--note <text>', 'anything worth knowing about them')
    .option('--reason <text>', 'why they are collected')
    .option('--by <who>', 'who asks (default: HOLDFAST_OPERATOR)')
    .option('--priority <n>', 'higher goes first; may be negative', '0')
    .option('--watch <plan>', 'visit again: 6h, a cron expression, or adaptive')
    .option('--tz <zone>', 'time zone of a cron expression', 'UTC')
    .option('--again', 'capture even if there is a capture already, or one is under way')
    .option(
      '--profile <name>',
      'use this browser profile (see holdfast profile); always makes a new capture',
    )
    .option(
      '--steps <file>',
      'what to do on the page before a second set of pictures, as JSON; always makes a new capture',
    )
    .option('--yes', 'never ask, however many links there are')
    .addOption(inputFormat());
}

function inputFormat(): Option {
  return new Option('--format <format>', 'format of the input; detected by default').choices([
    'text',
    'html',
    'csv',
    'jsonl',
  ]);
}
