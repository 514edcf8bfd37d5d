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

/** The oldest Node that the package runs on: the folder of its program; null where it is not installed. */
export const oldestNode = existsSync(`${cache}node-22.18/bin/node`)
  ? `${cache}node-22.18/bin`
  : null;
