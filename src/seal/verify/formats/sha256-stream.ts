/** SHA-256 (FIPS 180-4) of a stream, where WebCrypto would want the whole of it in memory. */
import { toHex } from './bytes.ts';
import type { Hasher } from './zip-files.ts';

const primes = firstPrimes(64);
/** The first 32 bits of the fractions of roots of primes. */
const constants = Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const start = Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

export class Sha256Stream implements Hasher {
  readonly #state = start.slice();
  readonly #block = new Uint8Array(64);
  readonly #words = new Uint32Array(64);
  #filled = 0;
  #totalBytes = 0;

  update(bytes: Uint8Array): void {
    this.#totalBytes += bytes.length;
    let at = 0;
    if (this.#filled > 0) {
      at = Math.min(64 - this.#filled, bytes.length);
      this.#block.set(bytes.subarray(0, at), this.#filled);
      this.#filled += at;
      if (this.#filled < 64) return;
      this.#mix(this.#block, 0);
      this.#filled = 0;
    }
    for (; at + 64 <= bytes.length; at += 64) this.#mix(bytes, at);
    this.#block.set(bytes.subarray(at));
    this.#filled = bytes.length - at;
  }

  /** Ends it: call it once. */
  hex(): string {
    const totalBits = BigInt(this.#totalBytes) * 8n;
    const padded = new Uint8Array(this.#filled < 56 ? 64 : 128);
    padded.set(this.#block.subarray(0, this.#filled));
    padded[this.#filled] = 0x80;
    new DataView(padded.buffer).setBigUint64(padded.length - 8, totalBits);
    for (let at = 0; at < padded.length; at += 64) this.#mix(padded, at);
    const digest = new DataView(new ArrayBuffer(32));
    for (const [place, word] of this.#state.entries()) digest.setUint32(place * 4, word);
    return toHex(new Uint8Array(digest.buffer));
  }

  #mix(bytes: Uint8Array, at: number): void {
    const words = this.#words;
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, 64);
    for (let i = 0; i < 16; i += 1) words[i] = view.getUint32(i * 4);
    for (let i = 16; i < 64; i += 1) {
      const two = words[i - 2] ?? 0;
      const fifteen = words[i - 15] ?? 0;
      const small1 = turn(two, 17) ^ turn(two, 19) ^ (two >>> 10);
      const small0 = turn(fifteen, 7) ^ turn(fifteen, 18) ^ (fifteen >>> 3);
      words[i] = (small1 + (words[i - 7] ?? 0) + small0 + (words[i - 16] ?? 0)) | 0;
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = this.#state;
    for (let i = 0; i < 64; i += 1) {
      const big1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const choice = (e & f) ^ (~e & g);
      const one = (h + big1 + choice + (constants[i] ?? 0) + (words[i] ?? 0)) | 0;
      const big0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const majority = (a & b) ^ (a & c) ^ (b & c);
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + big0 + majority) | 0;
    }
    for (const [place, word] of [a, b, c, d, e, f, g, h].entries())
      this.#state[place] = ((this.#state[place] ?? 0) + word) | 0;
  }
}

function turn(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let next = 2; found.length < count; next += 1)
    if (found.every((prime) => next % prime !== 0)) found.push(next);
  return found;
}

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32);
}
