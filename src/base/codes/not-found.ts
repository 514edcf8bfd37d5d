/** Codes of NotFoundError: what was named is not there. */
import { codeTable } from './entry.ts';

export const notFoundCodes = codeTable({
  'no-alert': {
    meaning: 'There is no such alert.',
    when: 'A verb about alerts got an unknown id.',
    todo: '`holdfast alerts` lists them.',
  },
  'no-bundle': {
    meaning: 'There is no file, folder or capture of this name.',
    when: '`verify` got a path or id that does not exist.',
    todo: 'Check the path, or take an id from `holdfast find`.',
  },
  'no-capture': {
    meaning: 'There is no such capture.',
    when: 'An id is unknown to this catalog.',
    todo: '`holdfast find` lists what is kept; check that you use the right data folder.',
  },
  'no-channel': {
    meaning: 'No alert channel has this name.',
    when: '`alerts test` got a name that is not in the file of channels.',
    todo: 'Use one of the names that the message lists.',
  },
  'no-decision': {
    meaning: 'There is no such decision.',
    when: '`clusters --undo` got an unknown id.',
    todo: '`holdfast clusters` lists them.',
  },
  'no-file': {
    meaning: 'No file with this digest or path is here.',
    when: 'A SHA-256 that no capture holds, or a path that does not exist.',
    todo: '`holdfast show` prints the digests of a capture’s files.',
  },
  'no-hold': {
    meaning: 'There is no such hold in force.',
    when: '`hold --release` got an unknown id, or one that was released before.',
    todo: '`holdfast hold` lists the holds in force.',
  },
  'no-home': {
    meaning: 'There is no Holdfast data here.',
    when: 'A verb that only reads found no data folder: it never makes one.',
    todo: 'Name the folder with `--home` or `HOLDFAST_HOME`, or begin with `holdfast archive`.',
  },
  'no-mark': {
    meaning: 'This source is not marked as graphic.',
    when: 'A mark was to be removed that is not there, or was removed before.',
    todo: 'Nothing.',
  },
  'no-restricted': {
    meaning: 'The capture holds no restricted records.',
    when: '`holdfast profile records` was asked for a capture that was made without a browser profile, or where nothing was withheld.',
    todo: 'Nothing: all that was recorded is in its WARC.',
  },
  'no-profile': {
    meaning: 'This machine has no browser profile of this name.',
    when: 'A capture asks for a profile that was never added here.',
    todo: '`holdfast profile` lists them, `holdfast profile add` adds one.',
  },
  'no-source': {
    meaning: 'Nothing is known about this source.',
    when: '`timeline` got a source that was neither captured nor checked; `case`, `tag` or `note` one that was not captured.',
    todo: '`holdfast find` lists sources.',
  },
  'no-submission': {
    meaning: 'A capture has no submission.',
    when: 'The catalog lost a row that belongs to the capture.',
    todo: 'Run `holdfast verify`, then `holdfast rebuild --drop` to make the catalog again from the vault.',
  },
  'no-such-file': {
    meaning: 'There is no such file.',
    when: 'A path on the command line does not exist.',
    todo: 'Check the path; `-` reads standard input.',
  },
  'no-watch': {
    meaning: 'This source is not watched.',
    when: '`unwatch`, `watch --pause` or `watch --resume` got a source without a watch.',
    todo: '`holdfast watches` lists what is watched.',
  },
  'object-missing': {
    meaning: 'The vault lacks an object that a record names.',
    when: 'A file was deleted from the vault, or the disk lost it. What was removed by order is not reported this way.',
    todo: 'Run `holdfast verify --all`, and restore the object from a backup or the second vault.',
  },
  'no-case': {
    meaning: 'There is no such case, or no closed capture is in it.',
    when: '`--case` of a verb that asks, with a case that is misspelt, or empty.',
    todo: '`holdfast cases` lists them.',
  },
});
