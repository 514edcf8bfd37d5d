/** Records of verifying: each finding, and the whole. */
import { recordTable } from './entry.ts';

export const verificationRecords = recordTable({
  'holdfast.verification/1': {
    meaning: 'The result of verifying captures or the whole archive.',
    when: '`verify --json`.',
    fields: {
      findings: 'One for each thing that was looked at.',
      'findings[].captureId':
        'The capture; `null` for what is about no capture alone, such as the log.',
      'findings[].subject': '`manifest`, `catalog`, or the name of a file.',
      'findings[].ok': 'Whether it is as it should be.',
      'findings[].message': 'In words.',
      faults: 'How many are not.',
      statement: 'What a pass proves, and what it does not.',
    },
  },
  'holdfast.bundle-verification/1': {
    meaning: 'The result of verifying a bundle.',
    when: '`verify BUNDLE --json`.',
    fields: {
      bundle: 'Its path.',
      verdict: '`valid`, `invalid` or `incomplete`.',
      invalid: 'How many faults.',
      incomplete: 'How many things are missing.',
      warnings: 'What a reader must be told, in sentences.',
      findings: 'One for each thing that was looked at, as `holdfast.finding/1`.',
      statement: 'What a pass proves, and what it does not.',
    },
  },
  'holdfast.wacz-verification/1': {
    meaning: 'The result of checking one web archive (WACZ) against the standards.',
    when: '`verify-wacz`.',
    fields: {
      file: 'Its path.',
      ok: 'Whether it has no fault.',
      boxes: 'Each group of demands with its `result`, how much was `examined`, and its `notes`.',
      findings: 'Faults and notes: `level`, `box`, `subject`, `message`.',
      faults: 'How many faults.',
      statement: 'What a pass proves, and what it does not. Only in the whole document.',
    },
    optional: ['statement'],
  },
  'holdfast.finding/1': {
    meaning: 'What verifying found about one thing.',
    when: '`verify --jsonl`; in the list of `verify BUNDLE --json`.',
    fields: {
      captureId: 'The capture; `null` for what is about no capture alone, such as the log.',
      subject: 'What was looked at.',
      ok: 'Whether it is as it should be.',
      message: 'In words.',
      kind: 'Of a bundle: the kind of finding.',
      result: 'Of a bundle: `ok`, `note`, `invalid` or `incomplete`.',
    },
    optional: ['kind', 'result'],
  },
  'holdfast.diagnosis/1': {
    meaning: 'One thing that `doctor` looked at.',
    when: '`doctor`.',
    fields: {
      what: 'What was looked at.',
      state: '`ok`, `warning` or `fault`.',
      found: 'What was found, in words.',
      fix: 'What to do about it; empty where nothing is to do.',
    },
  },
});
