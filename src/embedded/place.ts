/** Where the embedded database lives: its data, its log, and the folder of its socket. */
import { createHash } from 'node:crypto';
import { lstat, mkdir, readFile, realpath } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { PermanentError } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';

export interface Place {
  /** `<home>/postgres`; everything below is in it. */
  folder: string;
  data: string;
  logFile: string;
  socketFolder: string;
  /** Set when the socket had to go elsewhere, in words for the log. */
  note: string | null;
}

/** `sockaddr_un.sun_path` holds 104 bytes on macOS, 108 on Linux, a zero byte included. */
const socketPathLimit = 103;

/** Makes the folders of the embedded database of this home (0700), or finds them. */
export async function openPlace(home: string): Promise<Place> {
  await makeFolder(join(home, 'postgres'), 0o700);
  const folder = await realpath(join(home, 'postgres'));
  const inside = join(folder, 'run');
  const fits = Buffer.byteLength(join(inside, '.s.PGSQL.5432')) <= socketPathLimit;
  const socketFolder = fits ? inside : shortFolder(folder);
  await mkdir(socketFolder, { mode: 0o700 }).catch(unlessItExists);
  if (!fits) await mustBeOurs(socketFolder);
  return {
    folder,
    data: join(folder, 'db'),
    logFile: join(folder, 'postgres.log'),
    socketFolder,
    note: fits
      ? null
      : `the path of ${folder} is too long for a socket, which is in ${socketFolder}`,
  };
}

/**
 * What the lock file of a running (or killed) server says. `socketFolder` is where that
 * server was told to listen, which may differ from ours when TMPDIR does.
 */
export async function readPidFile(
  place: Place,
): Promise<{ pid: number; socketFolder: string | null; text: string } | null> {
  try {
    const text = await readFile(join(place.data, 'postmaster.pid'), 'utf8');
    const lines = text.split('\n');
    return { pid: Number(lines[0]), socketFolder: lines[4]?.trim() || null, text };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function shortFolder(folder: string): string {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return join(tmpdir(), `holdfast-${name}`);
}

/** In a folder that everybody may write to, somebody may have been there before us. */
async function mustBeOurs(folder: string): Promise<void> {
  const found = await lstat(folder);
  const isOurs = found.isDirectory() && found.uid === userInfo().uid;
  if (isOurs && (found.mode & 0o077) === 0) return;
  throw new PermanentError(
    'socket-folder-taken',
    `${folder} belongs to somebody else or is open to others; remove it, or use a data folder with a shorter path`,
  );
}

function unlessItExists(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
