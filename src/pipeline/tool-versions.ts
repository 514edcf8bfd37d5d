/** Which tools, in which versions, a capture is made with: part of every manifest. */
import { execFile } from 'node:child_process';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { sha256OfFile } from '../base/file-digest.ts';
import { ownCommit, ownDigest, ownVersion, packageFolder } from '../base/own-package.ts';
import { timeLimit } from '../base/time-limit.ts';
import { chromiumPath } from '../browser/browser.ts';
import { knownPrograms } from '../browser/browser-programs.ts';
import type { Database } from '../catalog/database.ts';
import type { ToolConfig } from '../config/config.ts';
import { toolEnvironment } from '../config/config.ts';
import { findExtractor } from '../media/other-sites/extractor-program.ts';
import { decoderDigests } from '../media/pictures/decoder-files.ts';
import { openPictures, type PictureLibrary } from '../media/pictures/pictures.ts';
import { confinement } from '../media/tools/confinement.ts';

const run = promisify(execFile);

export async function toolVersions(
  tools: ToolConfig,
  database: Database,
): Promise<Record<string, unknown>> {
  const chromium = await chromiumPath(tools).catch(() => null);
  using limit = timeLimit(60_000);
  const library = await pictureLibrary(limit.signal);
  const extractor = tools.ytdlp === null ? null : await findExtractor(tools.ytdlp, limit.signal);
  return {
    holdfast: ownVersion(),
    node: process.version,
    chromium: chromium === null ? null : await firstLine(chromium, ['--version']),
    ffmpeg: await firstLine(tools.ffmpeg, ['-version']),
    ffprobe: await firstLine(tools.ffprobe, ['-version']),
    tesseract: await firstLine(tools.tesseract, ['--version']),
    sharp: library?.sharp ?? null,
    libvips: library?.libvips ?? null,
    pdftotext: await firstLine('pdftotext', ['-v']),
    pdftoppm: await firstLine('pdftoppm', ['-v']),
    'yt-dlp': extractor?.version ?? null,
    postgresql: await serverVersion(database),
    system: `${process.platform} ${process.arch}`,
    // What held the tools that read files from outside.
    confinement: await confinement(),
    commit: await ownCommit(),
    // Of these every file that is known: what is run first is often a few lines that call others.
    digests: {
      holdfast: await ownDigest(),
      ...(await toolDigests(tools)),
      ...(await decoderDigests()),
      chromium: chromium === null ? null : await knownPrograms(chromium),
      'yt-dlp': extractor?.digests ?? null,
    },
  };
}

/** As the confined decoder says of itself; `null` where it can't be started. */
async function pictureLibrary(signal: AbortSignal): Promise<PictureLibrary | null> {
  await using pictures = openPictures(signal);
  return await pictures.library().catch(() => null);
}

/** SHA-256 of the files that are run, and of the list of every dependency; `null` where there is none. */
async function toolDigests(tools: ToolConfig): Promise<Record<string, string | null>> {
  const files: Record<string, string | null> = {
    node: process.execPath,
    ffmpeg: tools.ffmpeg,
    ffprobe: tools.ffprobe,
    tesseract: tools.tesseract,
    pdftotext: 'pdftotext',
    pdftoppm: 'pdftoppm',
    'package-lock.json': join(packageFolder, 'package-lock.json'),
  };
  const digests: Record<string, string | null> = {};
  for (const [name, command] of Object.entries(files)) {
    digests[name] = command === null ? null : await digestOf(command);
  }
  return digests;
}

/** By path: none of them changes while it is used. */
const known = new Map<string, Promise<string | null>>();

function digestOf(command: string): Promise<string | null> {
  const before = known.get(command);
  if (before !== undefined) return before;
  const digest = hashCommand(command);
  known.set(command, digest);
  return digest;
}

async function hashCommand(command: string): Promise<string | null> {
  const places = isAbsolute(command)
    ? [command]
    : (toolEnvironment().PATH ?? '').split(delimiter).map((folder) => join(folder, command));
  for (const place of places) {
    try {
      return await sha256OfFile(place);
    } catch {
      // Not there: the next place.
    }
  }
  return null;
}

/** First line of what a tool says of itself; `null` when it is not there. */
export async function firstLine(command: string, args: string[]): Promise<string | null> {
  try {
    const { stdout, stderr } = await run(command, args, {
      timeout: 10_000,
      env: toolEnvironment(),
    });
    return (stdout || stderr).split('\n')[0]?.trim() || null;
  } catch {
    return null;
  }
}

async function serverVersion(database: Database): Promise<string> {
  const { rows } = await database.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  return rows[0]?.version ?? 'unknown';
}
