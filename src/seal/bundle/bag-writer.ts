/** Writes a bag (BagIt, RFC 8493): files pass through it to the target while they are hashed. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { IntegrityError } from '../../base/errors.ts';
import type { BagTarget } from './bag-target.ts';

export interface WrittenFile {
  sha256: string;
  sha512: string;
  sizeBytes: number;
}

interface Line extends WrittenFile {
  path: string;
}

export class BagWriter {
  readonly #target: BagTarget;
  readonly #lines: Line[] = [];

  constructor(target: BagTarget) {
    this.#target = target;
  }

  /** Adds one file of the payload. Its path begins with `data/`. */
  async add(path: string, content: Readable | Uint8Array | string): Promise<WrittenFile> {
    const written = await this.#write(path, content);
    this.#lines.push({ path, ...written });
    return written;
  }

  /** Adds a file whose digest is known. @throws IntegrityError `stored-bytes-differ` */
  async addKnown(path: string, content: Readable, sha256: string): Promise<void> {
    const found = await this.add(path, content);
    if (found.sha256 === sha256) return;
    throw new IntegrityError(
      'stored-bytes-differ',
      `object ${sha256} now hashes to ${found.sha256}: it is not handed over. Run "holdfast verify"`,
    );
  }

  /** Files of the payload so far, with their sizes. */
  get total(): { files: number; sizeBytes: number } {
    const sizeBytes = this.#lines.reduce((sum, line) => sum + line.sizeBytes, 0);
    return { files: this.#lines.length, sizeBytes };
  }

  /** Writes the lists and what is said about the bag. The bag is whole after this. */
  async close(info: [label: string, value: string][]): Promise<void> {
    const { files, sizeBytes } = this.total;
    const lines = this.#lines.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    const tags = new Map<string, string>([
      ['bagit.txt', 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'],
      ['bag-info.txt', bagInfo([...info, ['Payload-Oxum', `${sizeBytes}.${files}`]])],
      ['manifest-sha256.txt', listOf(lines.map(({ path, sha256 }) => [sha256, path]))],
      ['manifest-sha512.txt', listOf(lines.map(({ path, sha512 }) => [sha512, path]))],
    ]);
    const written: [string, string][] = [];
    for (const [path, text] of [...tags].sort(([a], [b]) => (a < b ? -1 : 1)))
      written.push([(await this.#write(path, text)).sha256, path]);
    await this.#write('tagmanifest-sha256.txt', listOf(written));
  }

  async #write(path: string, content: Readable | Uint8Array | string): Promise<WrittenFile> {
    const digests = { sha256: createHash('sha256'), sha512: createHash('sha512') };
    let sizeBytes = 0;
    const hashed = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        digests.sha256.update(chunk);
        digests.sha512.update(chunk);
        sizeBytes += chunk.length;
        yield chunk;
      }
    };
    const source = content instanceof Readable ? content : Readable.from([Buffer.from(content)]);
    await this.#target.write(path, Readable.from(hashed(source), { objectMode: false }));
    return {
      sha256: digests.sha256.digest('hex'),
      sha512: digests.sha512.digest('hex'),
      sizeBytes,
    };
  }
}

function listOf(lines: [digest: string, path: string][]): string {
  return lines.map(([digest, path]) => `${digest}  ${encodePath(path)}\n`).join('');
}

/** RFC 8493 section 2.1.3: a line ends where the path does. */
function encodePath(path: string): string {
  return path.replace(/[%\r\n]/g, (letter) => encodeURIComponent(letter));
}

/** Values are one line each, whatever they hold. */
function bagInfo(lines: [string, string][]): string {
  return lines.map(([label, value]) => `${label}: ${value.replace(/\s+/g, ' ').trim()}\n`).join('');
}
