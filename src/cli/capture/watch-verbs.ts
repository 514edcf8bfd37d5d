/** The verbs that come back to a source. */
import { type Command, Option } from 'commander';
import { examples } from '../terminal/help-examples.ts';
import { several } from '../terminal/several.ts';

export function addWatchVerbs(program: Command): void {
  program
    .command('watch')
    .description('visit a source again and again, and capture it anew')
    .argument('<source>', 'a link or a key; case:NAME or author:x:HANDLE for all of their sources')
    .argument('[plan]', 'an interval such as 6h, a cron expression in quotes, or adaptive')
    .option('--tz <zone>', 'time zone of the cron expression and the quiet hours', 'UTC')
    .option('--case <name>', 'the case that its captures belong to')
    .addOption(several('--tag <tag>', 'for its captures'))
    .option('--note <text>', 'for its captures')
    .addOption(
      new Option(
        '--capture <when>',
        'at every visit (default for intervals and cron), or only when it changed (for adaptive)',
      ).choices(['always', 'changed']),
    )
    .option('--quiet-hours <from-to>', 'make no visits then, such as 22:00-06:00')
    .option('--until <time>', 'stop at this time (ISO 8601), or after a span such as 30d')
    .option('--until-gone', 'stop once it is removed')
    .option('--pause', 'make no visits until --resume')
    .option('--resume', 'start visiting again, now')
    .addHelpText(
      'after',
      examples(
        'holdfast watch https://example.org/statement adaptive --until-gone',
        "holdfast watch case:harbour '0 6 * * *' --tz Europe/Paris",
      ),
    )
    .action(async (source, plan, _options, command) =>
      (await import('./watch.ts')).watch(source, plan, command),
    );
  program
    .command('unwatch')
    .description('stop visiting a source; its captures stay')
    .argument('<source>', 'as holdfast watches lists it, or its link')
    .addHelpText(
      'after',
      examples('holdfast unwatch https://example.org/statement', 'holdfast unwatch case:harbour'),
    )
    .action(async (source, _options, command) =>
      (await import('./watch.ts')).unwatch(source, command),
    );
  program
    .command('watches')
    .description('list what is watched, and when each is due')
    .option('--case <name>', 'the sources of this case, whoever asked for their watches')
    .addHelpText('after', examples('holdfast watches', 'holdfast watches --case harbour --csv'))
    .action(async (_options, command) => (await import('./watch.ts')).watches(command));
  program
    .command('check')
    .description(
      'look at sources now, by every route; exit code 6 if one is removed, 75 if nothing was learned',
    )
    .argument('<source...>', 'links or keys')
    .addHelpText(
      'after',
      examples(
        'holdfast check https://example.org/statement',
        'holdfast check https://example.org/a https://example.org/b --json',
      ),
    )
    .action(async (sources, _options, command) =>
      (await import('./check.ts')).check(sources, command),
    );
}
