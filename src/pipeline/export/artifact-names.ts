/**
 * Names of artifacts as paths below a folder. They come from our own rooms, but a catalog or a
 * manifest can be tampered with: nothing leaves its folder, and no file takes another's place.
 */
import { IntegrityError } from '../../base/errors.ts';

/**
 * @param taken names that something else has in that folder
 * @throws IntegrityError `unsafe-name`, `names-clash`
 */
export function refuseBadNames(names: string[], taken: string[] = []): void {
  const files = new Set(taken);
  for (const name of names) {
    refuseUnsafe(name);
    if (files.has(name)) throw clash(name, 'is the name of two files');
    files.add(name);
  }
  for (const name of names) {
    const file = foldersOf(name).find((folder) => files.has(folder));
    if (file !== undefined) throw clash(name, `lies in ${JSON.stringify(file)}, which is a file`);
  }
}

function refuseUnsafe(name: string): void {
  const outside = name.split('/').some((part) => ['', '.', '..'].includes(part));
  if (!outside && !/[\\\0]/.test(name)) return;
  throw new IntegrityError(
    'unsafe-name',
    `the artifact name ${JSON.stringify(name)} leaves its folder: nothing was exported. Run "holdfast verify" on this capture`,
  );
}

function clash(name: string, what: string): IntegrityError {
  return new IntegrityError(
    'names-clash',
    `the artifact name ${JSON.stringify(name)} ${what}: nothing was exported. Run "holdfast verify" on this capture, or choose files with --role`,
  );
}

/** `a/b/c` lies in `a/b` and in `a`. */
function foldersOf(name: string): string[] {
  const parts = name.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** A line of a list that `sha256sum -c` reads, which escapes what would end or begin one. */
export function sumLine(sha256: string, name: string): string {
  const escaped = name.replace(/[\\\n\r]/g, (letter) => escapes[letter] ?? letter);
  return `${escaped === name ? '' : '\\'}${sha256}  ${escaped}\n`;
}

const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };
