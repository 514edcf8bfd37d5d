/**
 * The extractor: yt-dlp, a program of its own that knows how some two thousand sites keep
 * their videos. It is never bundled; the operator installs it, and replaces it often, because
 * sites change. Which one was asked, by version and digests, is part of what is kept.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { sha256OfFile } from '../../base/file-digest.ts';
import { runConfined } from '../tools/confine.ts';
import { findProgram } from '../tools/program-files.ts';

export interface Extractor {
  /** The program, by absolute path, and what the operator wants before all other arguments. */
  command: string[];
  /** As it prints it: `2026.10.26`. */
  version: string;
  /** SHA-256 of the files that it is, by name; for a Python package, of the list of its files' digests. */
  digests: Record<string, string>;
  /** Whether it knows an option. */
  knows(option: string): boolean;
}

const answerLimitMs = 30_000;

/** @returns null where there is no such program, or it is none that says its version */
export async function findExtractor(
  command: string[],
  signal: AbortSignal,
): Promise<Extractor | null> {
  const [named = '', ...options] = command;
  const path = await findProgram(named);
  if (path === null) return null;
  const digests = await digestsOf([path, ...options]);
  // Asked again once it was replaced: workers run for longer than a version lasts.
  const key = JSON.stringify([path, options, digests]);
  const before = asked.get(key);
  if (before !== undefined) return before;
  const found = await askItself([path, ...options], digests, signal);
  if (found !== null) asked.set(key, found);
  return found;
}

const asked = new Map<string, Extractor>();

async function askItself(
  command: string[],
  digests: Record<string, string>,
  signal: AbortSignal,
): Promise<Extractor | null> {
  const [version] = await linesOf(command, '--version', signal);
  if (version === undefined || !/^\d{4}\.\d{2}\.\d{2}/.test(version)) return null;
  const help = new Set((await linesOf(command, '--help', signal)).flatMap(optionsIn));
  return { command, version: version.trim(), digests, knows: (option) => help.has(option) };
}

function optionsIn(line: string): string[] {
  return line.match(/--[a-z][a-z-]+/g) ?? [];
}

async function linesOf(command: string[], option: string, signal: AbortSignal): Promise<string[]> {
  const [executable = '', ...before] = command;
  const lines: string[] = [];
  const { broke } = await runConfined(
    {
      executable,
      options: [...before, '--ignore-config', option],
      operators: before,
      timeLimitMs: answerLimitMs,
      environment: withoutHabits,
      onLine: (line) => lines.push(line),
    },
    signal,
  );
  return broke === null ? lines : [];
}

/** Nothing of the user's: no modules from his home, no plugins, and nothing written beside the program. */
export const withoutHabits: Record<string, string> = {
  PYTHONNOUSERSITE: '1',
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONIOENCODING: 'utf-8',
  YTDLP_NO_PLUGINS: '1',
};

async function digestsOf(command: string[]): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const argument of command) {
    for (const path of [argument, ...(await packageLists(argument))]) {
      const digest = await digestOf(path);
      if (digest !== null) digests[nameOf(path)] = digest;
    }
  }
  return digests;
}

/** Without the folders above, which may say whose machine this is. */
function nameOf(path: string): string {
  return basename(path) === listOfFiles
    ? join(basename(dirname(path)), listOfFiles)
    : basename(path);
}

const listOfFiles = 'RECORD';

/** What pip installs as a program is a few lines that call a package: its list of files tells more. */
async function packageLists(program: string): Promise<string[]> {
  if (!isAbsolute(program)) return [];
  const libraries = join(dirname(dirname(program)), 'lib');
  const lists: string[] = [];
  for (const python of await namesIn(libraries, /^python3\.\d+$/)) {
    const packages = join(libraries, python, 'site-packages');
    for (const name of await namesIn(packages, /^yt_dlp(_ejs)?-[^/]+\.dist-info$/))
      lists.push(join(packages, name, listOfFiles));
  }
  return lists;
}

async function namesIn(folder: string, which: RegExp): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => which.test(name)).toSorted();
}

async function digestOf(path: string): Promise<string | null> {
  try {
    return await sha256OfFile(path);
  } catch {
    return null; // an argument that is no file
  }
}
