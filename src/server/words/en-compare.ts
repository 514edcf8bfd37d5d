/** English, about two captures beside each other. */

export const enCompare = {
  title: 'Compare',
  choose: 'Compare other captures of this source',
  compare: 'Compare',
  before: 'Before',
  after: 'After',
  changed: 'Changed',
  unchanged: 'Not changed',
  nothingChanged: 'Nothing that is compared here changed.',
  noneChanged: 'None of these changed.',
  nothingSame: 'Nothing stayed the same.',
  elapsed: (time: string) => `${time} apart`,
  facts: 'What is known',
  what: 'What',
  views: { page: 'the page itself', embed: 'as embedded', site: 'on the site' } as Record<
    string,
    string
  >,
  names: {
    state: 'State of the capture',
    'author-name': 'Author’s name',
    'author-handle': 'Author’s handle',
    'claimed-at': 'Posted, as claimed',
    title: 'Title',
    address: 'Address at the end',
    status: 'Answer of the server',
  },
  words: 'Words',
  texts: {
    post: 'Text of the post',
    page: 'Visible text',
    ocr: 'Read in a picture',
    transcript: 'Heard in a recording',
    document: 'Text of a document',
  },
  sameTexts: (same: number, all: number) =>
    same === all
      ? 'The same words everywhere, letter for letter.'
      : `${same} of ${all} texts are the same, letter for letter.`,
  noWords: 'Neither holds words.',
  onlyBefore: 'Only before:',
  onlyAfter: 'Only after:',
  tooDifferent: 'The texts differ too much to be shown word by word.',
  cut: 'Only the first 20,000 characters are compared here.',
  pictures: 'Pictures',
  noPictures: 'No picture is held by both.',
  media: 'Original files',
  noMedia: 'Neither holds original files.',
  kept: 'in both',
  lost: 'only before',
  added: 'only after',
  records: 'The platform’s record',
  fields: (changed: number, same: number) =>
    `${changed.toLocaleString('en')} ${changed === 1 ? 'field' : 'fields'} changed, ${same.toLocaleString('en')} stayed the same`,
  moreFields: 'Only the first 100 are shown.',
  field: 'Field',
  absent: 'not there',
  unread: {
    missing: 'Only one of the captures has it.',
    'too-large': 'Too large to be compared field by field.',
    'not-json': 'Not JSON, so it can’t be compared field by field.',
  },
  differs: 'The files differ.',
  slider: 'How much of the earlier picture is shown',
  apart: 'Side by side',
  over: 'Over each other',
};
