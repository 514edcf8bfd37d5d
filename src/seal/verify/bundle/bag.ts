/** The bag (BagIt, RFC 8493): every file is listed, every listed file is there and hashes to what the list says. */

import { type BundleFinding, type FindingKind, finding } from '../findings.ts';
import { textOf } from '../formats/bytes.ts';
import { type BundleFiles, linesOf, readWhole } from './files.ts';

const manifests = {
  sha256: 'manifest-sha256.txt',
  sha512: 'manifest-sha512.txt',
  tags: 'tagmanifest-sha256.txt',
};
const longestTextBytes = 64 * 1024;

/** SHA-256 by path, of the payload files that are there and hash to what the bag says. */
export type VerifiedFiles = ReadonlyMap<string, string>;

export interface BagOptions {
  /** Hashes everything with SHA-512 too; otherwise the second list is only compared with the first. */
  thorough: boolean;
  signal?: AbortSignal | undefined;
}

/** Yields what it finds; returns the files that later steps may build on. */
export async function* verifyBag(
  files: BundleFiles,
  { thorough, signal }: BagOptions,
): AsyncGenerator<BundleFinding, VerifiedFiles> {
  const declaration = await readWhole(files, 'bagit.txt', longestTextBytes).then(textOf);
  const declared = /^BagIt-Version: (0\.97|1\.0)\r?\nTag-File-Character-Encoding: UTF-8\r?\n?$/;
  yield finding(
    'bag',
    'bagit.txt',
    declared.test(declaration) ? 'ok' : 'invalid',
    'BagIt 1.0, UTF-8',
  );
  if (files.sizes().has('fetch.txt'))
    yield finding('bag', 'fetch.txt', 'invalid', 'the bag points to files elsewhere');

  const tags = new Map<string, string>();
  yield* verifyListed(files, manifests.tags, 'bag', tags, signal);
  for (const path of files.sizes().keys()) {
    if (path.startsWith('data/') || path === manifests.tags || tags.has(path)) continue;
    yield finding('bag', path, 'invalid', 'the bag does not list this file');
  }
  const verified = new Map<string, string>();
  const listed = yield* verifyListed(files, manifests.sha256, 'file', verified, signal);
  for (const path of files.sizes().keys()) {
    if (path.startsWith('data/') && !listed.has(path))
      yield finding('file', path, 'invalid', 'the bag does not list this file');
  }
  yield* verifySecondList(files, listed, thorough, signal);
  return verified;
}

/** Hashes every file of one list. Fills `verified`; returns every path that was listed. */
async function* verifyListed(
  files: BundleFiles,
  list: string,
  kind: FindingKind,
  verified: Map<string, string>,
  signal?: AbortSignal,
): AsyncGenerator<BundleFinding, ReadonlySet<string>> {
  const listed = new Set<string>();
  for await (const { digest, path } of readList(files, list, 'sha256')) {
    signal?.throwIfAborted();
    if (path === null) {
      yield finding(kind, list, 'invalid', 'a line of the list has not the form "digest  path"');
    } else if (listed.has(path)) {
      yield finding(kind, path, 'invalid', `listed twice in ${list}`);
    } else {
      listed.add(path);
      const found = await digestOf(files, path);
      if (found === digest) verified.set(path, digest);
      yield described(kind, path, digest, found);
    }
  }
  return listed;
}

function described(
  kind: FindingKind,
  path: string,
  digest: string,
  found: string | null,
): BundleFinding {
  if (found === null)
    return finding(kind, path, 'incomplete', 'listed in the bag, but not supplied with it');
  return found === digest
    ? finding(kind, path, 'ok', `SHA-256 ${digest}`)
    : finding(kind, path, 'invalid', `hashes to ${found}, not to ${digest}: it was altered`);
}

/** `null` when the file is not there; what can't be read hashes to nothing. */
async function digestOf(files: BundleFiles, path: string): Promise<string | null> {
  if (!files.sizes().has(path)) return null;
  try {
    return await files.digest(path, 'sha256');
  } catch (error) {
    return `nothing (it can't be read: ${error instanceof Error ? error.message : error})`;
  }
}

/** The list of SHA-512: the same files, and with `thorough` the same bytes. */
async function* verifySecondList(
  files: BundleFiles,
  listed: ReadonlySet<string>,
  thorough: boolean,
  signal?: AbortSignal,
): AsyncGenerator<BundleFinding> {
  const same = new Set<string>();
  for await (const { digest, path } of readList(files, manifests.sha512, 'sha512')) {
    signal?.throwIfAborted();
    if (path === null || !listed.has(path)) {
      yield finding('bag', manifests.sha512, 'invalid', `lists ${path}, the other list does not`);
      continue;
    }
    if (same.has(path))
      yield finding('bag', path, 'invalid', `listed twice in ${manifests.sha512}`);
    same.add(path);
    if (!thorough || !files.sizes().has(path)) continue;
    const found = await files.digest(path, 'sha512');
    if (found !== digest) yield finding('file', path, 'invalid', 'its SHA-512 is another');
  }
  const all = same.size === listed.size;
  const message = thorough ? 'SHA-512 of every file' : 'names the same files; not hashed again';
  yield finding('bag', manifests.sha512, all ? 'ok' : 'invalid', message);
}

/** `path` is `null` for a line that can't be read. */
async function* readList(
  files: BundleFiles,
  list: string,
  algorithm: 'sha256' | 'sha512',
): AsyncGenerator<{ digest: string; path: string | null }> {
  const form = algorithm === 'sha256' ? /^([0-9a-f]{64}) {2}(.+)$/ : /^([0-9a-f]{128}) {2}(.+)$/;
  if (!files.sizes().has(list)) {
    yield { digest: '', path: null };
    return;
  }
  for await (const line of linesOf(files.open(list))) {
    const [, digest = '', path] = form.exec(safeText(line)) ?? [];
    yield { digest, path: path === undefined ? null : decodePath(path) };
  }
}

function safeText(line: Uint8Array): string {
  try {
    return textOf(line);
  } catch {
    return '';
  }
}

/** RFC 8493 section 2.1.3: only CR, LF and % are encoded. `null` for a path that leaves the bag. */
function decodePath(path: string): string | null {
  const decoded = path.replace(/%(0D|0A|25)/gi, (code) => decodeURIComponent(code));
  const parts = decoded.split('/');
  const leaves = decoded.startsWith('/') || parts.some((part) => ['', '.', '..'].includes(part));
  return leaves ? null : decoded;
}
