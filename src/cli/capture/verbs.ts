/** The verbs that bring something in. */
import { type Command, Option } from 'commander';
import type { StartWorkers } from '../../app.ts';

const linkArguments = 'links, files (text, HTML, CSV, JSONL), or - for standard input';

export function addCaptureVerbs(program: Command, startWorkers: StartWorkers): void {
  program
    .command('links')
    .description('what a text or HTML page links to, and whether it could be captured; no network')
    .argument('[file]', 'a file, or - for standard input', '-')
    .addOption(inputFormat())
    .action(async (file, _options, command) => (await import('./links.ts')).links(file, command));
  submitting(program.command('add'))
    .description('put links into the queue; holdfast work captures them')
    .action(async (links, _options, command) => (await import('./add.ts')).add(links, command));
  submitting(program.command('archive'))
    .description('add links, capture them now, print what was kept')
    .option(
      '--sealed',
      'return at the seal; frames, fingerprints and text follow in the background',
    )
    .action(async (links, _options, command) =>
      (await import('./archive.ts')).archive(links, command, startWorkers),
    );
  program
    .command('work')
    .description(
      'capture what is in the queue and visit what is watched, until told to stop (Ctrl-C)',
    )
    .option(
      '--only <stages>',
      'only these, comma-separated: resolve,page,media,seal,derive,submit; nothing watched is visited',
    )
    .option('--concurrency <n>', 'heavy stages of a kind side by side (HOLDFAST_CONCURRENCY)')
    .option('--until-done', 'stop when nothing is left to capture')
    .action(async (_options, command) => (await import('./work.ts')).work(command, startWorkers));
  program
    .command('watch')
    .description('come back to a source: look at it, and capture it again')
    .argument('<source>', 'a link or a key; case:NAME or author:x:HANDLE for all of theirs')
    .argument('[plan]', 'an interval such as 6h, a cron expression in quotes, or adaptive')
    .option('--tz <zone>', 'time zone of the cron expression and of the quiet hours', 'UTC')
    .option('--case <name>', 'the case that its captures belong to')
    .addOption(several('--tag <tag>', 'for its captures'))
    .option('--note <text>', 'for its captures')
    .addOption(
      new Option(
        '--capture <when>',
        'at every visit (default of intervals and cron), or when it changed (of adaptive)',
      ).choices(['always', 'changed']),
    )
    .option('--quiet-hours <from-to>', 'no visits then, such as 22:00-06:00')
    .option('--until <time>', 'not after this time (ISO 8601)')
    .option('--until-gone', 'end once it is removed')
    .option('--pause', 'leave it alone until --resume')
    .option('--resume', 'go on, beginning now')
    .action(async (source, plan, _options, command) =>
      (await import('./watch.ts')).watch(source, plan, command),
    );
  program
    .command('unwatch')
    .description('stop capturing a source again')
    .argument('<source>', 'as holdfast watches lists it, or its link')
    .action(async (source, _options, command) =>
      (await import('./watch.ts')).unwatch(source, command),
    );
  program
    .command('watches')
    .description('what is watched, and when it is due')
    .action(async (_options, command) => (await import('./watch.ts')).watches(command));
  program
    .command('check')
    .description(
      'look at sources now by every route; exit code 6 when one is removed, 75 when nothing was learned',
    )
    .argument('<source...>', 'links or keys')
    .action(async (sources, _options, command) =>
      (await import('./check.ts')).check(sources, command),
    );
  addProfileVerbs(program);
}

function addProfileVerbs(program: Command): void {
  const profile = program
    .command('profile')
    .description('browser profiles for logged-in views, encrypted on this machine; lists them')
    .action(async (_options, command) => (await import('./profile.ts')).profiles(command));
  profile
    .command('add')
    .description("keep a browser's storage state (JSON, as Playwright writes it) under a name")
    .argument('<name>', 'lower-case letters, digits and -')
    .argument('<file>', 'delete it afterwards: it is not needed any more')
    .action(async (name, file, _options, command) =>
      (await import('./profile.ts')).addProfile(name, file, command),
    );
  profile
    .command('remove')
    .description('forget a profile; captures that used it stay')
    .argument('<name>', 'as holdfast profile lists it')
    .action(async (name, _options, command) =>
      (await import('./profile.ts')).dropProfile(name, command),
    );
}

function submitting(command: Command): Command {
  return command
    .argument('<links...>', linkArguments)
    .option('--case <name>', 'the case that the links belong to')
    .addOption(several('--tag <tag>', 'a word to find them by'))
    .option('--note <text>', 'whatever should be known about them')
    .option('--reason <text>', 'why this is collected')
    .option('--by <who>', 'who asks (default: HOLDFAST_OPERATOR)')
    .option('--priority <n>', 'higher goes first; may be negative', '0')
    .option('--watch <plan>', 'and come back: 6h, a cron expression, or adaptive')
    .option('--tz <zone>', 'time zone of a cron expression', 'UTC')
    .option('--again', 'capture although one is kept or under way')
    .option(
      '--profile <name>',
      'look with this browser profile (holdfast profile); always captures anew',
    )
    .addOption(inputFormat());
}

function inputFormat(): Option {
  return new Option(
    '--format <format>',
    'what the input is; found out by itself otherwise',
  ).choices(['text', 'html', 'csv', 'jsonl']);
}

/** An option whose values add up. */
export function several(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be given several times`)
    .argParser<string[]>((value, before) => [...before, value])
    .default([], 'none');
}
