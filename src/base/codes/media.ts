/** Codes about media: what came is not what was wanted, or can't be had whole. */
import { codeTable } from './entry.ts';

export const transientMediaCodes = codeTable({
  'browser-crashed': {
    meaning: 'The browser ended during a visit.',
    when: 'A page used too much memory, or made Chromium crash.',
    todo: 'Nothing: it is tried again. If it lasts, see `holdfast doctor`.',
  },
  'changed-underway': {
    meaning: 'The file changed while it was being downloaded.',
    when: 'A broken download could not be resumed: the server now serves another file.',
    todo: 'Nothing: it is re-downloaded in full.',
  },
});

/** Trying again may help, until two attempts in a row brought nothing new. */
export const cutFile = codeTable({
  truncated: {
    meaning: 'The file ended early.',
    when: 'Fewer bytes came than were announced, or a file of unknown length can’t be read whole.',
    todo: 'Nothing: it is tried again, until two attempts in a row get no farther.',
  },
});

export const permanentMediaCodes = codeTable({
  'decoder-ended': {
    meaning: 'The decoder of pictures met a limit or was killed over this one.',
    when: 'It used more memory than a hostile file may, or something on this machine ended it.',
    todo: 'Nothing: the original is kept. `holdfast derive` tries again.',
  },
  'empty-file': {
    meaning: 'The file is empty.',
    when: 'The server answered with no bytes.',
    todo: 'Nothing: the answer is recorded.',
  },
  'file-time-limit': {
    meaning: 'The time that one file may take was used up.',
    when: 'A picture of a few kilobytes can be hours of work, a document or a video too. The message says how long it was given.',
    todo: 'Nothing: the original is kept. `holdfast derive` tries again.',
  },
  'job-time-limit': {
    meaning: 'The time that all files of one job may take was used up.',
    when: 'Other files of the capture took it. The message says how long they were given.',
    todo: '`holdfast derive` tries again, with time of its own.',
  },
  'encrypted-stream': {
    meaning: 'The video stream is encrypted. Holdfast does not decrypt.',
    when: 'An HLS playlist names a key.',
    todo: 'Nothing: the playlist is kept.',
  },
  'endless-stream': {
    meaning: 'The address sends without an end.',
    when: 'Bytes of a file without an announced length were still coming at the time limit: a radio station, a camera.',
    todo: 'Raise `HOLDFAST_MEDIA_TIMEOUT_MS` if it is only a very long file.',
  },
  'extractor-no-file': {
    meaning: 'The extractor said that it kept a video, but there is no file.',
    when: 'yt-dlp was misled by the site, or is out of date.',
    todo: 'Update yt-dlp, then `holdfast retry`.',
  },
  'extractor-unreadable': {
    meaning: 'What the extractor fetched can’t be read whole.',
    when: 'The site served a damaged or cut file.',
    todo: 'Run `holdfast retry` later.',
  },
  'hls-playlist': {
    meaning: 'The address leads to a list of pieces, which are fetched instead.',
    when: 'A video is offered as an HLS stream. Only seen in logs.',
    todo: 'Nothing.',
  },
  'legal-withheld': {
    meaning: 'The file is withheld for legal reasons.',
    when: 'The server answered 451, or 403 with a copyright notice.',
    todo: 'Nothing: the answer is recorded.',
  },
  'live-stream': {
    meaning: 'The video is still being broadcast.',
    when: 'An HLS playlist has no end yet. The medium is skipped.',
    todo: 'Capture it again when the broadcast is over.',
  },
  'no-video-stream': {
    meaning: 'The file has no picture.',
    when: 'Keyframes were to be made of a sound, or of a file that only looks like a video.',
    todo: 'Nothing: the original is kept.',
  },
  'not-a-file': {
    meaning: 'This is not a regular file.',
    when: 'A tool left a link or folder where its output should be.',
    todo: 'See the log of the worker.',
  },
  'not-a-picture': {
    meaning: 'This is not a picture.',
    when: 'A picture’s fingerprint was asked of another kind of file.',
    todo: 'Use `holdfast similar` for videos and sounds.',
  },
  'not-decodable': {
    meaning: 'The picture or video does not decode.',
    when: 'It is damaged, cut off, or in a format that the decoder does not know. The original is kept.',
    todo: 'Look at the original; update ffmpeg if the format is new.',
  },
  'not-media': {
    meaning: 'What came is not a picture, video or sound.',
    when: 'A web page or other file was served at the address of a medium.',
    todo: 'Nothing: the answer is recorded.',
  },
  'playlist-unreadable': {
    meaning: 'The HLS playlist can’t be read.',
    when: 'It is malformed, lists nothing, or lists too many files.',
    todo: 'Look at the kept playlist (role `media.playlist`).',
  },
  'probe-unreadable': {
    meaning: 'The answer of ffprobe can’t be read.',
    when: 'Another version than is known, or a hostile file.',
    todo: 'Check `HOLDFAST_FFPROBE` with `holdfast doctor`.',
  },
  'pts-out-of-range': {
    meaning: 'A frame’s time can’t be expressed in milliseconds.',
    when: 'The video’s time stamps are absurd.',
    todo: 'Nothing: the original is kept.',
  },
  'segment-missing': {
    meaning: 'A piece of the stream is gone, so the video can’t be had whole.',
    when: 'The server answered 404 or 410 for a piece.',
    todo: 'Run `holdfast retry`; a lower variant is tried as well.',
  },
  'too-many-bytes': {
    meaning: 'The picture file is larger than is decoded here.',
    when: 'It has more than 512 MiB. The original is kept.',
    todo: 'Nothing.',
  },
  'too-many-pixels': {
    meaning: 'The picture is larger than is decoded here.',
    when: 'Width times height is over the limit that protects the machine. The original is kept.',
    todo: 'Nothing.',
  },
  'transcriber-failed': {
    meaning: 'The transcriber printed no transcript.',
    when: 'It broke off, or its answer can’t be read.',
    todo: 'Run the command of `HOLDFAST_TRANSCRIBER` by hand.',
  },
  'wrong-kind': {
    meaning: 'A still picture came where a video was due.',
    when: 'The address of a video serves its poster.',
    todo: 'Nothing: lower variants are tried.',
  },
});
