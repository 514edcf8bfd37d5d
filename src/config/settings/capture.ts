/** Settings about captures: who makes them, with which tools, and how far they go. */
import { z } from 'zod';
import { command, count, list, MiB, ms, optionalText, yes } from './kinds.ts';

export const originSettings = {
  HOLDFAST_OPERATOR: optionalText.describe(
    'Who collects: a name or a role. Written into every manifest.',
  ),
  HOLDFAST_ORGANISATION: optionalText.describe('On whose behalf. Written into every manifest.'),
  HOLDFAST_LEGAL_BASIS: optionalText.describe('On what legal basis. Written into every manifest.'),
};

export const toolSettings = {
  HOLDFAST_CHROMIUM: optionalText.describe(
    'The Chromium executable. Unset: the system’s, else Playwright’s own.',
  ),
  HOLDFAST_CHROMIUM_SANDBOX: yes(true).describe(
    '`no` switches the browser’s sandbox off. Only for machines that can’t have one; written into every manifest.',
  ),
  HOLDFAST_FFMPEG: z.string().default('ffmpeg').describe('The ffmpeg executable.'),
  HOLDFAST_FFPROBE: z.string().default('ffprobe').describe('The ffprobe executable.'),
  HOLDFAST_TESSERACT: z
    .string()
    .default('tesseract')
    .describe('The tesseract executable, which reads text in pictures.'),
  HOLDFAST_YTDLP: command.describe(
    'yt-dlp, for videos of other sites: a path, or a JSON array of program and first arguments. Unset: `yt-dlp` where it is installed. `none` switches it off.',
  ),
  HOLDFAST_TRANSCRIBER: command.describe(
    'A program that transcribes speech, as a JSON array of program and arguments. Unset: off.',
  ),
  HOLDFAST_REPLAYER: optionalText.describe(
    'The folder with the two files of replayweb.page, by which pages replay captures. Unset: `replaywebpage` in the data folder, where `holdfast setup --replay` puts it.',
  ),
  HOLDFAST_X_BEARER: optionalText.describe(
    'The token that X’s public web client uses today, for the second, corroborating route.',
  ),
  HOLDFAST_X_QUERY_IDS: list.describe(
    'The query ids that X’s public web client uses today, comma-separated.',
  ),
};

export const limitSettings = {
  HOLDFAST_PAGE_TIMEOUT_MS: ms(60_000).describe(
    'Time limit for a page in milliseconds, loading and scrolling included.',
  ),
  HOLDFAST_PAGE_QUIET_MS: ms(2_000).describe(
    'Idle time, in milliseconds, after which a page counts as settled.',
  ),
  HOLDFAST_PAGE_MAX_HEIGHT_PX: count(20_000).describe(
    'The full-page screenshot ends at this height, and says so.',
  ),
  HOLDFAST_PAGE_MAX_BYTES: count(2048 * MiB).describe(
    'The most bytes of response bodies that the page step of a capture keeps.',
  ),
  HOLDFAST_MEDIA_MAX_BYTES: count(2048 * MiB).describe(
    'The largest media file that is kept, in bytes.',
  ),
  HOLDFAST_MEDIA_TIMEOUT_MS: ms(30 * 60_000).describe(
    'Time limit for downloading a media file, in milliseconds.',
  ),
};

export const analysisSettings = {
  HOLDFAST_KEYFRAMES_PER_MINUTE: count(120).describe(
    'The most keyframes kept for each minute of a video; frames that show nothing of their own do not count.',
  ),
  HOLDFAST_HASH_FRAMES: z
    .enum(['auto', 'frame', 'second'])
    .default('auto')
    .describe(
      'Which frames of a video are fingerprinted: every `frame`, one per `second`, or `auto`, depending on its length.',
    ),
  HOLDFAST_HASH_EVERY_FRAME_UP_TO_S: count(180).describe(
    'With `auto`: every frame of videos up to this many seconds, one per second of longer ones.',
  ),
  HOLDFAST_OCR_LANGUAGES: z
    .string()
    .regex(
      /^[A-Za-z0-9_]+(\s*,\s*[A-Za-z0-9_]+)*$/,
      'must be tesseract languages, such as eng,ara, or none',
    )
    .default('eng,ara')
    .transform((text) => (text === 'none' ? [] : text.split(',').map((item) => item.trim())))
    .describe('Languages to read in pictures, by tesseract’s names. `none` switches it off.'),
  HOLDFAST_OCR_PICTURES: count(24).describe(
    'How many pictures and keyframes of a capture are read for text.',
  ),
};
