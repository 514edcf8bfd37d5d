/** Notes: what a reader of a capture should know although no step failed. */
import { codeTable } from './entry.ts';

/** In the detail of the page step, each with a sentence. */
export const pageNotes = codeTable({
  'acting-ended': {
    meaning: 'The visit ended early, while actions were performed or the page was looked at again.',
    when: 'The page crashed, closed or stopped answering after the first pictures, which are whole.',
    todo: 'Read under `actions` how far it came; leave out the action that led to it.',
  },
  'action-failed': {
    meaning: 'An action asked for with `--steps` did not come about.',
    when: 'What it names was not there, or could not be clicked on. The note says which and why.',
    todo: 'Look at the pictures before it, correct the file, then capture again.',
  },
  'console-cut': {
    meaning: 'Only the first console lines were kept.',
    when: 'The page wrote thousands.',
    todo: 'Nothing.',
  },
  dialog: {
    meaning: 'A dialog box was dismissed.',
    when: 'The page opened an alert, prompt or confirmation.',
    todo: 'Nothing: its text is in the note.',
  },
  download: {
    meaning: 'A download was cancelled.',
    when: 'The page offered a file. It is fetched as media where it is one.',
    todo: 'Nothing.',
  },
  'exchanges-capped': {
    meaning: 'The page made more requests than are listed.',
    when: 'More than the recorder lists for one page.',
    todo: 'Nothing: they are counted.',
  },
  'frame-missing': {
    meaning: 'A frame in the page shows the browser’s own error.',
    when: 'Its server did not answer, or does not let other pages show it.',
    todo: 'Capture its address, which is in the note, by itself.',
  },
  'height-capped': {
    meaning: 'The full-page picture ends before the page does.',
    when: 'The page is higher than `HOLDFAST_PAGE_MAX_HEIGHT_PX`.',
    todo: 'Raise the limit, then `holdfast retry`.',
  },
  'led-elsewhere': {
    meaning: 'The actions led away from the address that was asked for.',
    when: 'A click followed a link. The second set of pictures shows where it led.',
    todo: 'Capture that address by itself, if it is what you want.',
  },
  'media-capped': {
    meaning: 'More pictures or videos were seen than are kept.',
    when: 'A page with hundreds of them.',
    todo: 'Nothing: they are in the WARC where the page loaded them.',
  },
  'no-page': {
    meaning: 'The server answered, but sent no page.',
    when: 'An empty 404 or 500, a 204 or 304. There is nothing to take a picture of.',
    todo: 'Nothing: status and headers are in the WARC and in `exchanges.json`.',
  },
  'not-drawn': {
    meaning: 'Something that scrolls inside the page is in the picture only as far as it shows.',
    when: 'A box or frame of a fixed height that holds more than it shows.',
    todo: 'Read the text and `dom.rendered`, which hold all of it.',
  },
  'not-kept': {
    meaning: 'One of the files of the visit could not be made.',
    when: 'A picture, the DOM or the text failed or took too long; the note says which.',
    todo: 'Run `holdfast retry`.',
  },
  'not-loaded': {
    meaning: 'The page had not finished loading at the cut.',
    when: 'A slow page.',
    todo: 'Raise `HOLDFAST_PAGE_TIMEOUT_MS`, then `holdfast retry`.',
  },
  'not-settled': {
    meaning: 'The page was still asking for more at the cut.',
    when: 'A page that never comes to rest.',
    todo: 'Nothing: it is kept as it stood.',
  },
  'page-windows': {
    meaning:
      'The page opened more windows than a page may have; the others were closed before they loaded anything.',
    when: 'Pop-ups without end. The limit is in `facts.browser.limits`.',
    todo: 'Nothing: their addresses are in `exchanges.json`.',
  },
  'picture-moved': {
    meaning: 'The first screen changed between two pictures.',
    when: 'A video, a carousel, or a page that reacts to the size of its window.',
    todo: 'Compare `screenshot.full` with `screenshot.viewport`.',
  },
  'pop-up': {
    meaning: 'The page opened a window, which was closed when it had loaded.',
    when: 'Pop-ups, and links that open a window of their own.',
    todo: 'Nothing: what it loaded is in the WARC and in `exchanges.json`. The note says where it was closed before.',
  },
  'script-stopped': {
    meaning: 'A script that did not end was stopped.',
    when: 'The page did not answer for ten seconds.',
    todo: 'Nothing: the page is kept as it stood.',
  },
  'soft-404': {
    meaning: 'The page says that there is nothing here, but its status is 200.',
    when: 'Its title is a “not found”.',
    todo: 'Look at the screenshot.',
  },
  'steps-unreadable': {
    meaning: 'The steps for this host could not be read, so the page was looked at without them.',
    when: 'A file in the folder `steps` of the data folder is not a list of actions.',
    todo: 'Correct the entry that the note names, then capture again.',
  },
  'text-moved': {
    meaning: 'Text that was seen while scrolling was gone when the pictures were taken.',
    when: 'Lists that keep only what is in view, and pages that change themselves.',
    todo: 'Read the end of the text, where it is kept.',
  },
  'width-capped': {
    meaning: 'The full-page picture ends before the page does, to the right.',
    when: 'The page is wider than 4,096 px.',
    todo: 'Look at `dom.rendered` for what is to the right of it.',
  },
});

/** In the detail of the media step and of keyframes, as `code: words`. */
export const mediaNotes = codeTable({
  capped: {
    meaning: 'There are more frames than are kept.',
    when: 'A video with more cuts than the rule allows.',
    todo: 'Raise `HOLDFAST_KEYFRAMES_PER_MINUTE`.',
  },
  damage: {
    meaning: 'The file is damaged, and kept as it was served.',
    when: 'It does not read to its end.',
    todo: 'Nothing.',
  },
  'decode-errors': {
    meaning: 'The decoder complained.',
    when: 'A damaged video; the last complaints follow.',
    todo: 'Nothing: what decodes is kept.',
  },
  'end-unknown': {
    meaning: 'Nothing says whether the stream had ended.',
    when: 'The extractor fetched a stream in pieces.',
    todo: 'Compare its length with the page.',
  },
  'fetched-by-extractor': {
    meaning: 'The file was fetched by yt-dlp and is not recorded as exchanges.',
    when: 'Videos of other sites.',
    todo: 'Nothing.',
  },
  'first-only': {
    meaning: 'Only the first videos of the page were asked for.',
    when: 'A page with many.',
    todo: 'Submit the others’ own links.',
  },
  'format-changes': {
    meaning: 'The picture changes its format within the video.',
    when: 'All keyframes have the size of the first.',
    todo: 'Nothing.',
  },
  joined: {
    meaning: 'The video was joined from the pieces in which the origin has it.',
    when: 'An HLS stream. The pieces are kept too.',
    todo: 'Nothing.',
  },
  'last-frame-not-decoded': {
    meaning: 'The end of the video does not decode.',
    when: 'A cut file.',
    todo: 'Nothing.',
  },
  'length-differs': {
    meaning: 'The file does not last as long as was claimed.',
    when: 'A cut file, or a wrong record.',
    todo: 'Compare it with the page.',
  },
  'length-unknown': {
    meaning: 'The server named no length, so a cut might go unseen.',
    when: 'An answer without `Content-Length`.',
    todo: 'Nothing.',
  },
  'playlist-not-kept': {
    meaning: 'A playlist beside the video could not be kept.',
    when: 'It could not be fetched; the note says why.',
    todo: 'Nothing: the video is kept.',
  },
});
