/** The verbs that ask the catalog, check it and hand it over. */
import { type Command, Option } from 'commander';
import { several } from '../capture/verbs.ts';

export function addQuestionVerbs(program: Command): void {
  program
    .command('find')
    .description('captures by text and by everything known about them, newest first')
    .argument(
      '[query...]',
      "words of the post, the page or its pictures; in quotes also 'convoy or column', 'convoy -village'",
    )
    .option('--source <key>', 'canonical key or link')
    .option('--platform <name>', 'x or web')
    .option('--author <handle>', 'with or without @')
    .option('--state <state>', 'complete, partial, blocked, failed or unfinished')
    .option('--case <name>', 'of this case')
    .option('--tag <tag>', 'with this tag')
    .option('--since <time>', 'captured at or after (ISO 8601)')
    .option('--until <time>', 'captured before (ISO 8601)')
    .option('--sha256 <digest>', 'holding this very file, by all 64 digits')
    .option('--limit <n>', 'rows a page', '50')
    .option('--after <cursor>', 'the next page: the cursor that the last one printed')
    .action(async (query, _options, command) => (await import('./find.ts')).find(query, command));
  program
    .command('show')
    .description('everything about captures: what was kept, what is missing, what is proved')
    .argument('<id...>', 'capture ids, or the first or last eight characters of one, or more')
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
    .option('--to <time>', 'concluded before (ISO 8601)')
    .addOption(
      new Option('--by <grouping>', 'count by this').choices(['platform', 'author', 'month']),
    )
    .addOption(
      new Option('--format <format>', 'counts, in this form').choices([
        'md',
        'csv',
        'json',
        'html',
      ]),
    )
    .action(async (_options, command) => (await import('./history.ts')).takedowns(command));
  program
    .command('verify')
    .description(
      'hash every stored file again and compare with manifests and log; or check a bundle',
    )
    .argument(
      '[id...]',
      'capture ids, or one bundle (a folder or zip file; no data folder is needed)',
    )
    .option('--all', 'every closed capture, and the log as a whole')
    .addOption(several('--vkey <key>', 'bundle: public key of the log, or a file of them'))
    .option('--tsa-roots <file>', 'bundle: PEM of the roots of time-stamp authorities')
    .option(
      '--bitcoin-headers <file>',
      'block headers to hold OpenTimestamps proofs against: lines height:hex, or 80 bytes each',
    )
    .addOption(several('--earlier <file>', 'bundle: a checkpoint that you have kept'))
    .addOption(
      several('--witness <key>', 'bundle: public key of a witness that must have co-signed'),
    )
    .option('--not-older-than <time>', 'bundle: its newest time-stamp must be from then or later')
    .option('--thorough', 'bundle: hash with SHA-512 as well')
    .action(async (ids, _options, command) => (await import('./verify.ts')).verify(ids, command));
  program
    .command('verify-wacz')
    .description('check a web archive file, whoever made it; no data folder is needed')
    .argument('<file...>', 'WACZ files')
    .action(async (files, _options, command) =>
      (await import('./verify-wacz.ts')).verifyWacz(files, command),
    );
  program
    .command('export')
    .description('hand captures over; nothing is ever written over')
    .argument('<id...>', 'capture ids, or the first or last eight characters of one, or more')
    .requiredOption(
      '--to <path>',
      'a new folder (files, bundle), or a file (wacz, jsonl, csv; a bundle as .zip)',
    )
    .addOption(
      new Option(
        '--format <format>',
        'plain files with their SHA256SUMS; a bundle that a stranger can check; a web archive; records',
      )
        .choices(['files', 'bundle', 'wacz', 'jsonl', 'csv'])
        .default('files'),
    )
    .addOption(several('--role <role>', 'files, bundle: only artifacts of this role'))
    .option('--restricted', 'bundle: also what may hold passwords and cookies')
    .addOption(
      several(
        '--since <size>',
        'bundle: show that the log goes on from the checkpoint over so many entries, which the receiver kept',
      ),
    )
    .action(async (ids, _options, command) =>
      (await import('./export.ts')).exportCaptures(ids, command),
    );
}

export function addSimilarVerbs(program: Command): void {
  program
    .command('similar')
    .description(
      'copies that are held of a picture, video or sound, the earliest first; nothing is stored',
    )
    .argument('<file-or-id>', 'a picture, video or sound on disk, or a capture id')
    .action(async (what, _options, command) =>
      (await import('./similar.ts')).similar(what, command),
    );
  program
    .command('fingerprint')
    .description('SHA-256 and PDQ of pictures; nothing is stored, no data folder is needed')
    .argument('<file...>', 'pictures')
    .action(async (files, _options, command) =>
      (await import('./fingerprint.ts')).fingerprint(files, command),
    );
  program
    .command('clusters')
    .description('files that show the same scene; with a flag, a decision about them')
    .argument('[sha256...]', 'files, by their SHA-256')
    .option('--same', 'these two show the same scene')
    .option('--unrelated', "these two don't")
    .option('--primary', 'this is the copy to cite')
    .option('--undo <decision>', 'take a decision back, by its id')
    .option('--note <text>', 'why')
    .option('--by <who>', 'who decides (default: HOLDFAST_OPERATOR)')
    .action(async (named, _options, command) =>
      (await import('./clusters.ts')).clusters(named, command),
    );
}
