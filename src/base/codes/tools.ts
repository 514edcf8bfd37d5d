/** Codes of MediaToolError: ffmpeg or ffprobe ended badly. */
import { codeTable } from './entry.ts';

export const toolCodes = codeTable({
  'ffmpeg-failed': {
    meaning: 'ffmpeg can’t read this file.',
    when: 'A damaged file, or a format that this build does not know. The original is kept.',
    todo: 'Read its last words in the message.',
  },
  'ffmpeg-killed': {
    meaning: 'ffmpeg met a limit or was killed.',
    when: 'It used more time or memory than a hostile file may.',
    todo: 'Nothing: the original is kept.',
  },
  'ffprobe-failed': {
    meaning: 'ffprobe can’t read this file.',
    when: 'As with `ffmpeg-failed`.',
    todo: 'Read its last words in the message.',
  },
  'ffprobe-killed': {
    meaning: 'ffprobe met a limit or was killed.',
    when: 'As with `ffmpeg-killed`.',
    todo: 'Nothing: the original is kept.',
  },
});
