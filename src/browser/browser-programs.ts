/**
 * Which program a browser is, by digest: the file that was named and, where that only starts
 * another (Debian's is a script), the file whose code ran.
 */
import { readlink, stat } from 'node:fs/promises';
import { sha256OfFile } from '../base/file-digest.ts';

/** SHA-256 by path. */
export type ProgramDigests = Record<string, string>;

/** What ran under which name in this process. */
const ran = new Map<string, ProgramDigests>();
/** By path and state of the file: a browser has hundreds of MB, and rarely changes. */
const known = new Map<string, Promise<string | null>>();

/**
 * Of a running browser, read from the very file that it runs, even if another lies at its path
 * by now. What can't be read is left out: only Linux tells, and only of processes of one's own.
 */
export async function programsOf(named: string, pid: number | null): Promise<ProgramDigests> {
  const programs: ProgramDigests = {};
  await add(programs, named, named);
  const running = `/proc/${pid}/exe`;
  const path = await readlink(running).catch(() => null);
  if (path !== null) await add(programs, path, running);
  ran.set(named, programs);
  return programs;
}

/** As far as this process knows: of a browser that it hasn't run, the file that is named. */
export async function knownPrograms(named: string): Promise<ProgramDigests> {
  return ran.get(named) ?? programsOf(named, null);
}

async function add(programs: ProgramDigests, name: string, place: string): Promise<void> {
  const digest = await digestOf(place).catch(() => null);
  if (digest !== null) programs[name] = digest;
}

async function digestOf(path: string): Promise<string | null> {
  const { dev, ino, size, mtimeMs } = await stat(path);
  const key = [dev, ino, size, mtimeMs].join(' ');
  const digest = known.get(key) ?? sha256OfFile(path).catch(() => null);
  known.set(key, digest);
  return digest;
}
