/** What each stage does: one BullMQ queue a stage, one kind of job a queue. */
import type { StageName } from './jobs.ts';

export interface StageEntry {
  does: string;
  /** What its jobs carry. */
  payload: 'capture' | 'submit' | 'nothing';
  /** When its jobs come about. */
  when: string;
}

export const stageMeanings: Readonly<Record<StageName, StageEntry>> = {
  resolve: {
    does: 'Follows the link, asks for the record by every route, plans the capture.',
    payload: 'capture',
    when: 'The feeder hands a capture in.',
  },
  page: {
    does: 'Visits the page: exchanges, screenshots, HTML, DOM, text.',
    payload: 'capture',
    when: 'Part of a capture’s tree.',
  },
  media: {
    does: 'Fetches pictures, videos and sounds.',
    payload: 'capture',
    when: 'Part of a capture’s tree.',
  },
  seal: {
    does: 'Re-hashes every file, writes the manifest, enters it in the log.',
    payload: 'capture',
    when: 'The root of a capture’s tree: when all others have ended, well or badly.',
  },
  derive: {
    does: 'Makes what is to be made of a sealed capture: keyframes, fingerprints, rendering, text.',
    payload: 'capture',
    when: 'A capture was sealed, or `holdfast derive` asked for it. Captures come first.',
  },
  feed: {
    does: 'Hands waiting captures in, and again those that the queue has lost.',
    payload: 'nothing',
    when: 'Repeats.',
  },
  recheck: {
    does: 'Visits watched sources that are due.',
    payload: 'nothing',
    when: 'Repeats.',
  },
  compare: {
    does: 'Compares closed captures with the ones before.',
    payload: 'nothing',
    when: 'Repeats.',
  },
  notify: {
    does: 'Sends alerts.',
    payload: 'nothing',
    when: 'Repeats.',
  },
  stamp: {
    does: 'Signs checkpoints, asks for timestamps and cosignatures.',
    payload: 'nothing',
    when: 'Repeats.',
  },
  fixity: {
    does: 'Hashes stored files again.',
    payload: 'nothing',
    when: 'Repeats.',
  },
  'save-elsewhere': {
    does: 'Asks the Wayback Machine to keep a copy as well.',
    payload: 'nothing',
    when: 'Repeats, where `HOLDFAST_WAYBACK_SAVE_CASES` names a case.',
  },
  submit: {
    does: 'Takes in what other programs submit, exactly as `add` does.',
    payload: 'submit',
    when: 'Another program adds one.',
  },
};
