/** Codes of StateError: as things stand, this can't be done. Each has an exit code of its own. */
import type { CodeEntry } from './entry.ts';

export interface StateEntry extends CodeEntry {
  exitCode: 1 | 69 | 75 | 77;
}

function stateTable<Name extends string>(
  table: Record<Name, StateEntry>,
): Readonly<Record<Name, StateEntry>> {
  return table;
}

export const stateCodes = stateTable({
  'catalog-behind': {
    exitCode: 69,
    meaning: 'The catalog is older than this program.',
    when: 'A newer version was installed, and its migrations have not run.',
    todo: 'Run `holdfast migrate` once.',
  },
  'catalog-replaced': {
    exitCode: 75,
    meaning: 'The catalog was rebuilt while these workers ran.',
    when: '`rebuild --drop` replaced the catalog. What was in hand belongs to the old one.',
    todo: 'Start the workers again.',
  },
  'no-player': {
    exitCode: 69,
    meaning: 'The player of web archives is not installed.',
    when: 'A replay was opened from the pages without replayweb.page, or with another version of it.',
    todo: 'Run `holdfast setup --replay` once.',
  },
  'not-recorded': {
    exitCode: 1,
    meaning: 'There is nothing to replay.',
    when: 'A replay was opened of a capture without recorded requests, or of one that is still under way.',
    todo: 'Wait until it is closed, or look at its pictures and files.',
  },
  'graphic-withheld': {
    exitCode: 77,
    meaning: 'Somebody marked this as graphic, and it was not asked for.',
    when: 'A web archive is saved from the pages while its pictures are withheld.',
    todo: 'Have it shown on its page first.',
  },
  'key-rotated-meanwhile': {
    exitCode: 1,
    meaning: 'Somebody else has just replaced this key.',
    when: 'Two `keys --rotate` at once.',
    todo: 'Look at `holdfast keys`, and rotate again only if it is still needed.',
  },
  'on-hold': {
    exitCode: 77,
    meaning: 'A legal hold forbids it.',
    when: 'A removal names something that is under a hold.',
    todo: 'Release the hold first (`holdfast hold --release ID`), if you are entitled to.',
  },
  'signing-key-missing': {
    exitCode: 77,
    meaning: 'This machine does not have the key that signs the log.',
    when: 'Checkpoints, signed exports or key rotation on a machine other than the one with the key.',
    todo: 'Do it on the machine that has the key, or restore the key from a backup.',
  },
  'transaction-lost': {
    exitCode: 1,
    meaning: 'A statement failed unnoticed, so the transaction kept nothing.',
    when: 'A fault in Holdfast.',
    todo: 'Report it.',
  },
  'transaction-over': {
    exitCode: 1,
    meaning: 'The transaction had ended before this was asked in it.',
    when: 'A fault in Holdfast.',
    todo: 'Report it.',
  },
  'workers-running': {
    exitCode: 75,
    meaning: 'Workers are running on this catalog.',
    when: '`rebuild --drop` while a worker gave a sign of life in the last two minutes.',
    todo: 'Stop the workers that the message names, and rebuild then.',
  },
});
