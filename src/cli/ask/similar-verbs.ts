/** The verbs that look for copies. */
import type { Command } from 'commander';
import { examples } from '../terminal/help-examples.ts';

export function addSimilarVerbs(program: Command): void {
  program
    .command('similar')
    .description(
      'find copies of a picture, video or sound in the archive, earliest first; stores nothing',
    )
    .argument('<file-or-id>', 'a picture, video or sound on disk, or a capture id')
    .addHelpText('after', examples('holdfast similar clip.mp4', 'holdfast similar 6a0b9c3d --json'))
    .action(async (what, _options, command) =>
      (await import('./similar.ts')).similar(what, command),
    );
  program
    .command('fingerprint')
    .description('print SHA-256 and PDQ of pictures; stores nothing and needs no data folder')
    .argument('<file...>', 'pictures')
    .addHelpText(
      'after',
      examples('holdfast fingerprint photo.jpg', 'holdfast fingerprint *.jpg --csv'),
    )
    .action(async (files, _options, command) =>
      (await import('./fingerprint.ts')).fingerprint(files, command),
    );
  program
    .command('clusters')
    .description('list files that show the same scene; with a flag, record a decision about them')
    .argument('[sha256...]', 'files, by their SHA-256')
    .option('--same', 'these two show the same scene')
    .option('--unrelated', 'these two do not')
    .option('--primary', 'this is the copy to cite')
    .option('--undo <decision>', 'undo a decision, by its id')
    .option('--note <text>', 'why')
    .option('--by <who>', 'who decides (default: HOLDFAST_OPERATOR)')
    .addHelpText(
      'after',
      examples(
        'holdfast clusters',
        'holdfast clusters --undo 6a0b9c3d-1111-7222-8333-444455556666 --note "a different street"',
      ),
    )
    .action(async (named, _options, command) =>
      (await import('./clusters.ts')).clusters(named, command),
    );
}
