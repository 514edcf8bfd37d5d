/** Everything that can happen: the kinds of events, as timelines, alerts and the catalog have them. */
import type { CodeEntry } from '../base/codes/entry.ts';
import { codeTable } from '../base/codes/entry.ts';

/** What is concluded about a source from observations. */
export const sourceEvents = codeTable({
  suspect: {
    meaning: 'The source was missing when it was checked, which is not confirmed yet.',
    when: 'The first miss.',
    todo: 'Nothing: it is checked again soon.',
  },
  removed: {
    meaning: 'The source is gone. `detail.kind` says how, as far as the platform said.',
    when: 'Enough misses over enough time by enough routes (settings `HOLDFAST_REMOVED_…`, `HOLDFAST_STATED_…`).',
    todo: 'See what is kept: `holdfast show`. `holdfast takedowns` reports them.',
  },
  restored: {
    meaning: 'A source that was removed is back.',
    when: 'A check or capture found it.',
    todo: 'Compare the new capture with the one before.',
  },
  restricted: {
    meaning: 'The source is there, but not for everybody or not whole.',
    when: 'Log-in, age, country, or media that are gone.',
    todo: 'See `detail.kind`: one of the [signals](signals.md).',
  },
  cleared: {
    meaning: 'A suspicion did not come true, or a restriction was lifted.',
    when: 'A check found the source as before.',
    todo: 'Nothing.',
  },
  changed: {
    meaning: 'The source differs from the capture before: text, media, author or other fields.',
    when: 'Two captures of it were compared. `detail` says what.',
    todo: 'Look at both captures.',
  },
});

/** What holds of the answer of a platform or the record made of it: a reader must be told. */
export const recordWarnings = codeTable({
  'attribution-mismatch': {
    meaning: 'The text around the link, or the link, names another author than the post has.',
    when: 'A post was resolved.',
    todo: 'Check who wrote it: handles change hands.',
  },
  'author-of-hidden-post': {
    meaning: 'The platform names the author of a post that it does not show.',
    when: 'A withheld or limited post.',
    todo: 'Nothing: the message has the name.',
  },
  'browser-agent-used': {
    meaning: 'A route refused Holdfast’s own name and was asked again under a browser’s.',
    when: 'The platform turns programs away.',
    todo: 'Nothing: both answers are kept.',
  },
  'identity-mismatch': {
    meaning: 'The answer is about another post than the one asked for. It is not used.',
    when: 'A platform’s cache or a faulty route.',
    todo: 'Look at the raw record.',
  },
  'media-from-another-post': {
    meaning: 'A picture or video was first posted with another post.',
    when: 'Its record says so.',
    todo: 'Look at that post before you rely on the picture.',
  },
  'media-older-than-post': {
    meaning: 'A picture or video was uploaded a day or more before the post.',
    when: 'The time in its id says so.',
    todo: 'It need not show what the post speaks of.',
  },
  'reads-like-a-notice': {
    meaning:
      'The text of the post reads like a notice of the platform’s, and may be the author’s own words.',
    when: 'Nothing but its words says so: no field of the record, and no other route.',
    todo: 'Look at the screenshot and the raw record. Nothing is concluded about the source.',
  },
  'routes-disagree': {
    meaning: 'Two routes give different records of the source, or disagree whether it is there.',
    when: 'Both were asked in one visit.',
    todo: 'Compare the raw records.',
  },
  superseded: {
    meaning: 'This is an older version of an edited post.',
    when: 'The record says so.',
    todo: 'Capture the newest version too; the message names it where it is known.',
  },
  'time-mismatch': {
    meaning: 'The time that the record claims is not the time in the id.',
    when: 'A post was resolved.',
    todo: 'Trust the id’s time more: it was given out by the platform.',
  },
  'unknown-wording': {
    meaning:
      'The platform says in unknown words why there is nothing to see. Nothing is concluded from it.',
    when: 'A new or changed notice.',
    todo: 'Read the message; report it, so that it can be added.',
  },
  'withheld-elsewhere': {
    meaning: 'The post or account is withheld in some countries; here it was shown.',
    when: 'The record lists the countries.',
    todo: 'Nothing.',
  },
});

