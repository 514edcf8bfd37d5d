/** Reads a stream of chunks by lines, headers and lengths, knowing where it is. */
import { OverLimit } from './limits.ts';

export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);
  /** Where what is held is put together from several chunks. */
  #room: Buffer = Buffer.allocUnsafeSlow(0);
  #position = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Bytes handed out so far. */
  get position(): number {
    return this.#position;
  }

  async atEnd(): Promise<boolean> {
    return this.#held.byteLength === 0 && !(await this.#more());
  }

  /** Up to and with `end`; null when the stream ends before. @throws OverLimit */
  async until(end: string, maxBytes: number): Promise<Buffer | null> {
    let searched = 0;
    for (;;) {
      const found = this.#held.indexOf(end, searched, 'latin1');
      if (found >= 0 && found + end.length <= maxBytes) return this.#take(found + end.length);
      if (this.#held.byteLength > maxBytes || found >= 0) {
        throw new OverLimit(`a header or line of more than ${maxBytes} bytes`);
      }
      searched = Math.max(0, this.#held.byteLength - end.length + 1);
      if (!(await this.#more())) return null;
    }
  }

  /** At most `maxBytes`, fewer where a chunk ends; empty at the end. */
  async some(maxBytes: number): Promise<Buffer> {
    if (maxBytes === 0 || (await this.atEnd())) return Buffer.alloc(0);
    return this.#take(Math.min(maxBytes, this.#held.byteLength));
  }

  /** Exactly so many, fewer only at the end. For small counts. */
  async exactly(count: number): Promise<Buffer> {
    while (this.#held.byteLength < count && (await this.#more()));
    return this.#take(Math.min(count, this.#held.byteLength));
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #take(count: number): Buffer {
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    this.#position += count;
    return taken;
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.#chunks.next();
      if (done) return false;
      if (value.byteLength === 0) continue;
      const chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      this.#held = this.#held.byteLength === 0 ? chunk : this.#withBehind(chunk);
      return true;
    }
  }

  /** The room doubles, so that a long line costs what it is long, however small the chunks. */
  #withBehind(chunk: Buffer): Buffer {
    const length = this.#held.byteLength + chunk.byteLength;
    let start = this.#held.byteOffset - this.#room.byteOffset;
    const isInRoom = this.#held.buffer === this.#room.buffer && start >= 0;
    if (!isInRoom || start + length > this.#room.byteLength) {
      this.#room = Buffer.allocUnsafeSlow(2 * length);
      this.#held.copy(this.#room);
      start = 0;
    }
    chunk.copy(this.#room, start + this.#held.byteLength);
    return this.#room.subarray(start, start + length);
  }
}
