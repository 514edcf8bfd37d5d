/** Holdfast itself: where it lies, its version, and which files it is made of. */
import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** The folder of `package.json`: the checkout, or `node_modules/holdfast`. */
export const packageFolder = folderWith('package.json', import.meta.dirname);

/** Packing compiles `src` and `workers` into `dist`; a checkout runs them as they are. */
const isCompiled = import.meta.filename.endsWith('.js');
const programParts = ['bin', 'package.json', 'scripts'].concat(
  isCompiled ? ['dist'] : ['src', 'workers'],
);

function folderWith(name: string, folder: string): string {
  return existsSync(join(folder, name)) ? folder : folderWith(name, dirname(folder));
}

export function ownVersion(): string {
  const text = readFileSync(join(packageFolder, 'package.json'), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version);
}

/** Of a checkout, the commit that it stands on; `null` for an installed package. */
export async function ownCommit(checkout = packageFolder): Promise<string | null> {
  const read = (path: string) => readFile(join(checkout, '.git', path), 'utf8');
  try {
    const head = (await read('HEAD')).trim();
    const commit = head.startsWith('ref: ') ? await commitOf(head.slice(5), read) : head;
    return /^[0-9a-f]{40,64}$/.test(commit) ? commit : null;
  } catch {
    return null;
  }
}

/** Git keeps a branch in a file of its own, or, once it has tidied up, in a list of all. */
async function commitOf(branch: string, read: (path: string) => Promise<string>): Promise<string> {
  const own = await read(branch).catch(() => null);
  if (own !== null) return own.trim();
  const lines = (await read('packed-refs')).split('\n');
  return lines.find((line) => line.endsWith(` ${branch}`))?.split(' ')[0] ?? '';
}

/**
 * SHA-256 over the files that are run, as they are now, so that it tells a changed copy from
 * the one that was published, and a changed checkout from its commit. In an installed package:
 * `find bin dist package.json scripts -type f | LC_ALL=C sort | xargs sha256sum | sha256sum`.
 */
export async function ownDigest(): Promise<string> {
  const all = (await Promise.all(programParts.map(filesOf))).flat().sort();
  const lines = all.map(async (path) => {
    const digest = hash('sha256', await readFile(join(packageFolder, path)));
    return `${digest}  ${path}\n`;
  });
  return hash('sha256', (await Promise.all(lines)).join(''));
}

/** Relative to the package, the way `find` names them; an image may leave a part out. */
async function filesOf(part: string): Promise<string[]> {
  if (part.endsWith('.json')) return [part];
  const options = { recursive: true, withFileTypes: true } as const;
  const found = await readdir(join(packageFolder, part), options).catch(() => []);
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(packageFolder, join(entry.parentPath, entry.name)));
}
