/**
 * What is said between us and the process that decodes pictures: JSON, and the bytes that it speaks
 * of behind it. Lengths come first, so that whoever reads knows what it is in for.
 */

import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** Bytes of a message in the order in which its words number them. */
export interface Message {
  words: unknown;
  parts: Uint8Array[];
}

/** In the words of a message it stands for one of its parts. */
const partMark = '$part';
const mostWords = 16 * 1024 * 1024;
const mostParts = 2_048;

/** @param bytes pieces of the parts, one after the other */
export async function writeMessage(
  to: Writable,
  words: string,
  sizes: number[],
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const text = Buffer.from(words);
  const head = Buffer.alloc(8 + 4 * sizes.length);
  head.writeUInt32BE(text.length, 0);
  head.writeUInt32BE(sizes.length, 4);
  for (const [index, size] of sizes.entries()) head.writeUInt32BE(size, 8 + 4 * index);
  to.write(head);
  to.write(text);
  for await (const piece of bytes) {
    if (!to.write(piece)) await drained(to);
  }
}

/** @throws where nobody reads any more */
async function drained(to: Writable): Promise<void> {
  const over = new AbortController();
  const gone = () => over.abort(new Error('the reader is gone'));
  to.once('close', gone);
  await once(to, 'drain', { signal: over.signal }).finally(() => to.off('close', gone));
}

/** Words with marks where the bytes were, and the bytes. */
export function apart(value: unknown): { words: string; parts: Uint8Array[] } {
  const parts: Uint8Array[] = [];
  const words = JSON.stringify(value, function (this: Record<string, unknown>, key, found) {
    const held = this[key];
    // A Buffer turns itself into numbers before it comes here.
    return held instanceof Uint8Array ? { [partMark]: parts.push(held) - 1 } : found;
  });
  return { words, parts };
}

/** The opposite of `apart`. */
export function together({ words, parts }: Message): unknown {
  if (Array.isArray(words)) return words.map((each) => together({ words: each, parts }));
  if (typeof words !== 'object' || words === null) return words;
  if (partMark in words) return parts[Number(words[partMark])];
  return Object.fromEntries(
    Object.entries(words).map(([key, each]) => [key, together({ words: each, parts })]),
  );
}

/** Reads messages from a stream of which nothing is believed. */
export class MessageReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #mostBytes: number;
  #rest: Buffer = Buffer.alloc(0);

  /** @param mostBytes of all parts of a message */
  constructor(from: Readable, mostBytes: number) {
    this.#chunks = from[Symbol.asyncIterator]();
    this.#mostBytes = mostBytes;
  }

  /** @returns `null` at the end. @throws for a message that is too large, cut off, or not JSON */
  async next(): Promise<Message | null> {
    if (this.#rest.length === 0 && !(await this.#more())) return null;
    const head = await this.#take(8);
    const [wordBytes, count] = [head.readUInt32BE(0), head.readUInt32BE(4)];
    if (wordBytes > mostWords || count > mostParts) throw new Error('a message is too large');
    const lengths = await this.#take(4 * count);
    const sizes = Array.from({ length: count }, (_, index) => lengths.readUInt32BE(4 * index));
    const sum = sizes.reduce((all, size) => all + size, 0);
    if (sum > this.#mostBytes) throw new Error('a message is too large');
    const words: unknown = JSON.parse((await this.#take(wordBytes)).toString('utf8'));
    const parts: Uint8Array[] = [];
    for (const size of sizes) parts.push(await this.#take(size));
    return { words, parts };
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    if (done === true) return false;
    this.#rest = value;
    return true;
  }

  async #take(size: number): Promise<Buffer> {
    const taken = Buffer.allocUnsafeSlow(size);
    for (let at = 0; at < size; ) {
      if (this.#rest.length === 0 && !(await this.#more())) throw new Error('a message is cut off');
      const copied = this.#rest.copy(taken, at);
      this.#rest = this.#rest.subarray(copied);
      at += copied;
    }
    return taken;
  }
}
