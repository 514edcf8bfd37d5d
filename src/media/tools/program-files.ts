/**
 * What a program is made of that lies outside the system's own folders: a confined tool sees these
 * files, or it could not be started.
 */
import { access, constants, open, realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { toolEnvironment } from '../../config/config.ts';

/** Shown to every tool, whatever it is. Programs and libraries; nothing of anybody's. */
export const systemFolders = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/nix/store',
  '/gnu/store',
];

/** By path, as the tool will find it. */
export type ShownFile = { from: string; at: string };

/** @returns by absolute path; `null` where there is no such program */
export async function findProgram(command: string): Promise<string | null> {
  const places =
    isAbsolute(command) || command.includes('/')
      ? [resolve(command)]
      : (toolEnvironment().PATH ?? '').split(delimiter).map((folder) => join(folder, command));
  for (const place of places) if (await isProgram(place)) return place;
  return null;
}

async function isProgram(place: string): Promise<boolean> {
  try {
    await access(place, constants.X_OK);
    return (await stat(place)).isFile();
  } catch {
    return false;
  }
}

/** The program, what its first line calls it with, and the Python that it was installed with. */
export async function programFiles(command: string, depth = 0): Promise<ShownFile[]> {
  const path = await findProgram(command);
  if (path === null || depth > 2) return [];
  const from = await realpath(path);
  const environment = dirname(dirname(path));
  const shown = [...outside(from, path), ...(await pythonOf(environment))];
  for (const caller of await callersIn(from))
    shown.push(...(await programFiles(caller, depth + 1)));
  return shown;
}

/** Arguments that name files: settings and models of the operator's, or the program behind another one (`env`). */
export async function filesNamed(options: string[]): Promise<ShownFile[]> {
  const shown: ShownFile[] = [];
  for (const option of options.filter(isAbsolute)) {
    shown.push(...(await programFiles(option)));
    const from = await realpath(option).catch(() => null);
    if (from !== null) shown.push(...outside(from, option));
  }
  return shown;
}

function outside(from: string, at: string): ShownFile[] {
  const isSystem = (path: string) =>
    systemFolders.some((folder) => path === folder || path.startsWith(`${folder}/`));
  return [...new Set([from, at])]
    .filter((place) => !isSystem(place))
    .map((place) => ({ from, at: place }));
}

/** A folder of Python's own, with its packages, and the Python that it was made from. */
async function pythonOf(environment: string): Promise<ShownFile[]> {
  const isOne = await access(join(environment, 'pyvenv.cfg')).then(
    () => true,
    () => false,
  );
  if (!isOne) return [];
  const python = await realpath(join(environment, 'bin', 'python3')).catch(() => null);
  const home = python === null ? [] : outside(dirname(dirname(python)), dirname(dirname(python)));
  return [...outside(environment, environment), ...home];
}

const firstLineBytes = 256;

/** `#!/usr/bin/env python3`: both. */
async function callersIn(path: string): Promise<string[]> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(firstLineBytes), 0, firstLineBytes, 0);
  const [line = ''] = buffer.toString('latin1', 0, bytesRead).split('\n');
  if (!line.startsWith('#!')) return [];
  const [caller = '', called = ''] = line.slice(2).trim().split(/\s+/);
  return caller.endsWith('/env') && called !== '' ? [called] : [caller];
}
