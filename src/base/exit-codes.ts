/** With what a command ends, for scripts: each number has one meaning, whichever verb it was. */
import type { CodeEntry } from './codes/entry.ts';

export interface ExitEntry extends CodeEntry {
  code: number;
}

function exitTable<const Table extends Record<string, ExitEntry>>(table: Table): Table {
  return table;
}

export const exits = exitTable({
  done: {
    code: 0,
    meaning: 'Done.',
    when: 'Everything that was asked was done. `find` found something, `verify` found no fault.',
    todo: 'Nothing.',
  },
  unexpected: {
    code: 1,
    meaning: 'Something failed that has no code of its own.',
    when: 'A fault in Holdfast, or a lasting failure of what was asked.',
    todo: 'Read stderr: it names the [error code](errors.md).',
  },
  usage: {
    code: 2,
    meaning: 'The command was wrong. Nothing was done.',
    when: 'Unknown verb or flag, a value that can’t be read, a target that exists.',
    todo: 'See `holdfast VERB --help`.',
  },
  notFound: {
    code: 3,
    meaning: 'What was named is not there.',
    when: 'An unknown id or file, no data folder, or a search without a result.',
    todo: '`holdfast find` lists what is kept.',
  },
  someFailed: {
    code: 4,
    meaning: 'Some of it failed, the rest was done.',
    when: 'Some links were rejected, some captures are not complete, some files could not be read, some checks got no answer.',
    todo: 'The output names them; `holdfast retry` captures again.',
  },
  integrity: {
    code: 5,
    meaning: 'Something stored is not what it was.',
    when: '`verify` found a fault, or a verb met damaged bytes.',
    todo: 'Run `holdfast verify --all`; restore from a backup.',
  },
  removed: {
    code: 6,
    meaning: 'A checked source is removed.',
    when: '`check`.',
    todo: 'See what is kept: `holdfast show`.',
  },
  config: {
    code: 7,
    meaning: 'Settings are invalid.',
    when: 'At the start of any verb.',
    todo: 'stderr lists every problem; [settings](settings.md) has the form of each.',
  },
  unreachable: {
    code: 69,
    meaning: 'A service or program that is needed can’t be reached.',
    when: 'Database, queue, browser, tools; `doctor` found something missing.',
    todo: 'Run `holdfast doctor`.',
  },
  tryLater: {
    code: 75,
    meaning: 'It may work later.',
    when: 'A host or an authority is away, asks to wait, or workers must end first.',
    todo: 'Run it again later.',
  },
  notPermitted: {
    code: 77,
    meaning: 'It is not permitted.',
    when: 'A legal hold, missing rights on a file, a key on another machine, a full or read-only disk.',
    todo: 'The message says whose permission is missing.',
  },
  interrupted: {
    code: 130,
    meaning: 'Interrupted.',
    when: 'Ctrl+C or a termination signal. What was begun goes on with the next `holdfast work`.',
    todo: 'Nothing.',
  },
});

export type ExitCode = (typeof exits)[keyof typeof exits]['code'];
