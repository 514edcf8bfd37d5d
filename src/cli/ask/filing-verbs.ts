/** The verbs that put the archive in order: cases, tags and notes. */
import type { Command } from 'commander';
import type { Filing } from '../../model/filing.ts';
import { examples } from '../terminal/help-examples.ts';

const about = 'links or keys of sources, or capture ids';

export function addFilingVerbs(program: Command): void {
  program
    .command('cases')
    .description('list cases with what they hold, the one used last first')
    .addHelpText('after', examples('holdfast cases', 'holdfast cases --csv > cases.csv'))
    .action(async (_options, command) => (await import('./filing.ts')).cases(command));
  program
    .command('tags')
    .description('list the tags in force, the most used first')
    .addHelpText('after', examples('holdfast tags', 'holdfast tags --json'))
    .action(async (_options, command) => (await import('./filing.ts')).tags(command));
  addCaseVerbs(program);
  addTagVerbs(program);
  signed(program.command('note'))
    .description('write a note on sources, or on single captures; the log keeps it')
    .argument('<text>', 'the words of the note')
    .argument('<source-or-id...>', about)
    .option('--case <name>', 'the case that it is for, where the source is in several')
    .addHelpText(
      'after',
      examples(
        "holdfast note 'the same bridge as in March' https://example.org/statement",
        "holdfast note 'sent in by a witness' 6a0b9c3d --by 'night desk'",
      ),
    )
    .action(async (text, named, _options, command) => {
      const { file } = await import('./filing.ts');
      await file({ kind: 'note', change: 'added', value: text, about: named }, command);
    });
}

function addCaseVerbs(program: Command): void {
  const verb = program
    .command('case')
    .description('put sources into a case or take them out; captures and log stay as they are')
    .showHelpAfterError('(say holdfast case add NAME LINK, or case remove)')
    .addHelpText(
      'after',
      examples('holdfast case add harbour 6a0b9c3d', 'holdfast case remove harbour 6a0b9c3d'),
    );
  const acts = [
    ['add', 'added', 'put sources that are kept already into a case'],
    ['remove', 'removed', 'take sources out of a case; nothing is deleted'],
  ] as const;
  for (const [name, change, description] of acts)
    filing(signed(verb.command(name)), { kind: 'case', change })
      .description(description)
      .argument('<name>', 'the case; a new one begins with its first source')
      .argument('<source-or-id...>', `${about}, which stand for their sources`)
      .addHelpText(
        'after',
        examples(
          `holdfast case ${name} harbour https://example.org/statement`,
          `holdfast case ${name} harbour 6a0b9c3d --by 'night desk'`,
        ),
      );
}

function addTagVerbs(program: Command): void {
  const verb = program
    .command('tag')
    .description('tag sources or single captures, or take tags off')
    .showHelpAfterError('(say holdfast tag add TAG LINK, or tag remove)')
    .addHelpText(
      'after',
      examples('holdfast tag add convoy 6a0b9c3d', 'holdfast tag remove convoy 6a0b9c3d'),
    );
  const acts = [
    ['add', 'added', 'tag sources with all their captures, or single captures'],
    ['remove', 'removed', 'take a tag off, also one that came with a link'],
  ] as const;
  for (const [name, change, description] of acts)
    filing(signed(verb.command(name)), { kind: 'tag', change })
      .description(description)
      .argument('<tag>', 'the tag')
      .argument('<source-or-id...>', about)
      .option('--case <name>', 'the case that it is for, where the source is in several')
      .addHelpText(
        'after',
        examples(
          `holdfast tag ${name} convoy https://example.org/statement`,
          `holdfast tag ${name} convoy 6a0b9c3d`,
        ),
      );
}

function filing(command: Command, act: Pick<Filing, 'kind' | 'change'>): Command {
  return command.action(async (value, named, _options, own) => {
    const { file } = await import('./filing.ts');
    await file({ ...act, value, about: named }, own);
  });
}

function signed(command: Command): Command {
  return command.option('--by <who>', 'who does it (default: HOLDFAST_OPERATOR)');
}
