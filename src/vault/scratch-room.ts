/** Files in the making: all that a killed process can leave, named after who makes them, and swept by who comes next. */
import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, open, readdir, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { onDisk, storageMeaning } from '../base/disk.ts';
import { maker, makerIsGone } from './maker.ts';
import { chunkBytes, refuseBeyond } from './plain-files.ts';
import type { PutOptions, Scratch, StoredObject } from './vault.ts';

const foreignLeftoverAgeMs = 7 * 24 * 60 * 60_000;

export class ScratchRoom {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async makeFolder(label: string): Promise<Scratch> {
    const folder = this.#newName(label);
    await onDisk(mkdir(folder, { mode: 0o700 }));
    return {
      folder,
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
    };
  }

  /** Streams bytes into a finished, synced, read-only file, which is the caller's to link and unlink. */
  async write(
    bytes: Readable | Uint8Array | string,
    options: PutOptions = {},
  ): Promise<{ path: string; stored: StoredObject }> {
    const path = this.#newName('put');
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

  #newName(label: string): string {
    const safe = label.replaceAll(/[^A-Za-z0-9]+/g, '_').slice(0, 40);
    return join(this.folder, `${safe}-${maker}-${randomUUID().slice(0, 8)}`);
  }
}

/** Leftovers of the dead; on a disk of which nobody knows who else uses it, by their age. */
export async function sweep(scratch: string): Promise<void> {
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
