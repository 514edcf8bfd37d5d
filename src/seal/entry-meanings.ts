/** What each type of log entry says. */
import type { CodeEntry } from '../base/codes/entry.ts';
import type { EntryType } from './log-entry.ts';

export const entryMeanings: Readonly<Record<EntryType, CodeEntry>> = {
  capture: {
    meaning: 'A capture was sealed. `manifest_sha256` is the digest of its manifest.',
    when: 'A capture closes.',
    todo: '`holdfast verify ID` checks manifest and files against it.',
  },
  derivation: {
    meaning:
      'Something was made of a capture: keyframes, fingerprints, text … `targets` are the digests of the records (the first 500; the details name all).',
    when: 'A derive job of a capture has ended.',
    todo: '`holdfast verify ID` checks records and files against it. None of it is evidence.',
  },
  records: {
    meaning:
      'A batch of records was entered: submissions, checks, events, plans of watches, decisions. The details list them by kind, name and SHA-256.',
    when: 'A quarter of an hour after the first record of a batch, or sooner once 5,000 are waiting.',
    todo: '`holdfast verify --all` finds a record that is missing or was altered since.',
  },
  timestamped: {
    meaning: 'A timestamp token over a checkpoint was received.',
    when: 'An authority of `HOLDFAST_TSA_URLS` answered.',
    todo: 'The token is in the vault (`timestamps`) and in every bundle.',
  },
  'ots-proof': {
    meaning: 'An OpenTimestamps proof over a checkpoint was received or completed.',
    when: 'A calendar of `HOLDFAST_OTS_CALENDARS` answered.',
    todo: 'The proof is in the vault (`ots-proofs`) and in every bundle.',
  },
  'key-rotated': {
    meaning: 'Another key signs the log from here on. The old key signed this entry’s checkpoint.',
    when: '`holdfast keys --rotate`.',
    todo: 'Publish the new key where the old one was.',
  },
  viewed: {
    meaning: 'Somebody looked at restricted files.',
    when: 'Records with the secrets of a log-in were read.',
    todo: 'Nothing.',
  },
  exported: {
    meaning: 'Captures were handed over. The details name them and who did.',
    when: '`holdfast export --format bundle`, before the bundle is written.',
    todo: 'Nothing.',
  },
  'export-failed': {
    meaning: 'What an entry before it calls exported was not handed over.',
    when: 'The export failed or was interrupted.',
    todo: 'Export again.',
  },
  fixity: {
    meaning: 'Stored files were hashed again. The details hold each result.',
    when: 'Each fixity round.',
    todo: 'A fault is also told as `verify.failed`.',
  },
  hold: {
    meaning: 'A legal hold was set.',
    when: '`holdfast hold`.',
    todo: 'Nothing under it can be removed until it is released.',
  },
  'hold-released': {
    meaning: 'A legal hold was released.',
    when: '`holdfast hold --release ID`.',
    todo: 'Nothing.',
  },
  removal: {
    meaning: 'Files were ordered to be removed, or have been removed: `targets` are their digests.',
    when: '`holdfast removal`. Every other proof stays valid. Version 0.1.0 called it `tombstone`.',
    todo: '`verify` explains the missing files by it.',
  },
  filed: {
    meaning:
      'Sources were put into a case or taken out of it. The details name them, and who did it.',
    when: '`holdfast case add`, `holdfast case remove`.',
    todo: 'Nothing. `holdfast timeline SOURCE` lists what was filed about a source.',
  },
  tagged: {
    meaning: 'Tags were put on sources or captures, or taken off.',
    when: '`holdfast tag add`, `holdfast tag remove`.',
    todo: 'Nothing.',
  },
  noted: {
    meaning: 'A note was written on a source or capture. The words are in the details.',
    when: '`holdfast note`.',
    todo: 'Nothing.',
  },
};
