/** A PDQ hash as bytes, as text, as 32-bit words, and how far two of them lie apart. */

export const hashBytes = 32;

/** Below this PDQ quality a hash says nothing of its picture; it is kept, never matched. */
export const leastQuality = 50;

export interface PdqHash {
  /** 32 bytes; the first holds bits 255 to 248, as in the text form. */
  hash: Uint8Array;
  /** 0 (featureless) to 100. */
  quality: number;
}

/** 64 lower-case hex digits, leading zeros kept. */
export function hashToHex(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('hex');
}

/** @throws TypeError for anything but 64 hex digits */
export function hashFromHex(hex: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new TypeError(`not a PDQ hash: ${hex.slice(0, 80)}`);
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

/** How many of the 256 bits differ. */
export function hammingDistance(a: Uint8Array, b: Uint8Array): number {
  let distance = 0;
  for (let i = 0; i < hashBytes; i++)
    distance += bitsOf[(a[i] as number) ^ (b[i] as number)] as number;
  return distance;
}

const bitsOf = Uint8Array.from({ length: 256 }, (_, byte) => popcount(byte));

/** Hashes one after the other, eight words each, for comparing many with many. */
export function asWords(hashes: readonly Uint8Array[]): Uint32Array {
  const bytes = new Uint8Array(hashes.length * hashBytes);
  for (const [index, hash] of hashes.entries()) bytes.set(hash, index * hashBytes);
  return new Uint32Array(bytes.buffer);
}

/** The distance between hash `i` of `a` and hash `j` of `b`, both as words. */
export function wordDistance(a: Uint32Array, i: number, b: Uint32Array, j: number): number {
  let distance = 0;
  for (let word = 0; word < 8; word++) {
    distance += popcount((a[i * 8 + word] as number) ^ (b[j * 8 + word] as number));
  }
  return distance;
}

/** How many bits of a 32-bit word are set. */
export function popcount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
