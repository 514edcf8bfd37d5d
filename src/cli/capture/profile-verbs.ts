/** The verbs about browser profiles. */
import type { Command } from 'commander';
import { examples } from '../terminal/help-examples.ts';

export function addProfileVerbs(program: Command): void {
  const profile = program
    .command('profile')
    .description('list browser profiles for logged-in views; they are encrypted on this machine')
    .addHelpText('after', examples('holdfast profile', 'holdfast profile add desk state.json'))
    .action(async (_options, command) => (await import('./profile.ts')).profiles(command));
  profile
    .command('add')
    .description("store a browser's storage state (JSON, as Playwright writes it) under a name")
    .argument('<name>', 'lower-case letters, digits and -')
    .argument('<file>', 'the storage state; delete the file afterwards')
    .addHelpText(
      'after',
      examples(
        'holdfast profile add desk state.json',
        'holdfast archive https://example.org/ --profile desk',
      ),
    )
    .action(async (name, file, _options, command) =>
      (await import('./profile.ts')).addProfile(name, file, command),
    );
  profile
    .command('records')
    .description("decrypt the requests and answers that hold a log-in's secrets into a new file")
    .argument('<id>', 'a capture that was made with a profile, or the beginning of its id')
    .requiredOption(
      '--to <file>',
      'a WARC file that does not exist yet; the log says that it was made',
    )
    .addHelpText(
      'after',
      examples(
        'holdfast profile records 0199 --to secrets.warc.gz',
        'holdfast profile records 0199a7c2 --to /mnt/court/secrets.warc.gz',
      ),
    )
    .action(async (id, _options, command) =>
      (await import('./profile.ts')).restrictedRecords(id, command),
    );
  profile
    .command('remove')
    .description('delete a profile; captures made with it stay')
    .argument('<name>', 'as holdfast profile lists it')
    .addHelpText('after', examples('holdfast profile', 'holdfast profile remove desk'))
    .action(async (name, _options, command) =>
      (await import('./profile.ts')).dropProfile(name, command),
    );
}
