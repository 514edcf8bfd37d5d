/**
 * The vault as a folder:
 *
 *     objects/ab/ab12…        bytes, named by their SHA-256, read-only
 *     records/<kind>/<name>   manifests and the like, each written once
 *     set-aside/…             objects that were found damaged, kept for whoever looks into it
 *     scratch/…               files in the making; all that a killed process can leave
 *
 * A name appears by link(2), which neither replaces nor shows anything half written.
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
  unlink,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { IntegrityError, NotFoundError, PermanentError } from '../errors.ts';
import { errno, leaveRoom, onDisk, storageMeaning, syncFolder } from './disk.ts';
import { maker, makerIsGone } from './maker.ts';
import {
  type PutOptions,
  type RecordKind,
  recordKinds,
  type Scratch,
  type StoredObject,
  type Vault,
} from './vault.ts';

const chunkBytes = 1024 * 1024;
const smallestBuffer = 4096;
const smallBytes = 64 * 1024 * 1024;
/** Far beyond any record of ours, and still a text that can be held. */
const mostRecordBytes = 500 * 1024 * 1024;
const foreignLeftoverAgeMs = 7 * 24 * 60 * 60_000;

/** Opens the vault in this folder (made if absent, 0700) and sweeps what the dead left. */
export async function openFileVault(folder: string): Promise<Vault> {
  const vault = new FileVault(folder);
  await vault.prepare();
  return vault;
}

class FileVault implements Vault {
  readonly #objects: string;
  readonly #records: string;
  readonly #scratch: string;
  readonly #setAside: string;

  constructor(folder: string) {
    this.#objects = join(folder, 'objects');
    this.#records = join(folder, 'records');
    this.#scratch = join(folder, 'scratch');
    this.#setAside = join(folder, 'set-aside');
  }

