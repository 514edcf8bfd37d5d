/** Records of the vault: `<kind>/<name>`, each written once, never with other bytes. */
import { createHash } from 'node:crypto';
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errno, onDisk, syncFolder } from '../base/disk.ts';
import { IntegrityError, PermanentError } from '../base/errors.ts';
import { linkOnce, openPlain, refuseBeyond } from './plain-files.ts';
import type { ScratchRoom } from './scratch-room.ts';
import type { RecordKind, StoredObject } from './vault.ts';

/** Far beyond any record of ours, and still a text that can be held. */
const mostRecordBytes = 500 * 1024 * 1024;

export class RecordShelf {
  /** Made, with a folder a kind, by whoever opens the vault. */
  readonly folder: string;
  readonly #scratch: ScratchRoom;

  constructor(folder: string, scratch: ScratchRoom) {
    this.folder = folder;
    this.#scratch = scratch;
  }

  async keep(kind: RecordKind, name: string, bytes: Uint8Array | string): Promise<StoredObject> {
    const target = this.#pathOf(kind, name);
    const { path, stored } = await this.#scratch.write(bytes);
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
      await onDisk(syncFolder(join(this.folder, kind)));
      return stored;
    } finally {
      await unlink(path);
    }
  }

  async *all(kind: RecordKind): AsyncIterable<{ name: string; bytes: Buffer }> {
    for await (const name of this.names(kind)) {
      yield { name, bytes: await readRecordAt(join(this.folder, kind, name)) };
    }
  }

  async *names(kind: RecordKind): AsyncIterable<string> {
    yield* (await readdir(join(this.folder, kind))).sort();
  }

  async read(kind: RecordKind, name: string): Promise<Buffer | null> {
    try {
      return await readRecordAt(this.#pathOf(kind, name));
    } catch (error) {
      if (errno(error) === 'ENOENT') return null;
      throw error;
    }
  }

  async remove(kind: RecordKind, name: string): Promise<boolean> {
    try {
      await onDisk(unlink(this.#pathOf(kind, name)));
    } catch (error) {
      if (errno(error) === 'ENOENT') return false;
      throw error;
    }
    await onDisk(syncFolder(join(this.folder, kind)));
    return true;
  }

  #pathOf(kind: RecordKind, name: string): string {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(name)) {
      throw new PermanentError('bad-record-name', `"${name}" can't be the name of a record`);
    }
    return join(this.folder, kind, name);
  }
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
