/**
 * What the decoder of pictures and whoever opened it say to each other: a few words as JSON, and
 * bytes behind them. Each message: the length of the words (32 bits, big-endian), the words, which
 * name the length of each block of bytes, then the blocks. Also read inside, so it needs nothing.
 */
import type { Readable } from 'node:stream';

export interface Message {
  words: unknown;
  blocks: Buffer[];
}

export interface MessageLimits {
  wordsBytes: number;
  /** Of all blocks together. */
  blocksBytes: number;
}

const lengthBytes = 4;

/** All but the blocks themselves, which follow in their order. */
export function beginningOf(words: object, blockSizes: number[]): Buffer {
  const said = Buffer.from(JSON.stringify({ words, blockSizes }), 'utf8');
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(said.length);
  return Buffer.concat([length, said]);
}

/** Messages out of a stream, one after the other. */
export class Messages {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #limits: MessageLimits;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable, limits: MessageLimits) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.#limits = limits;
  }

  /** @returns `null` at the end. @throws RangeError for what is no message, or too long */
  async next(): Promise<Message | null> {
    const length = await this.#take(lengthBytes);
    if (length === null) return null;
    const said = await this.#take(within(length.readUInt32BE(), this.#limits.wordsBytes));
    if (said === null) return null;
    const { words, blockSizes } = JSON.parse(said.toString('utf8'));
    const blocks: Buffer[] = [];
    let leftBytes = this.#limits.blocksBytes;
    for (const size of sizes(blockSizes)) {
      leftBytes -= within(size, leftBytes);
      const block = await this.#take(size);
      if (block === null) return null;
      blocks.push(block);
    }
    return { words, blocks };
  }

  /** Copied once, as large ones are what takes time here. */
  async #take(sizeBytes: number): Promise<Buffer | null> {
    const taken = Buffer.allocUnsafe(sizeBytes);
    for (let filled = 0; filled < sizeBytes; ) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#chunks.next();
        if (done) return null;
        this.#rest = value;
      }
      const copied = this.#rest.copy(taken, filled, 0, sizeBytes - filled);
      filled += copied;
      this.#rest = this.#rest.subarray(copied);
    }
    return taken;
  }
}

function within(sizeBytes: number, mostBytes: number): number {
  if (sizeBytes > mostBytes) throw new RangeError(`${sizeBytes} bytes where ${mostBytes} may come`);
  return sizeBytes;
}

function sizes(given: unknown): number[] {
  if (Array.isArray(given) && given.every((size) => Number.isSafeInteger(size) && size >= 0))
    return given;
  throw new RangeError('a message without the lengths of its blocks');
}
