/** Reasons of the other steps, beside the codes of errors that ended them. */
import { codeTable } from './entry.ts';

/** Of any step. */
export const anyStepReasons = codeTable({
  cancelled: {
    meaning: 'Somebody cancelled the capture.',
    when: '`holdfast cancel`.',
    todo: 'Submit the link again if it is wanted after all.',
  },
  interrupted: {
    meaning: 'The work was interrupted.',
    when: 'The worker stopped. The step runs again.',
    todo: 'Nothing.',
  },
  unexpected: {
    meaning: 'Something failed that Holdfast does not know.',
    when: 'A fault in Holdfast or in a library. The message stands in the step’s detail.',
    todo: 'Report it with the worker’s log.',
  },
});

/** Of the record step, beside the [signals](signals.md) that name what a platform answered. */
export const recordReasons = codeTable({
  'leads-nowhere': {
    meaning: 'The short link leads to nothing.',
    when: 'It does not redirect, or not to a source.',
    todo: 'Check the link in a browser.',
  },
  'media-unreadable': {
    meaning: 'The post has pictures or videos that its record does not name readably.',
    when: 'The platform changed its records.',
    todo: 'Look at the raw record (role `record.raw`); report it.',
  },
  'no-address': {
    meaning: 'There is no address to fetch for this source.',
    when: 'A key names a kind of thing that can’t be visited.',
    todo: 'Submit the link of the post itself.',
  },
  'no-note-text': {
    meaning: 'The record holds only the beginning of a long text.',
    when: 'No route gave the whole text, for instance because one of them asked to wait.',
    todo: 'See the screenshot for the rest, and capture the post again later.',
  },
  'oembed-only': {
    meaning: 'Only the shortest record could be had: text, but not which media belong to it.',
    when: 'The fuller routes failed.',
    todo: 'Run `holdfast retry` later.',
  },
  'too-many-hops': {
    meaning: 'The short link leads on more often than is followed.',
    when: 'Resolving a short link.',
    todo: 'Check the link in a browser.',
  },
});

export const waybackReasons = codeTable({
  'no-copy': {
    meaning: 'The Wayback Machine has no copy.',
    when: 'It was asked about a source that is gone. The step is skipped.',
    todo: 'Nothing.',
  },
  'wayback-unreachable': {
    meaning: 'The Wayback Machine could not be asked.',
    when: 'It did not answer.',
    todo: 'Run `holdfast retry` later.',
  },
});

export const mediaReasons = codeTable({
  'no-candidates': {
    meaning: 'The record names a medium without an address.',
    when: 'The platform’s record is incomplete.',
    todo: 'Look at the raw record (role `record.raw`).',
  },
  'no-media': {
    meaning: 'There are no pictures or videos to fetch. The step is skipped.',
    when: 'A post or page without media.',
    todo: 'Nothing.',
  },
  'played-from-memory': {
    meaning: 'A video or sound played in the page, and no file of it is kept.',
    when: 'A player puts it together from pieces (MediaSource), and nothing else names the whole of it.',
    todo: 'The pieces are in the WARC where they were recorded. Submit the link of the player’s own page.',
  },
});

export const derivationReasons = codeTable({
  'no-post': {
    meaning: 'There is no post to draw. The derivation is skipped.',
    when: 'The platform has no rendering for what was kept.',
    todo: 'Nothing.',
  },
  'processor-limit': {
    meaning: 'Nothing was read: the capture’s share of processor time was used up.',
    when: 'Earlier pictures of the same job took all of it.',
    todo: 'Read it by itself: `holdfast derive ID --with ocr`.',
  },
  'no-frames': {
    meaning: 'There are no frames to work with. The derivation is skipped.',
    when: 'Nothing of the video decodes, or its keyframes failed.',
    todo: 'See why under `keyframes`.',
  },
});
