/** Bodies on their way to disk: hashed while they are written, never whole in memory here. */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { onDisk } from '../base/disk.ts';
import type { RecordedBody } from '../warc/exchange.ts';

export class BodyStore {
  readonly #folder: string;
  #leftBytes: number;
  #made = 0;

  /** `folder` is scratch of the vault; `maxBytes` holds for all bodies of the capture together. */
  constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#leftBytes = maxBytes;
  }

  get isFull(): boolean {
    return this.#leftBytes <= 0;
  }

  newBody(): BodyFile {
    const path = join(this.#folder, `body-${++this.#made}`);
    return new BodyFile(path, (wanted) => {
      const granted = Math.min(wanted, this.#leftBytes);
      this.#leftBytes -= granted;
      return granted;
    });
  }
}

export class BodyFile {
  sizeBytes = 0;
  /** The cap of the capture came before the end of the body. */
  isCapped = false;
  readonly #path: string;
  readonly #grant: (wantedBytes: number) => number;
  #hash: Hash | null = createHash('sha256');
  #handle: FileHandle | null = null;
  #writing: Promise<void> = Promise.resolve();
  #kept: Promise<RecordedBody> | null = null;

  constructor(path: string, grant: (wantedBytes: number) => number) {
    this.#path = path;
    this.#grant = grant;
  }

  /** In the order of the calls. Resolves when the bytes are written. @throws StorageError */
  append(bytes: Buffer): Promise<void> {
    if (this.#kept !== null) return this.#writing;
    const granted = this.#grant(bytes.length);
    if (granted < bytes.length) this.isCapped = true;
    const kept = bytes.subarray(0, granted);
    this.sizeBytes += kept.length;
    this.#writing = this.#writing.then(() => this.#write(kept));
    this.#writing.catch(() => {}); // told to whoever ends the body
    return this.#writing;
  }

  /** The finished body, its file closed; asked again, the same. @throws StorageError */
  end(): Promise<RecordedBody> {
    this.#kept ??= this.#finish();
    return this.#kept;
  }

  async #finish(): Promise<RecordedBody> {
    try {
      await this.#writing;
      // A body of no bytes is a file too.
      if (this.#handle === null) await this.#write(Buffer.alloc(0));
    } finally {
      await this.#handle?.close();
      this.#handle = null;
    }
    const sha256 = this.#hash?.digest('hex') ?? '';
    this.#hash = null;
    return { path: this.#path, sizeBytes: this.sizeBytes, sha256 };
  }

  async #write(bytes: Buffer): Promise<void> {
    this.#handle ??= await onDisk(open(this.#path, 'wx', 0o600));
    this.#hash?.update(bytes);
    if (bytes.length > 0) await onDisk(this.#handle.writeFile(bytes));
  }
}

/** Lets so much be under way at once (bytes, jobs); whoever comes later waits. */
export class Budget {
  #free: number;
  readonly #whole: number;
  readonly #queue: { weight: number; go: () => void }[] = [];

  constructor(whole: number) {
    this.#free = whole;
    this.#whole = whole;
  }

  async spend<Value>(wanted: number, work: () => Promise<Value>): Promise<Value> {
    const weight = Math.min(wanted, this.#whole);
    await this.#take(weight);
    try {
      return await work();
    } finally {
      this.#free += weight;
      this.#wake();
    }
  }

  #take(weight: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#queue.push({ weight, go: resolve });
    this.#wake();
    return promise;
  }

  #wake(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (next.weight > this.#free) return;
      this.#free -= next.weight;
      this.#queue.shift();
      next.go();
    }
  }
}