export const captureEvents = codeTable({
  'capture.failed': {
    meaning: 'A capture ended as `failed` or `blocked`.',
    when: 'It was sealed. `detail.reasons` names the required steps and their [reasons](reasons.md).',
    todo: '`holdfast show`, then `holdfast retry`.',
  },
  'capture.closed': {
    meaning: 'A capture was closed, whatever its state.',
    when: 'Only where events are followed (the library’s `events`); `id` is the capture’s.',
    todo: 'Nothing.',
  },
  'similar.found': {
    meaning: 'A picture or video was seen before, at another source or as another file.',
    when: 'Its fingerprints were compared with those held.',
    todo: 'Look at both: `holdfast clusters`.',
  },
  'similar.sound': {
    meaning: 'The same sound was heard before.',
    when: 'Its sound print was compared with those held.',
    todo: 'Listen to both.',
  },
  'third-party-copy': {
    meaning: 'The Wayback Machine has copies of a source that is gone.',
    when: 'The wayback step found them.',
    todo: 'See the files with the role `third-party`.',
  },
  'saved-elsewhere': {
    meaning: 'The Wayback Machine has kept a copy as well.',
    when: 'The case is in `HOLDFAST_WAYBACK_SAVE_CASES`.',
    todo: 'Nothing: `detail.copy` is its address.',
  },
  'not-saved-elsewhere': {
    meaning: 'The Wayback Machine did not keep a copy.',
    when: 'It refused, or never finished. `detail.reason` says why.',
    todo: 'Nothing: our own capture does not depend on it.',
  },
  'removed-by-order': {
    meaning: 'A file of the capture was removed by order before the capture closed.',
    when: 'The capture was being sealed.',
    todo: 'Nothing: `detail.order` names the order.',
  },
  'back-after-removal': {
    meaning: 'A file that had been removed by order came back with this capture.',
    when: 'The same bytes were captured again.',
    todo: 'Decide whether the order covers it, and remove it again if so.',
  },
});

/** About the archive itself: `source` is null. */
export const archiveEvents = codeTable({
  'schedule.late': {
    meaning: 'Visits are later than planned.',
    when: 'At most once an hour, while watches wait for too long.',
    todo: 'Start more workers, or watch less often.',
  },
  'verify.failed': {
    meaning: 'Stored bytes are not what they were, or the log can’t go on.',
    when: 'The fixity round or the signing of a checkpoint found it.',
    todo: 'Run `holdfast verify --all` at once.',
  },
  'storage.low': {
    meaning: 'Little space is left in the vault.',
    when: 'Less than `HOLDFAST_STORAGE_LOW_BYTES`, at most once a day.',
    todo: 'Make room.',
  },
  'worker.down': {
    meaning: 'A worker fell silent without ending properly.',
    when: 'No sign of life for two minutes.',
    todo: 'Look at that machine. Its work is taken over by others.',
  },
  'timestamp.failed': {
    meaning: 'A timestamp authority or calendar gives no proof.',
    when: 'The reason is a new one. `detail.code` has the [error code](errors.md).',
    todo: 'Check the authority. It is asked again automatically.',
  },
  'clock.suspect': {
    meaning: 'This machine’s clock differs from the authority’s.',
    when: 'A timestamp token says another time.',
    todo: 'Set the clock (NTP).',
  },
});

export const eventKinds = {
  ...sourceEvents,
  ...captureEvents,
  ...recordWarnings,
  ...archiveEvents,
} satisfies Record<string, CodeEntry>;

export type EventKind = keyof typeof eventKinds;
export type RecordWarning = keyof typeof recordWarnings;
