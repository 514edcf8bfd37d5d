/** What others made to judge web archives: put there by `scripts/setup.sh --for-tests` where the registries answer. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../node_modules/.cache/holdfast-tests/', import.meta.url));

/** Null, and the reason to name in the skipped test, where they are not installed. */
export const pythonJudges = existsSync(`${cache}python/bin/wacz`) ? `${cache}python/bin` : null;
export const replayer = existsSync(`${cache}replaywebpage/sw.js`) ? `${cache}replaywebpage` : null;

/** yt-dlp; null where it is not installed. */
export const testExtractor = existsSync(`${cache}python/bin/yt-dlp`)
  ? `${cache}python/bin/yt-dlp`
  : null;
