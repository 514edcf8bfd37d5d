/** Reasons of the page step: why a visit did not show what it was made for. */
import { codeTable } from './entry.ts';

/** A wall stands where the content should be: the step is `blocked`. */
export const wallReasons = codeTable({
  'age-gate': {
    meaning: 'The site asks for the visitor’s age.',
    when: 'The page shows an age gate instead of the content.',
    todo: 'Capture it with a browser profile that is logged in (`holdfast profile`).',
  },
  captcha: {
    meaning: 'The site wants proof that the visitor is human.',
    when: 'A bot check stands where the content should be. Holdfast never solves one.',
    todo: 'Try again later or from another network exit (`HOLDFAST_UPSTREAM_PROXY`).',
  },
  'consent-wall': {
    meaning: 'The site shows nothing before it has consent to cookies.',
    when: 'A visit ended on a consent page.',
    todo: 'Capture it with a browser profile that has consented.',
  },
  'login-wall': {
    meaning: 'The site wants the visitor to log in.',
    when: 'A log-in page, or status 401, stands where the content should be.',
    todo: 'Capture it with a browser profile that is logged in.',
  },
});

export const pageReasons = codeTable({
  'bad-content-encoding': {
    meaning: 'The answer is not in the coding that its server names, so no browser can read it.',
    when: 'A `Content-Encoding` that is not true. The body is kept as it was sent.',
    todo: 'Try to unpack `html.received` by hand.',
  },
  'bad-response': {
    meaning: 'The server’s answer is not valid HTTP.',
    when: 'Chromium could not read the answer.',
    todo: 'Look at the page in a browser.',
  },
  'focal-missing': {
    meaning: 'The page loaded, but the post is not in it.',
    when: 'The element that shows the post did not appear: the post is gone, or the site changed.',
    todo: 'Look at the screenshots. If the post is there, report it: the page recipe is out of date.',
  },
  'given-up': {
    meaning: 'The connection was given up before it stood.',
    when: 'The browser closed it while the door was still connecting.',
    todo: 'Run `holdfast retry`.',
  },
  'is-download': {
    meaning: 'The address is a file to download, not a page.',
    when: 'The link is a clip, a picture, a document or an archive. The page step is skipped, and the media step must keep the file.',
    todo: 'Nothing.',
  },
  'navigation-failed': {
    meaning: 'The page could not be opened, and Chromium gave no known cause.',
    when: 'Any failure that no other reason describes.',
    todo: 'See the capture’s log for Chromium’s words; try `holdfast retry`.',
  },
  'no-picture': {
    meaning: 'No screenshot could be taken.',
    when: 'The page kept its renderer busy until the limit.',
    todo: 'Try `holdfast retry`; the other files are kept.',
  },
  'page-closed': {
    meaning: 'The page closed itself.',
    when: 'A script of the page closed its window.',
    todo: 'Nothing: it is tried again.',
  },
  'renderer-crashed': {
    meaning: 'The page crashed its renderer.',
    when: 'Too little memory, or a page that makes Chromium crash.',
    todo: 'Nothing: it is tried again. If it lasts, give the worker more memory.',
  },
});

/** Codes of PermanentError: a browser that took more of the machine than one may. */
export const pageLimitCodes = codeTable({
  'page-memory': {
    meaning: 'The page wanted more memory than a page may have, and was ended.',
    when: 'All processes of its browser together went beyond the limit that `facts.browser.limits` names.',
    todo: 'Nothing: what it had asked for until then is kept.',
  },
  'page-processes': {
    meaning:
      'The page opened more windows, or started more processes, than a page may have, and was ended.',
    when: 'Windows or frames of many sites without end.',
    todo: 'Nothing.',
  },
});
