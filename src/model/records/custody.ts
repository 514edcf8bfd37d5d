/** Records about orders, keys and the archive as a whole. */
import { recordTable } from './entry.ts';

export const custodyRecords = recordTable({
  'holdfast.hold/1': {
    meaning: 'A legal hold that was set or released.',
    when: '`hold`.',
    fields: {
      id: 'Id of the hold.',
      change: '`set` or `released`.',
      scopeKind: '`capture`, `case` or `object`.',
      scope: 'Id of the capture, name of the case, or SHA-256.',
      authority: 'Who ordered it.',
      reference: 'Number or letter of the order.',
      reason: 'Why, or `null`.',
      byWhom: 'Who carried it out.',
      at: 'When.',
    },
  },
  'holdfast.removal-plan/1': {
    meaning: 'What a removal would take out of the archive.',
    when: '`removal` without `--yes`.',
    fields: {
      targets: 'Digests of the files that would go.',
      shared: 'Digests that would stay, because other captures hold them too.',
      names: 'Name of each file, by digest, as it was first kept. Records have none.',
    },
  },
  'holdfast.removal/1': {
    meaning: 'What was taken out of the archive by order.',
    when: '`removal --yes`.',
    fields: {
      id: 'Id of the order.',
      change: '`ordered` or `done`.',
      targets: 'Digests of the files that are gone.',
      captureIds: 'Captures that the order named.',
      authority: 'Who ordered it.',
      reference: 'Number or letter of the order.',
      reason: 'Why, or `null`.',
      byWhom: 'Who carried it out.',
      detail: 'Where the files were removed from, and which other captures held them.',
      at: 'When.',
      shared: 'Digests that stayed, because other captures hold them too.',
    },
  },
  'holdfast.key/1': {
    meaning: 'One public key of the log.',
    when: '`keys`.',
    fields: {
      number: '1 for the first.',
      id: 'Key id (C2SP signed note).',
      origin: 'Name of the log.',
      vkey: 'The line to publish.',
      publicKeyPem: 'The key as PEM.',
      state: '`signs here`, `signs on another machine` or `replaced`.',
    },
  },
  'holdfast.rebuilt/1': {
    meaning: 'What a rebuild made.',
    when: '`rebuild`.',
    fields: {
      submissions: 'Submissions.',
      captures: 'Captures.',
      watches: 'Watches.',
      logEntries: 'Log entries.',
    },
  },
});
