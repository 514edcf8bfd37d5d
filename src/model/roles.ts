/** What a file is to its capture: every role that there is, and what the file is good for. */

export interface RoleEntry {
  meaning: string;
  /** Which step makes it, and when. */
  when: string;
  /** What to do with it. */
  use: string;
  /** `outside`: as somebody else served it. `visit`: what we saw and noted. `derived`: made by us from another file. */
  origin: 'outside' | 'visit' | 'derived';
}

function roleTable<Name extends string>(
  table: Record<Name, RoleEntry>,
): Readonly<Record<Name, RoleEntry>> {
  return table;
}

export const roles = roleTable({
  console: {
    meaning: 'What the page wrote to the browser’s console: JSON lines.',
    when: 'Page step, for each view.',
    use: 'Explains a page that did not work.',
    origin: 'visit',
  },
  'contact-sheet': {
    meaning: 'Keyframes of a video on one picture, with their times.',
    when: 'Derived (`keyframes`), for each video.',
    use: 'Look at it first; the frames themselves have the role `keyframe`.',
    origin: 'derived',
  },
  'dom.rendered': {
    meaning: 'The document as the browser had built it at the cut, as HTML.',
    when: 'Page step.',
    use: 'Search it for what scripts had put into the page. Don’t open it in a browser: its scripts would run again.',
    origin: 'visit',
  },
  'document.page': {
    meaning: 'One page of a document as a picture.',
    when: 'Derived (`pages`), for each of the first pages of a PDF.',
    use: 'Look at it; the document itself has the role `file.original`.',
    origin: 'derived',
  },
  'document.text': {
    meaning: 'The text of a document, its title first.',
    when: 'Derived (`pages`), for PDFs, tables and other texts.',
    use: 'Search and quote it. A PDF of scanned pages has none.',
    origin: 'derived',
  },
  exchanges: {
    meaning: 'Every request with its times, addresses and outcome: JSON.',
    when: 'Page step for each view; record, media and wayback steps for Holdfast’s own requests.',
    use: 'Shows what was asked of whom, and what is not in the WARC.',
    origin: 'visit',
  },
  'file.original': {
    meaning: 'A document, archive or other file, byte for byte as it was served, under its name.',
    when: 'Media step, for a link that is a file, and for documents embedded in a page.',
    use: 'The original. Open copies with care: it is as its server wanted it.',
    origin: 'outside',
  },
  'hash-track': {
    meaning: 'The perceptual hash of each frame of a video, with its time.',
    when: 'Derived (`keyframes`), for each video.',
    use: '`holdfast similar` compares it; the format is in its facts.',
    origin: 'derived',
  },
  'html.received': {
    meaning: 'The main document as the server sent it, decoded.',
    when: 'Page step.',
    use: 'Compare it with `dom.rendered` to see what scripts changed.',
    origin: 'outside',
  },
  keyframe: {
    meaning: 'One frame of a video as a picture, at its native size.',
    when: 'Derived (`keyframes`): the first frame, one after each cut, and some between.',
    use: 'Look at it, search for it elsewhere. `media.ptsMs` is its time in the video.',
    origin: 'derived',
  },
  'media.extractor': {
    meaning: 'How yt-dlp was asked and what it said: JSON.',
    when: 'Media step, where the video of another site was asked for.',
    use: 'Shows program, version, arguments and complaints.',
    origin: 'visit',
  },
  'media.found': {
    meaning: 'The pictures and videos that the page showed, with their addresses: JSON.',
    when: 'Page step, for a page.',
    use: 'Tells which media the media step was to fetch.',
    origin: 'visit',
  },
  'media.info': {
    meaning: 'What yt-dlp says about a video: title, uploader, formats.',
    when: 'Media step, for a video of another site.',
    use: 'The site’s claims about the video, as JSON.',
    origin: 'outside',
  },
  'media.joined': {
    meaning: 'One playable file, joined by Holdfast from the pieces of a stream.',
    when: 'Media step, for a video that exists only in pieces.',
    use: 'Watch it. The evidence are the pieces, `media.segment`.',
    origin: 'derived',
  },
  'media.original': {
    meaning: 'A picture, video or sound, byte for byte as it was served.',
    when: 'Media step.',
    use: 'The original. Work with copies; embedded metadata is in `metadata`.',
    origin: 'outside',
  },
  'media.playlist': {
    meaning: 'The playlist of a stream, as it was served.',
    when: 'Media step, for HLS videos.',
    use: 'Shows which pieces and variants the origin offered.',
    origin: 'outside',
  },
  'media.segment': {
    meaning: 'One piece of a stream, byte for byte.',
    when: 'Media step, for a video that exists only in pieces.',
    use: 'The originals behind `media.joined`.',
    origin: 'outside',
  },
  metadata: {
    meaning: 'What a media file says about itself (EXIF, container tags): JSON.',
    when: 'Derived (`metadata`).',
    use: 'Claims of the file, not facts: platforms strip them and anybody can write them.',
    origin: 'derived',
  },
  ocr: {
    meaning: 'Text read from a picture or keyframe, with boxes and confidence: JSON.',
    when: 'Derived (`ocr`).',
    use: 'Makes pictures searchable. Check the picture before you quote it.',
    origin: 'derived',
  },
  plan: {
    meaning: 'What the capture was to do: steps, pages, media.',
    when: 'Record step.',
    use: 'Shows which steps were required.',
    origin: 'visit',
  },
  preview: {
    meaning: 'A few frames of a long video on one picture, made before it is decoded whole.',
    when: 'Derived (`preview`), for a video of five minutes or more.',
    use: 'Look at it while the contact sheet is not there yet.',
    origin: 'derived',
  },
  'record.raw': {
    meaning: 'A platform’s record of the source, byte for byte, by one route.',
    when: 'Record step, for each route that answered with a body.',
    use: 'The source of every field of the post; address, status and headers are in its facts.',
    origin: 'outside',
  },
  render: {
    meaning: 'Holdfast’s own picture of a post, drawn from its record and media, and labelled so.',
    when: 'Derived (`render`), for posts.',
    use: 'For reading. The evidence are the screenshots and the record.',
    origin: 'derived',
  },
  'render.html': {
    meaning: 'The HTML that `render` was drawn from.',
    when: 'Derived (`render`), for posts.',
    use: 'Copy text from it.',
    origin: 'derived',
  },
  'screenshot.clean': {
    meaning: 'The page with known covers (cookie bars, sign-up bars) hidden; says which.',
    when: 'Page step, where such covers are known.',
    use: 'For reading. The unaltered views are the other screenshots.',
    origin: 'visit',
  },
  'screenshot.focal': {
    meaning: 'The post itself, cut out of the page.',
    when: 'Page step, where the page has an element that is the post.',
    use: 'The picture to show; nothing was injected.',
    origin: 'visit',
  },
  'screenshot.full': {
    meaning: 'The whole page from top to bottom.',
    when: 'Page step; a note says where its height was capped.',
    use: 'Shows what a visitor scrolling down would have seen.',
    origin: 'visit',
  },
  'screenshot.scrolled': {
    meaning: 'The page screen by screen, as a visitor who scrolls down sees it, in one picture.',
    when: 'Page step, where it differs from `screenshot.full`, and where a page does not scroll and goes on slide by slide.',
    use: 'Look at both: the page lays itself out differently in a taller window, or has more than one slide.',
    origin: 'visit',
  },
  'screenshot.viewport': {
    meaning: 'The page as the window showed it at first.',
    when: 'Page step.',
    use: 'Shows the page with its bars and covers.',
    origin: 'visit',
  },
  'sound-print': {
    meaning: 'The fingerprint of the sound of a video or recording.',
    when: 'Derived (`keyframes`), for media with sound.',
    use: '`holdfast similar` finds the same sound under other pictures.',
    origin: 'derived',
  },
  text: {
    meaning: 'The visible text of the page.',
    when: 'Page step.',
    use: 'Search and quote it.',
    origin: 'visit',
  },
  'third-party': {
    meaning: 'A copy that somebody else kept, such as the Wayback Machine, as it was served.',
    when: 'Wayback step, for a source that is gone.',
    use: 'Evidence of what the other archive says, not of the source itself.',
    origin: 'outside',
  },
  transcript: {
    meaning: 'What was said in a recording, with times, by the configured transcriber: JSON.',
    when: 'Derived (`transcript`), where `HOLDFAST_TRANSCRIBER` is set.',
    use: 'Makes recordings searchable. Listen before you quote it.',
    origin: 'derived',
  },
  warc: {
    meaning: 'The recorded exchanges without large bodies: a WARC file.',
    when: 'Page, media and wayback steps.',
    use: '`holdfast export --format wacz` makes a web archive of it that replays.',
    origin: 'visit',
  },
  'warc.body': {
    meaning: 'A body too large for the WARC, kept once under its digest.',
    when: 'Page and media steps, for bodies of 1 MiB and more.',
    use: 'Export puts it where it belongs.',
    origin: 'outside',
  },
  'warc.index': {
    meaning: 'The index (CDXJ) of a WARC file.',
    when: 'With each `warc`.',
    use: 'Finds records by address.',
    origin: 'derived',
  },
  'warc.large': {
    meaning: 'Headers and digests from which export makes the WARC of large bodies.',
    when: 'With each `warc` that leaves bodies out.',
    use: 'Nothing by hand: `holdfast export` reads it.',
    origin: 'derived',
  },
  'warc.restricted': {
    meaning: 'Records that hold the secrets of a log-in (cookies, tokens).',
    when: 'Page step, for a capture with a browser profile.',
    use: 'Encrypted as the profile is. `holdfast profile records` decrypts it; handed over, still encrypted, only with `--restricted`.',
    origin: 'visit',
  },
  websocket: {
    meaning: 'The messages of a WebSocket connection of the page: JSON lines.',
    when: 'Page step, where the page opened one.',
    use: 'Shows what came without a request.',
    origin: 'visit',
  },
});

export type Role = keyof typeof roles;
