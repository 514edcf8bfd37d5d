/** RIPEMD-160 (ISO/IEC 10118-3), which browsers don't have. OpenTimestamps proofs may use it. */
import type { Bytes } from './bytes.ts';

/** Which word of the block each step takes, sixteen steps a round. */
const identity = Array.from({ length: 16 }, (_, index) => index);
const shuffle = [7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8];
const leftWords = rounds(identity);
const rightWords = rounds(identity.map((index) => (9 * index + 5) % 16));

function rounds(first: number[]): number[] {
  const all = [first];
  while (all.length < 5) all.push((all.at(-1) ?? []).map((index) => shuffle[index] ?? 0));
  return all.flat();
}

/** How far each step turns, by round and by the word that it takes. */
const turns = [
  [11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8],
  [12, 13, 11, 15, 6, 9, 9, 7, 12, 15, 11, 13, 7, 8, 7, 7],
  [13, 15, 14, 11, 7, 7, 6, 8, 13, 14, 13, 12, 5, 5, 6, 9],
  [14, 11, 12, 14, 8, 6, 5, 5, 15, 12, 15, 14, 9, 9, 8, 6],
  [15, 12, 13, 13, 9, 5, 8, 6, 14, 11, 12, 11, 8, 6, 5, 5],
];
const leftConstants = [0, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e];
const rightConstants = [0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0];

type State = [number, number, number, number, number];

/** 20 bytes. */
export function ripemd160(message: Uint8Array): Bytes {
  const padded = withPadding(message);
  const words = new DataView(padded.buffer);
  let state: State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  for (let at = 0; at < padded.length; at += 64) {
    const block = identity.map((index) => words.getUint32(at + 4 * index, true));
    const left = line(state, block, leftWords, leftConstants, (round) => round);
    const right = line(state, block, rightWords, rightConstants, (round) => 4 - round);
    const sum = (place: number) =>
      (state[(place + 1) % 5] ?? 0) + (left[(place + 2) % 5] ?? 0) + (right[(place + 3) % 5] ?? 0);
    state = [sum(0) | 0, sum(1) | 0, sum(2) | 0, sum(3) | 0, sum(4) | 0];
  }
  const digest = new DataView(new ArrayBuffer(20));
  for (const [place, word] of state.entries()) digest.setUint32(4 * place, word, true);
  return new Uint8Array(digest.buffer);
}

/** A one bit, zeros, and the length in bits, up to whole blocks of 64 bytes. */
function withPadding(message: Uint8Array): Bytes {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  new DataView(padded.buffer).setBigUint64(padded.length - 8, BigInt(message.length) * 8n, true);
  return padded;
}

/** One of the two parallel lines of eighty steps. */
function line(
  start: State,
  block: number[],
  words: number[],
  constants: number[],
  mix: (round: number) => number,
): State {
  let [a, b, c, d, e] = start;
  for (let step = 0; step < 80; step += 1) {
    const round = step >> 4;
    const word = words[step] ?? 0;
    const sum = a + mixed(mix(round), b, c, d) + (block[word] ?? 0) + (constants[round] ?? 0);
    [a, b, c, d, e] = [e, (turned(sum, turns[round]?.[word] ?? 0) + e) | 0, b, turned(c, 10), d];
  }
  return [a, b, c, d, e];
}

function turned(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function mixed(kind: number, x: number, y: number, z: number): number {
  if (kind === 0) return x ^ y ^ z;
  if (kind === 1) return (x & y) | (~x & z);
  if (kind === 2) return (x | ~y) ^ z;
  if (kind === 3) return (x & z) | (y & ~z);
  return x ^ (y | ~z);
}
