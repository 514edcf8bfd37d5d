/** A `.warc.gz` file in the making: one gzip member a record, offsets known as it grows. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { recordEnd, type WarcRecord, warcHeader, wholeBlock } from './record.ts';

const compress = promisify(gzip);

export interface WrittenRecord {
  offset: number;
  /** Of the gzip member, as `storedSha256`. */
  length: number;
  storedSha256: string;
}

export class GzipRecords implements AsyncDisposable {
  readonly #file: FileHandle;
  #sizeBytes = 0;
  #records = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  get records(): number {
    return this.#records;
  }

  async write(record: WarcRecord, signal: AbortSignal): Promise<WrittenRecord> {
    const block = await wholeBlock(record, signal);
    const digests = { block: sha256(block), blockSizeBytes: block.byteLength };
    const header = warcHeader(record, digests);
    const member = await compress(
      Buffer.concat([Buffer.from(header), block, Buffer.from(recordEnd)]),
      { level: 6 },
    );
    const offset = this.#sizeBytes;
    await this.#file.writeFile(member);
    this.#sizeBytes += member.byteLength;
    this.#records += 1;
    return { offset, length: member.byteLength, storedSha256: sha256(member) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

/** The file must not exist. */
export async function gzipRecords(path: string): Promise<GzipRecords> {
  return new GzipRecords(await open(path, 'wx', 0o600));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
