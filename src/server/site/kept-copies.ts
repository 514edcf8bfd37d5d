/** Copies of captured files in a folder: under names of ours, and never as something that a browser would run. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { IntegrityError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { sumLine } from '../../pipeline/export/artifact-names.ts';
import type { Vault } from '../../vault/vault.ts';
import type { KeptFile, Way } from '../kept-address.ts';
import { SmallPictures } from '../small-pictures.ts';

/** What a browser draws or plays and never runs; anything else is packed, and opens in nothing by itself. */
const endings: Record<string, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
  'video/mp4': 'mp4',
  'video/webm': 'webm',
  'video/quicktime': 'mov',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'audio/ogg': 'ogg',
  'audio/wav': 'wav',
};

interface Copy {
  sha256: string;
  kind: 'still' | 'file' | 'packed';
}

export class KeptCopies {
  readonly #vault: Vault;
  readonly #stills: SmallPictures;
  /** By path in the folder. */
  readonly #wanted = new Map<string, Copy>();

  constructor(vault: Vault) {
    this.#vault = vault;
    this.#stills = new SmallPictures(vault);
  }

  /** Where a file will lie; from now on it is one of those that are written. */
  pathOf(way: Way, { sha256, mediaType }: KeptFile): string {
    const ending = endings[mediaType];
    const kind = way === 'small' ? 'still' : ending === undefined ? 'packed' : 'file';
    const path = kind === 'still' ? `stills/${sha256}.webp` : `files/${sha256}.${ending ?? 'gz'}`;
    this.#wanted.set(path, { sha256, kind });
    return path;
  }

  /** @returns lines for `sha256sum -c` @throws IntegrityError `stored-bytes-differ` */
  async write(folder: string, signal: AbortSignal): Promise<{ sums: string[]; sizeBytes: number }> {
    await makeFolder(join(folder, 'stills'));
    await makeFolder(join(folder, 'files'));
    const sums: string[] = [];
    let sizeBytes = 0;
    for (const [path, copy] of this.#wanted) {
      signal.throwIfAborted();
      if (!(await this.#vault.has(copy.sha256))) continue;
      const written = await this.#writeOne(join(folder, path), copy, signal);
      if (written === null) continue;
      sums.push(sumLine(written.sha256, path));
      sizeBytes += written.sizeBytes;
    }
    return { sums, sizeBytes };
  }

  async #writeOne(path: string, { sha256, kind }: Copy, signal: AbortSignal) {
    if (kind !== 'still') return this.#copy(path, sha256, kind === 'packed', signal);
    const bytes = await this.#stills.still(sha256, 'small');
    if (bytes === null) return null;
    await writeFile(path, bytes, { flag: 'wx' });
    return { sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length };
  }

  /** Hashed on its way, as it lies here and as it is written. */
  async #copy(path: string, sha256: string, isPacked: boolean, signal: AbortSignal) {
    const [read, written] = [createHash('sha256'), createHash('sha256')];
    let sizeBytes = 0;
    await pipeline(
      await this.#vault.open(sha256),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          read.update(chunk);
          yield chunk;
        }
      },
      isPacked ? createGzip() : new PassThrough(),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          written.update(chunk);
          sizeBytes += chunk.length;
          yield chunk;
        }
      },
      createWriteStream(path, { flags: 'wx' }),
      { signal },
    );
    if (read.digest('hex') === sha256) return { sha256: written.digest('hex'), sizeBytes };
    throw new IntegrityError('stored-bytes-differ', `object ${sha256} is not what it was`);
  }
}
