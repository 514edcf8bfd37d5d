/** What a page was given of a body that is too large to keep: counted and hashed while it passes. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { RecordedBody } from '../warc/exchange.ts';

export interface PassedBytes {
  sizeBytes: number;
  sha256: string;
}

export class PassingBody {
  sizeBytes = 0;
  readonly #hash = createHash('sha256');

  append(bytes: Buffer): void {
    this.#hash.update(bytes);
    this.sizeBytes += bytes.length;
  }

  /** So far; more may pass later. */
  soFar(): PassedBytes {
    return { sizeBytes: this.sizeBytes, sha256: this.#hash.copy().digest('hex') };
  }
}

/** Whether a file holds at this place what has passed. @throws the file system's error */
export async function holdsAt(
  fromByte: number,
  passed: PassedBytes,
  { path, sizeBytes }: Pick<RecordedBody, 'path' | 'sizeBytes'>,
): Promise<boolean> {
  if (passed.sizeBytes === 0) return true;
  const end = fromByte + passed.sizeBytes;
  if (end > sizeBytes) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { start: fromByte, end: end - 1 }))
    hash.update(chunk as Buffer);
  return hash.digest('hex') === passed.sha256;
}
