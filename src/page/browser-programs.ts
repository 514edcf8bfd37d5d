/**
 * Which program a browser is, by digest: the file that was named and, where that only starts
 * another (Debian's is a script), the file whose code ran.
 */
import { createHash } from 'node:crypto';
import { open, readlink, stat } from 'node:fs/promises';

/** SHA-256 by path. */
export type ProgramDigests = Record<string, string>;

const blockBytes = 1024 * 1024;
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
  const digest = known.get(key) ?? hashFile(path).catch(() => null);
  known.set(key, digest);
  return digest;
}

/** Through one buffer: a stream would leave one behind for each of thousands of chunks. */
async function hashFile(path: string): Promise<string> {
  await using file = await open(path);
  const hash = createHash('sha256');
  const block = Buffer.alloc(blockBytes);
  for (;;) {
    const { bytesRead } = await file.read(block, 0, blockBytes);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(block.subarray(0, bytesRead));
  }
}
