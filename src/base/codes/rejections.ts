/** Why a submitted text led to no capture. */
import { codeTable } from './entry.ts';

export const rejections = codeTable({
  'bad-address': {
    meaning: 'This is not a valid address.',
    when: 'It can’t be parsed, is far too long, or is wrapped too deeply.',
    todo: 'Correct it and submit it again.',
  },
  'bad-id': {
    meaning: 'The id in the link can’t be one.',
    when: 'Wrong characters or length, or text that stands right behind it.',
    todo: 'Copy the link again; the id of a post is 1 to 19 digits and nothing else.',
  },
  empty: {
    meaning: 'There is nothing in it.',
    when: 'An empty line or argument.',
    todo: 'Nothing.',
  },
  'not-a-link': {
    meaning: 'This is not a link.',
    when: 'Text without an address.',
    todo: 'Submit a link or a text that holds one.',
  },
  scheme: {
    meaning: 'Only http and https links can be captured.',
    when: '`mailto:`, `ftp:`, `file:` and the like.',
    todo: 'Nothing.',
  },
  'truncated-display-url': {
    meaning: 'The link was shortened for display and can’t be completed.',
    when: 'It ends in “…”.',
    todo: 'Copy the whole link.',
  },
  'x-other': {
    meaning: 'A page of X that is not a post, profile or file.',
    when: 'Settings, search, home and the like.',
    todo: 'Submit the link of the post.',
  },
});
