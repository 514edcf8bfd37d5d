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
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { errno, leaveRoom, onDisk, storageMeaning, syncFolder } from '../base/disk.ts';
import { IntegrityError, NotFoundError, PermanentError } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import { chunkBytes, exists, hashFile, linkOnce, openPlain, refuseBeyond } from './plain-files.ts';
import { RecordShelf } from './records.ts';
import { ScratchRoom, sweep } from './scratch-room.ts';
import { strangersIn } from './strangers.ts';
import {
  type PutOptions,
  type RecordKind,
  recordKinds,
  type Scratch,
  type StoredObject,
  type Stranger,
  type Vault,
} from './vault.ts';

const smallBytes = 64 * 1024 * 1024;

/** Opens the vault in this folder (made if absent, 0700) and sweeps what the dead left. */
export async function openFileVault(folder: string): Promise<Vault> {
  const vault = new FileVault(folder);
  await vault.prepare();
  return vault;
}

class FileVault implements Vault {
  readonly #folder: string;
  readonly #objects: string;
  readonly #setAside: string;
  readonly #scratch: ScratchRoom;
  readonly #records: RecordShelf;

  constructor(folder: string) {
    this.#folder = folder;
    this.#objects = join(folder, 'objects');
    this.#setAside = join(folder, 'set-aside');
    this.#scratch = new ScratchRoom(join(folder, 'scratch'));
    this.#records = new RecordShelf(join(folder, 'records'), this.#scratch);
  }

  async prepare(): Promise<void> {
    const folders = [
      this.#objects,
      this.#scratch.folder,
      ...recordKinds.map((kind) => join(this.#records.folder, kind)),
    ];
    for (const path of folders) await onDisk(makeFolder(path, 0o700));
    await sweep(this.#scratch.folder);
  }

  async put(
    bytes: Readable | Uint8Array | string,
    options: PutOptions = {},
  ): Promise<StoredObject> {
    const { path, stored } = await this.#scratch.write(bytes, options);
    try {
      await leaveRoom(this.#scratch.folder);
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
      await leaveRoom(this.#scratch.folder);
      if (found.nlink > 1 || found.dev !== (await stat(this.#scratch.folder)).dev) {
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
    if (path === null || !(await exists(path))) throw missing(sha256);
    // Tools open it by its name, and would follow a link.
    await (await openPlain(path)).close();
    return path;
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

  strangers(signal?: AbortSignal): AsyncIterable<Stranger> {
    return strangersIn(this.#folder, signal);
  }

  async setAside(sha256: string): Promise<string | null> {
    const path = this.#pathOf(sha256);
    if (path === null) return null;
    await onDisk(makeFolder(this.#setAside, 0o700));
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

  keepRecord(kind: RecordKind, name: string, bytes: Uint8Array | string): Promise<StoredObject> {
    return this.#records.keep(kind, name, bytes);
  }

  records(kind: RecordKind): AsyncIterable<{ name: string; bytes: Buffer }> {
    return this.#records.all(kind);
  }

  recordNames(kind: RecordKind): AsyncIterable<string> {
    return this.#records.names(kind);
  }

  readRecord(kind: RecordKind, name: string): Promise<Buffer | null> {
    return this.#records.read(kind, name);
  }

  removeRecord(kind: RecordKind, name: string): Promise<boolean> {
    return this.#records.remove(kind, name);
  }

  scratch(label: string): Promise<Scratch> {
    return this.#scratch.makeFolder(label);
  }

  /** Gives a finished file its name in `objects`; the same bytes may have it already. */
  async #adopt(path: string, stored: StoredObject): Promise<void> {
    const shelf = join(this.#objects, stored.sha256.slice(0, 2));
    const target = join(shelf, stored.sha256);
    const made = await onDisk(makeFolder(shelf, 0o700));
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
