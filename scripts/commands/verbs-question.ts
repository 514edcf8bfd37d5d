/** The verbs that ask the catalog, check it and hand it over. */
import { type Command, Option } from 'commander';
import { collect } from './verbs-capture.ts';

export function addQuestionVerbs(program: Command): void {
  program
    .command('find')
    .description('captures by text and by everything known about them, newest first')
    .argument('[query...]', 'words of the post or page')
    .option('--source <key>', 'canonical key or link')
    .option('--platform <name>')
    .option('--author <handle>')
    .option('--state <state>', 'complete, partial, blocked, failed or unfinished')
    .option('--case <name>')
    .option('--tag <tag>')
    .option('--since <time>', 'captured at or after (ISO 8601)')
    .option('--until <time>', 'captured before (ISO 8601)')
    .option('--sha256 <digest>', 'holding this very file')
    .option('--limit <n>', 'rows a page', '50')
    .option('--after <cursor>', 'the next page: the cursor that the last one printed')
    .action(async (query, _options, command) => (await import('./find.ts')).find(query, command));
  program
    .command('show')
    .description('everything about one capture')
    .argument('<id...>', 'capture ids, or the first digits of one')
    .action(async (ids, _options, command) => (await import('./show.ts')).show(ids, command));
  program
    .command('timeline')
    .description('everything on record about one source, in order')
    .argument('<source>', 'a link or a canonical key')
    .action(async (source, _options, command) =>
      (await import('./history.ts')).timeline(source, command),
    );
  program
    .command('takedowns')
    .description('what was found removed in a period; with --by, counts that may be published')
    .option('--from <time>', 'concluded at or after (ISO 8601)')
    .option('--to <time>', 'concluded before')
    .addOption(new Option('--by <grouping>').choices(['platform', 'author', 'month']))
    .addOption(new Option('--format <format>').choices(['md', 'csv', 'json', 'html']))
    .action(async (_options, command) => (await import('./history.ts')).takedowns(command));
  program
    .command('verify')
    .description('hash every stored file again and compare with the manifests')
    .argument('[id...]', 'capture ids')
    .option('--all', 'every closed capture')
    .action(async (ids, _options, command) => (await import('./verify.ts')).verify(ids, command));
  program
    .command('export')
    .description('hand captures over')
    .argument('<id...>', 'capture ids')
    .requiredOption('--to <path>', 'a new folder (files), or a file (jsonl, csv)')
    .addOption(new Option('--format <format>').choices(['files', 'jsonl', 'csv']).default('files'))
    .option('--role <role>', 'files: only artifacts of this role', collect, [])
    .action(async (ids, _options, command) =>
      (await import('./export.ts')).exportCaptures(ids, command),
    );
}