  async prepare(): Promise<void> {
    const folders = [
      this.#objects,
      this.#scratch,
      ...recordKinds.map((kind) => join(this.#records, kind)),
    ];
    for (const path of folders) await onDisk(mkdir(path, { recursive: true, mode: 0o700 }));
    await sweep(this.#scratch);
  }

  async put(
    bytes: Readable | Uint8Array | string,
    options: PutOptions = {},
  ): Promise<StoredObject> {
    const { path, stored } = await this.#write(bytes, options);
    try {
      await leaveRoom(this.#scratch);
      await this.#adopt(path, stored);
      return stored;
    } finally {
      await unlink(path);
    }
  }

  async putFile(path: string, options: PutOptions = {}): Promise<StoredObject> {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw new PermanentError('not-a-file', `${path} is not a plain file`);
      refuseBeyond(options.maxBytes, found.size);
      await leaveRoom(this.#scratch);
      if (found.nlink > 1 || found.dev !== (await stat(this.#scratch)).dev) {
        // Reachable by another name, or on another disk: only a copy is ours alone.
        const copied = await this.put(handle.createReadStream({ autoClose: false }), options);
        await onDisk(unlink(path));
        return copied;
      }
      const stored = await hashFile(handle, options);
      await onDisk(handle.sync());
      await onDisk(handle.chmod(0o400));
      await this.#adopt(path, stored);
      await onDisk(unlink(path));
      return stored;
    } finally {
      await handle.close();
    }
  }

  async open(sha256: string, range?: { start: number; end: number }): Promise<Readable> {
    const handle = await this.#handle(sha256);
    return handle.createReadStream({ ...range, highWaterMark: chunkBytes });
  }

  async read(sha256: string, maxBytes = smallBytes): Promise<Buffer> {
    const handle = await this.#handle(sha256);
    try {
      refuseBeyond(maxBytes, (await handle.stat()).size);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  }

  async path(sha256: string): Promise<string> {
    const path = this.#pathOf(sha256);
    if (path !== null && (await exists(path))) return path;
    throw missing(sha256);
  }

  async has(sha256: string): Promise<boolean> {
    const path = this.#pathOf(sha256);
    return path !== null && exists(path);
  }

  async rehash(
    sha256: string,
    signal?: AbortSignal,
    onChunk?: (chunk: Uint8Array) => void,
  ): Promise<StoredObject | null> {
    if (!(await this.has(sha256))) return null;
    const handle = await this.#handle(sha256);
    try {
      return await hashFile(handle, signal ? { signal } : {}, onChunk);
    } finally {
      await handle.close();
    }
  }

  async *objects(): AsyncIterable<string> {
    for (const shelf of (await readdir(this.#objects)).sort()) {
      // No shelf of ours, and it may be no folder.
      if (!/^[0-9a-f]{2}$/.test(shelf)) continue;
      for (const name of (await readdir(join(this.#objects, shelf))).sort()) {
        if (this.#pathOf(name) !== null) yield name;
      }
    }
  }

  async setAside(sha256: string): Promise<string | null> {
    const path = this.#pathOf(sha256);
    if (path === null) return null;
    await onDisk(mkdir(this.#setAside, { recursive: true, mode: 0o700 }));
    const target = join(this.#setAside, `${sha256}-${randomUUID().slice(0, 8)}`);
    try {
      await rename(path, target);
    } catch (error) {
      if (errno(error) === 'ENOENT') return null;
      throw storageMeaning(error);
    }
    await onDisk(syncFolder(this.#setAside));
    await onDisk(syncFolder(dirname(path)));
    return target;
  }

  async remove(sha256: string): Promise<boolean> {
    const path = this.#pathOf(sha256);
    if (path === null || !(await exists(path))) return false;
    await onDisk(rm(path, { force: true }));
    await onDisk(syncFolder(dirname(path)));
    return true;
  }

  async keepRecord(
    kind: RecordKind,
    name: string,
    bytes: Uint8Array | string,
  ): Promise<StoredObject> {
    const target = this.#recordPath(kind, name);
    const { path, stored } = await this.#write(bytes, {});
    try {
      if (!(await linkOnce(path, target))) {
        const kept = createHash('sha256')
          .update(await readRecordAt(target))
          .digest('hex');
        if (kept !== stored.sha256) {
          throw new IntegrityError(
            'record-differs',
            `the record ${kind}/${name} exists with other bytes (SHA-256 ${kept}, new ${stored.sha256})`,
          );
        }
      }
      await onDisk(syncFolder(join(this.#records, kind)));
      return stored;
    } finally {
      await unlink(path);
    }
  }

  async *records(kind: RecordKind): AsyncIterable<{ name: string; bytes: Buffer }> {
    for await (const name of this.recordNames(kind)) {
      yield { name, bytes: await readRecordAt(join(this.#records, kind, name)) };
    }
  }

  async *recordNames(kind: RecordKind): AsyncIterable<string> {
    yield* (await readdir(join(this.#records, kind))).sort();
  }

  async readRecord(kind: RecordKind, name: string): Promise<Buffer | null> {
    try {
      return await readRecordAt(this.#recordPath(kind, name));
    } catch (error) {
      if (errno(error) === 'ENOENT') return null;
      throw error;
    }
  }

  async scratch(label: string): Promise<Scratch> {
    const folder = this.#newScratchName(label);
    await onDisk(mkdir(folder, { mode: 0o700 }));
    return {
      folder,
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
    };
  }

  /** Streams bytes into a finished, synced, read-only file in scratch. */
  async #write(bytes: Readable | Uint8Array | string, options: PutOptions) {
    const path = this.#newScratchName('put');
    const file = await onDisk(open(path, 'wx', 0o400));
    const hash = createHash('sha256');
    let sizeBytes = 0;
    async function* measured(chunks: AsyncIterable<Uint8Array | string>) {
      for await (const chunk of chunks) {
        const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        sizeBytes += buffer.byteLength;
        refuseBeyond(options.maxBytes, sizeBytes);
        hash.update(buffer);
        yield buffer;
        options.onBytes?.(sizeBytes);
      }
    }
    const source = bytes instanceof Readable ? bytes : Readable.from([bytes], { objectMode: true });
    const sink = file.createWriteStream({ flush: true, highWaterMark: chunkBytes });
    try {
      await pipeline(source, measured, sink, options.signal ? { signal: options.signal } : {});
    } catch (error) {
      await file.close().catch(() => undefined);
      await unlink(path);
      throw storageMeaning(error);
    }
    return { path, stored: { sha256: hash.digest('hex'), sizeBytes } };
  }

  /** Gives a finished file its name in `objects`; the same bytes may have it already. */
  async #adopt(path: string, stored: StoredObject): Promise<void> {
    const shelf = join(this.#objects, stored.sha256.slice(0, 2));
    const target = join(shelf, stored.sha256);
    const made = await onDisk(mkdir(shelf, { recursive: true, mode: 0o700 }));
    if (made !== undefined) await onDisk(syncFolder(this.#objects));
    if (!(await linkOnce(path, target))) {
      // Saying "kept" on the strength of older bytes: look at them first.
      const found = await this.rehash(stored.sha256);
      if (found?.sha256 !== stored.sha256) throw damaged(stored.sha256, found);
    }
    await onDisk(syncFolder(shelf));
  }

  async #handle(sha256: string): Promise<FileHandle> {
    const path = this.#pathOf(sha256);
    if (path === null) throw missing(sha256);
    try {
      return await openPlain(path);
    } catch (error) {
      throw errno(error) === 'ENOENT' ? missing(sha256) : storageMeaning(error);
    }
  }

  /** `null` for anything that isn't a digest, whatever path it may spell. */
  #pathOf(sha256: string): string | null {
    if (!/^[0-9a-f]{64}$/.test(sha256)) return null;
    return join(this.#objects, sha256.slice(0, 2), sha256);
  }

  #recordPath(kind: RecordKind, name: string): string {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(name)) {
      throw new PermanentError('bad-record-name', `"${name}" can't be the name of a record`);
    }
    return join(this.#records, kind, name);
  }

  #newScratchName(label: string): string {
    const safe = label.replaceAll(/[^A-Za-z0-9]+/g, '_').slice(0, 40);
    return join(this.#scratch, `${safe}-${maker}-${randomUUID().slice(0, 8)}`);
  }
}

/**
 * What lies in the vault may be anybody's: a pipe would never end, a folder ends in the system's words.
 * @throws IntegrityError `not-a-file`
 */
async function openPlain(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new IntegrityError('not-a-file', `${path} is not a plain file`);
}

async function readRecordAt(path: string): Promise<Buffer> {
  const handle = await openPlain(path);
  try {
    refuseBeyond(mostRecordBytes, (await handle.stat()).size);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** @returns false when the name is taken */
async function linkOnce(path: string, target: string): Promise<boolean> {
  try {
    await link(path, target);
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    throw storageMeaning(error);
  }
}

async function hashFile(
  handle: FileHandle,
  options: PutOptions,
  onChunk?: (chunk: Uint8Array) => void,
): Promise<StoredObject> {
  const hash = createHash('sha256');
  // One buffer for the whole file: a stream makes a new one a chunk, and they gather. No larger
  // than the file, for most are small and read again whenever the same bytes come.
  const { size } = await handle.stat();
  const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, Math.max(size, smallestBuffer)));
  let sizeBytes = 0;
  for (;;) {
    options.signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, sizeBytes);
    if (bytesRead === 0) return { sha256: hash.digest('hex'), sizeBytes };
    hash.update(buffer.subarray(0, bytesRead));
    onChunk?.(buffer.subarray(0, bytesRead));
    sizeBytes += bytesRead;
    options.onBytes?.(sizeBytes);
  }
}

async function sweep(scratch: string): Promise<void> {
  for (const name of await readdir(scratch)) {
    const path = join(scratch, name);
    const gone = makerIsGone(name);
    if (gone === true || (gone === 'unknown' && (await ageOf(path)) > foreignLeftoverAgeMs)) {
      // On a read-only disk leftovers stay, and reading goes on.
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

async function ageOf(path: string): Promise<number> {
  const found = await lstat(path).catch(() => null);
  return found === null ? 0 : Date.now() - found.mtimeMs;
}

function refuseBeyond(maxBytes: number | undefined, sizeBytes: number): void {
  if (maxBytes === undefined || sizeBytes <= maxBytes) return;
  throw new PermanentError('too-large', `more than the ${maxBytes} bytes that are allowed here`);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function missing(sha256: string): NotFoundError {
  return new NotFoundError('object-missing', `the vault has no object ${sha256}`);
}

function damaged(sha256: string, found: StoredObject | null): IntegrityError {
  return new IntegrityError(
    'object-damaged',
    `the vault's object ${sha256} ${found === null ? 'vanished' : `now has SHA-256 ${found.sha256}`}; nothing was overwritten`,
  );
}
