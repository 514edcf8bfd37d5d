/** Why a request of a page was not recorded, as `urn:pageinfo` in the WARC lists it. */
import { codeTable } from './entry.ts';

/** Class `excluded`: not part of what the page shows. */
export const excludedReasons = codeTable({
  'asked-again': {
    meaning: 'Asked a second time, and the second answer is the one that is kept.',
    when: 'A document’s first answer was overtaken.',
    todo: 'Nothing.',
  },
  beacon: {
    meaning: 'A ping for somebody’s statistics.',
    when: 'Links with `ping`, `navigator.sendBeacon`.',
    todo: 'Nothing.',
  },
  cache: {
    meaning: 'Answered from the browser’s cache; `cache.filledBy` names the recorded exchange.',
    when: 'The same file was asked for twice.',
    todo: 'Nothing.',
  },
  'csp-report': {
    meaning: 'A report of the browser about the page’s security policy.',
    when: 'The page violates its own policy.',
    todo: 'Nothing.',
  },
  'long-poll': {
    meaning: 'A request that waits for news.',
    when: 'No answer had come at the cut, and the page did not wait for one.',
    todo: 'Nothing.',
  },
  'pdf-viewer': {
    meaning:
      'The document in which the browser’s PDF viewer shows a file; `cache.filledBy` names the recorded exchange that brought the file.',
    when: 'A PDF in a frame of the page.',
    todo: 'Nothing.',
  },
  prefetch: {
    meaning: 'Loaded ahead by the browser itself, and not shown.',
    when: 'Speculation rules. What is shown of it is a request of its own; `<link rel=prefetch>` is recorded.',
    todo: 'Nothing.',
  },
  preflight: {
    meaning: 'The browser’s question whether a request is allowed (CORS).',
    when: 'Before a request to another site.',
    todo: 'Nothing.',
  },
  'refetched-whole': {
    meaning:
      'Too large to keep piece by piece: the whole file was fetched again, and what the page was given was found in it.',
    when: 'Videos and other large files.',
    todo: 'Nothing.',
  },
  'service-worker': {
    meaning: 'Answered by the page’s own service worker, whose requests are recorded.',
    when: 'Sites that work offline.',
    todo: 'Nothing.',
  },
});

/** Class `page-cancelled`: the page or the browser’s rules stopped it. */
export const cancelledReasons = codeTable({
  aborted: {
    meaning: 'The page gave the request up.',
    when: 'It navigated away, or its script aborted.',
    todo: 'Nothing.',
  },
  'blocked-by-browser': {
    meaning: 'A rule of the browser stopped it.',
    when: 'Chromium blocked the request or its answer.',
    todo: 'Nothing. Rules with a name of their own (`csp`, `mixed-content`, `cors` …) are named as Chromium names them.',
  },
});

/** Class `not-kept`: an answer that there was is missing, so the capture can’t be `complete`. */
export const notKeptReasons = codeTable({
  capped: {
    meaning: 'The body is over a limit, or all bodies together are.',
    when: 'A very large page.',
    todo: 'Raise `HOLDFAST_PAGE_MAX_BYTES`, then `holdfast retry`.',
  },
  evicted: {
    meaning: 'The browser had dropped the body before it could be read.',
    when: 'Rarely, under memory pressure.',
    todo: 'Run `holdfast retry`.',
  },
  'in-flight': {
    meaning: 'The answer was still on its way at the cut.',
    when: 'A slow server.',
    todo: 'Raise `HOLDFAST_PAGE_TIMEOUT_MS`, then `holdfast retry`.',
  },
  'not-read-on': {
    meaning: 'The answer was not read to its end.',
    when: 'It broke off, or was over the limit of the question.',
    todo: 'Nothing: the part that came is recorded as cut.',
  },
  'not-stored': {
    meaning: 'The answer was read, but its body was not stored.',
    when: 'A worker was killed at that moment.',
    todo: 'Run `holdfast retry`.',
  },
  'page-windows': {
    meaning: 'A window that the page opened was closed before it loaded anything.',
    when: 'The page opened more windows than `facts.browser.limits` names.',
    todo: 'Submit its address by itself, if it is what you want.',
  },
  policy: {
    meaning: 'Holdfast’s own rules refused the address.',
    when: 'The page asked for something that is not on the public internet.',
    todo: 'Allow its range in `HOLDFAST_ALLOW_PRIVATE` if you mean to.',
  },
  'refetch-differs': {
    meaning: 'The file was fetched again and does not hold the bytes that the page was given.',
    when: 'A server that answers each visitor differently.',
    todo: 'Nothing: what came is recorded.',
  },
  'refetch-unseen': {
    meaning:
      'The file was fetched again, but the browser did not tell which bytes the page was given.',
    when: 'A large file that a service worker fetched.',
    todo: 'Run `holdfast retry`.',
  },
  unseen: {
    meaning: 'An answer reached the page without passing the recorder.',
    when: 'The browser answered from a cache that it does not tell about.',
    todo: 'Run `holdfast retry`.',
  },
  'window-closed': {
    meaning: 'A window that the page opened was closed before this had come.',
    when: 'A window that takes long to load, or one among many.',
    todo: 'Submit its address by itself, if it is what you want.',
  },
  'refetch-failed': {
    meaning:
      'The file could not be fetched again. After the hyphen may stand an error code instead: `refetch-dns`.',
    when: 'The page took only parts of it.',
    todo: 'Run `holdfast retry`.',
  },
});
