/** The files of a bundle, wherever they lie: a folder, a zip file, or a zip dropped on a page. */
import { type Bytes, joined } from '../formats/bytes.ts';

export interface BundleFiles {
  /** Every file, by its path inside the bundle, with `/` between names. */
  sizes(): ReadonlyMap<string, number>;
  /** Whatever else is there: links, pipes, folders without a file, bytes of a zip that are in no file. */
  others(): readonly OtherThing[];
  open(path: string): AsyncIterable<Uint8Array>;
  /** SHA-256 (or SHA-512) of the content, hexadecimal. */
  digest(path: string, algorithm: 'sha256' | 'sha512'): Promise<string>;
}

export interface OtherThing {
  path: string;
  /** In words: `a symbolic link`. */
  what: string;
}

/** Of a folder that none of the files lies in; such a folder says something by its name alone. */
export function emptyFolders(folders: Iterable<string>, files: Iterable<string>): OtherThing[] {
  const used = new Set<string>();
  for (const path of files)
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
      used.add(path.slice(0, end));
  return [...folders]
    .filter((path) => !used.has(path))
    .map((path) => ({ path, what: 'a folder without a file' }));
}

export class BundleError extends Error {
  override name = 'BundleError';
}

/** @throws BundleError when the file is missing or longer than `maxBytes` */
export async function readWhole(
  files: BundleFiles,
  path: string,
  maxBytes: number,
): Promise<Bytes> {
  const size = files.sizes().get(path);
  if (size === undefined) throw new BundleError(`${path} is missing`);
  if (size > maxBytes) throw new BundleError(`${path} is longer than it can be`);
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of files.open(path)) {
    total += chunk.length;
    if (total > maxBytes) throw new BundleError(`${path} is longer than it can be`);
    parts.push(chunk.slice());
  }
  return joined(parts);
}

const longestLineBytes = 1024 * 1024;

/** The lines of a text, without their ends, as bytes: what is hashed must not pass a decoder. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Bytes> {
  let rest: Bytes = new Uint8Array();
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield joined([rest, chunk.subarray(start, end)]);
      rest = new Uint8Array();
      start = end + 1;
    }
    rest = joined([rest, chunk.subarray(start)]);
    if (rest.length > longestLineBytes) throw new BundleError('a line is longer than it can be');
  }
  if (rest.length > 0) yield rest;
}
