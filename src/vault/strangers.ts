/** What lies in the folder of a vault otherwise than the vault puts it there. */
import type { Stats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { errno } from '../base/disk.ts';
import { recordKinds, type Stranger } from './vault.ts';

/** Group and others. */
const writableByOthers = 0o022;

/** Neither reads nor follows anything. What appears or vanishes meanwhile is passed over. */
export async function* strangersIn(folder: string, signal?: AbortSignal): AsyncGenerator<Stranger> {
  const known = new Set(['objects', 'records', 'set-aside', 'scratch']);
  yield* walk(folder, '', (name) => (known.has(name) ? 'folder' : null), signal);
  yield* walk(folder, 'objects', (name) => (/^[0-9a-f]{2}$/.test(name) ? 'folder' : null), signal);
  for (let shelf = 0; shelf < 256; shelf += 1) {
    const name = shelf.toString(16).padStart(2, '0');
    const isObject = (file: string) => /^[0-9a-f]{64}$/.test(file) && file.startsWith(name);
    yield* walk(folder, `objects/${name}`, (file) => (isObject(file) ? 'file' : null), signal);
  }
  const kinds = new Set<string>(recordKinds);
  yield* walk(folder, 'records', (name) => (kinds.has(name) ? 'folder' : null), signal);
  const isName = (name: string) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(name);
  for (const kind of recordKinds)
    yield* walk(folder, `records/${kind}`, (name) => (isName(name) ? 'file' : null), signal);
}

/** @param asked what an entry of this name has to be; `null`: nothing of that name belongs here */
async function* walk(
  folder: string,
  below: string,
  asked: (name: string) => 'file' | 'folder' | null,
  signal?: AbortSignal,
): AsyncGenerator<Stranger> {
  const own = await statOf(join(folder, below));
  // A link to a folder elsewhere was named by the walk above it.
  if (own === null || !own.isDirectory()) return;
  for await (const { name } of await opendir(join(folder, below))) {
    signal?.throwIfAborted();
    const place = below === '' ? name : `${below}/${name}`;
    const found = await statOf(join(folder, place));
    if (found === null) continue;
    const what = strangenessOf(found, asked(name));
    if (what !== null) yield { place, what };
  }
}

function strangenessOf(found: Stats, asked: 'file' | 'folder' | null): string | null {
  if (found.isSymbolicLink()) return 'is a link';
  if (asked === null) return 'was not put there by the vault';
  const isAsked = asked === 'file' ? found.isFile() : found.isDirectory();
  if (!isAsked) return asked === 'file' ? 'is not a regular file' : 'is not a folder';
  return (found.mode & writableByOthers) === 0 ? null : 'may be written by other users';
}

async function statOf(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errno(error) === 'ENOENT') return null;
    throw error;
  }
}
