/**
 * Sound prints (Chromaprint, raw: 32 bits an item, about eight items a second) and whether
 * two of them hold the same sound. It survives other codecs, other loudness and a cut; not
 * another pitch, and no music laid over it.
 */
import { popcount } from './hash.ts';

export const soundPrintRole = 'sound-print';
const itemMs = (1_365 / 11_025) * 1000;

/** Bits that differ: the same sound about 0.08, unrelated sounds about 0.42. */
const mostDiffering = 0.2;
/** Five seconds: shorter, a jingle or one word would do. */
const fewestItems = 40;
/** A key that fills more of a sound than this is silence, a tone or noise. */
const endless = 0.02;
const mostKeys = 4_000;
/** So many shared keys must agree on how the two lie to each other. */
const fewestVotes = 3;

export interface SoundMatch {
  /** Share of bits that differ, 0 to 1. */
  differing: number;
  /** Where the shared sound begins, there and in the sound in question, and how long it is. */
  atMs: number;
  askedAtMs: number;
  lengthMs: number;
}

/** @throws TypeError when the bytes are no whole items */
export function decodeSoundPrint(bytes: Uint8Array): Uint32Array {
  if (bytes.length % 4 !== 0) throw new TypeError('a sound print that ends within an item');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4, true));
}

/** What a print is looked up by: its distinct items without their last four bits. */
export function soundKeys(items: Uint32Array): number[] {
  const counts = new Map<number, number>();
  for (const item of items) counts.set(item >>> 4, (counts.get(item >>> 4) ?? 0) + 1);
  const most = Math.max(4, items.length * endless);
  const keys = [...counts].filter(([, count]) => count <= most).map(([key]) => key);
  const step = Math.max(1, keys.length / mostKeys);
  return Array.from(
    { length: Math.min(keys.length, mostKeys) },
    (_, i) => keys[Math.floor(i * step)] as number,
  );
}

/** Lays one print along the other where their keys say, and counts the bits that differ. */
export function compareSounds(held: Uint32Array, asked: Uint32Array): SoundMatch | null {
  const offset = likeliestOffset(held, asked);
  if (offset === null) return null;
  const from = Math.max(0, offset);
  const to = Math.min(held.length, asked.length + offset);
  if (to - from < fewestItems) return null;
  let bits = 0;
  for (let i = from; i < to; i++)
    bits += popcount((held[i] as number) ^ (asked[i - offset] as number));
  const differing = bits / (32 * (to - from));
  if (differing > mostDiffering) return null;
  return {
    differing,
    atMs: Math.round(from * itemMs),
    askedAtMs: Math.round((from - offset) * itemMs),
    lengthMs: Math.round((to - from) * itemMs),
  };
}

function likeliestOffset(held: Uint32Array, asked: Uint32Array): number | null {
  const keys = new Set(soundKeys(asked));
  const places = new Map<number, number[]>();
  for (const [i, item] of asked.entries()) {
    if (keys.has(item >>> 4)) places.set(item >>> 4, [...(places.get(item >>> 4) ?? []), i]);
  }
  const votes = new Map<number, number>();
  for (const [i, item] of held.entries()) {
    for (const j of places.get(item >>> 4) ?? []) votes.set(i - j, (votes.get(i - j) ?? 0) + 1);
  }
  let [best, most] = [0, 0];
  for (const [offset, count] of votes) if (count > most) [best, most] = [offset, count];
  return most < fewestVotes ? null : best;
}
