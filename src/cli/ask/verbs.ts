/** The verbs that ask the catalog. */
import { type Command, Option } from 'commander';
import { fields } from '../../search/query/fields.ts';
import { examples } from '../terminal/help-examples.ts';

/** The fields of the query language, as `find --help` lists them. */
const fieldsInWords = `
Fields:
${Object.entries(fields)
  .map(([name, { meaning, example }]) => `  ${`${name}:`.padEnd(10)} ${meaning} (${example})`)
  .join('\n')}
`;

export function addQuestionVerbs(program: Command): void {
  program
    .command('find')
    .description('find captures by words and by anything known about them, newest first')
    .argument(
      '[query...]',
      'words in any form, begin*, "a phrase", -not, or, parentheses, field:value',
    )
    .option('--source <key>', 'canonical key or link')
    .option('--platform <name>', 'x or web')
    .option('--author <handle>', 'with or without @')
    .option('--state <state>', 'complete, partial, blocked, failed or unfinished')
    .option('--case <name>', 'in this case')
    .option('--tag <tag>', 'with this tag')
    .option('--since <time>', 'captured at or after (ISO 8601, or a span back such as 24h or 7d)')
    .option('--until <time>', 'captured before (as --since)')
    .option('--sha256 <digest>', 'holding this exact file; all 64 digits')
    .option('--best', 'best first: words as they were typed, then in any form')
    .option('--facets', 'count what matches by platform, case, author, language …')
    .option('--limit <n>', 'rows per page', '50')
    .option('--after <cursor>', 'the next page: the cursor that the previous page printed')
    .addHelpText('after', fieldsInWords)
    .addHelpText(
      'after',
      examples(
        "holdfast find '(convoy or column) -bridge has:video' --case harbour",
        'holdfast find --state partial --since 2026-11-01 --csv',
      ),
    )
    .action(async (query, _options, command) => (await import('./find.ts')).find(query, command));
  program
    .command('show')
    .description('show everything about captures: what was kept, what is missing, what is proved')
    .argument('<id...>', 'capture ids; the first or last eight characters are enough')
    .addHelpText('after', examples('holdfast show 6a0b9c3d', 'holdfast show 6a0b9c3d --json'))
    .action(async (ids, _options, command) => (await import('./show.ts')).show(ids, command));
  program
    .command('timeline')
    .description('list everything on record about one source, or a whole case, in order')
    .argument('[source]', 'a link or a canonical key')
    .option('--case <name>', 'every source of this case')
    .addHelpText(
      'after',
      examples(
        'holdfast timeline https://example.org/statement',
        'holdfast timeline --case harbour --csv > timeline.csv',
      ),
    )
    .action(async (source, _options, command) =>
      (await import('./history.ts')).timeline(source, command),
    );
  program
    .command('takedowns')
    .description('list what was found removed in a period; with --by, counts fit to publish')
    .option('--from <time>', 'confirmed at or after (ISO 8601, or a span back such as 30d)')
    .option('--to <time>', 'confirmed before (as --from)')
    .option('--case <name>', 'only sources of this case')
    .addOption(
      new Option('--by <grouping>', 'count by this').choices(['platform', 'author', 'month']),
    )
    .addOption(
      new Option('--format <format>', 'format of the counts').choices([
        'md',
        'csv',
        'json',
        'html',
      ]),
    )
    .addHelpText(
      'after',
      examples(
        'holdfast takedowns --from 2026-11-01',
        'holdfast takedowns --by month --format csv > takedowns.csv',
      ),
    )
    .action(async (_options, command) => (await import('./history.ts')).takedowns(command));
}
