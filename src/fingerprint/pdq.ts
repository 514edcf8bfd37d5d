/**
 * PDQ, the perceptual hash of Meta's ThreatExchange (github.com/facebook/ThreatExchange, pdq/):
 * 256 bits that stay alike when a picture is re-encoded, scaled or recoloured. Written from
 * its description, and equal to the C++ reference bit for bit, quality included: sums are
 * float32 and in the reference's order.
 *
 * Two rasters are in use. `pdqOfLuma64` takes a picture already reduced to 64 by 64: the
 * form for everything that is searched here. `pdqOfRgb` takes the picture and goes the
 * reference's own way by 512 by 512: the form to exchange with others.
 */
import { side } from './blur.ts';
import type { PdqHash } from './hash.ts';
import { type Raster, reduced, referenceBlock } from './reference-raster.ts';

export * from './hash.ts';

/** The hash of a 64 by 64 luma block, row-major. Under half a millisecond. */
export function pdqOfLuma64(luma: Uint8Array | Float32Array): PdqHash {
  return { hash: hashOf(dct(checked(luma))), quality: qualityOf(luma) };
}

/** As `pdqOfLuma64`, with the hash that each of the eight turned or mirrored pictures would have. */
export function dihedralsOfLuma64(
  luma: Uint8Array | Float32Array,
): PdqHash & { dihedral: Dihedral } {
  const coefficients = dct(checked(luma));
  const dihedral = dihedralsOf(coefficients);
  return { hash: dihedral.original, quality: qualityOf(luma), dihedral };
}

/** The reference's hash of a picture file: over 512 pixels wide or high it is first reduced to 512 by 512. */
export function pdqOfRgb(raster: Raster): PdqHash {
  if (raster.width < 5 || raster.height < 5) return { hash: new Uint8Array(32), quality: 0 };
  return pdqOfLuma64(referenceBlock(reduced(raster)));
}

function checked(luma: Uint8Array | Float32Array): Uint8Array | Float32Array {
  if (luma.length === side * side) return luma;
  throw new RangeError(`a PDQ block is 64 by 64, not ${luma.length} values`);
}

const { fround } = Math;
/** How much there is to see: gradients between neighbours, 0 to 100. */
function qualityOf(luma: Uint8Array | Float32Array): number {
  const gradient = luma instanceof Uint8Array ? gradientOfLevels : gradientOf;
  let sum = 0;
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      const at = i * side + j;
      if (i + 1 < side) sum += gradient(luma[at] as number, luma[at + side] as number);
      if (j + 1 < side) sum += gradient(luma[at] as number, luma[at + 1] as number);
    }
  }
  return Math.min(100, Math.floor(sum / 90));
}

function gradientOf(u: number, v: number): number {
  return Math.abs(Math.trunc(fround(fround(fround(u - v) * 100) / 255)));
}

/** Whole numbers have few differences: -255 to 255. */
const gradients = Uint8Array.from({ length: 511 }, (_, at) => gradientOf(at, 255));

function gradientOfLevels(u: number, v: number): number {
  return gradients[u - v + 255] as number;
}

const frequencies = 16;

/** Row i holds the cosine of frequency i + 1; frequency 0, the mean, is left out. */
const cosines = Float32Array.from({ length: frequencies * side }, (_, at) => {
  const [i, j] = [Math.floor(at / side), at % side];
  return fround(Math.sqrt(2 / side)) * Math.cos((Math.PI / 2 / side) * (i + 1) * (2 * j + 1));
});

/** Worked in again for each block, so that a frame leaves no garbage but its hash. */
const floats = new Float32Array(side * side);
const half = new Float32Array(frequencies * side);
const transformed = new Float32Array(frequencies * frequencies);

/**
 * 16 by 16 coefficients, D A Dᵀ, each a float32 sum in the order of its index. Four terms of
 * a sum, or four sums, in each turn of a loop: the order stays, and the processor need not
 * wait for memory. @returns the same array each time
 */
function dct(block: Uint8Array | Float32Array): Float32Array {
  floats.set(block);
  for (let i = 0; i < frequencies; i++) {
    half.fill(0, i * side, (i + 1) * side);
    for (let k = 0; k < side; k += 4) addFourRows(i * side, k);
  }
  for (let i = 0; i < frequencies; i++) {
    for (let j = 0; j < frequencies; j += 4) fourCoefficients(i, j);
  }
  return transformed;
}

/** To a row of `half`: rows `k` to `k + 3` of the block, each times its cosine. */
function addFourRows(to: number, k: number) {
  const a = cosines[to + k] as number;
  const b = cosines[to + k + 1] as number;
  const c = cosines[to + k + 2] as number;
  const d = cosines[to + k + 3] as number;
  const from = k * side;
  for (let j = 0; j < side; j++) {
    const at = from + j;
    let sum = half[to + j] as number;
    sum = fround(sum + fround(a * (floats[at] as number)));
    sum = fround(sum + fround(b * (floats[at + side] as number)));
    sum = fround(sum + fround(c * (floats[at + 2 * side] as number)));
    half[to + j] = fround(sum + fround(d * (floats[at + 3 * side] as number)));
  }
}

/** Coefficients `j` to `j + 3` of row `i`. */
function fourCoefficients(i: number, j: number) {
  let a = fround(0);
  let b = fround(0);
  let c = fround(0);
  let d = fround(0);
  const from = i * side;
  const column = j * side;
  for (let k = 0; k < side; k++) {
    const value = half[from + k] as number;
    const at = column + k;
    a = fround(a + fround(value * (cosines[at] as number)));
    b = fround(b + fround(value * (cosines[at + side] as number)));
    c = fround(c + fround(value * (cosines[at + 2 * side] as number)));
    d = fround(d + fround(value * (cosines[at + 3 * side] as number)));
  }
  const to = i * frequencies + j;
  transformed[to] = a;
  transformed[to + 1] = b;
  transformed[to + 2] = c;
  transformed[to + 3] = d;
}

/** Bit k is set where coefficient k lies above the lower median of all. */
function hashOf(coefficients: Float32Array): Uint8Array {
  const median = coefficients.slice().sort()[127] as number;
  const hash = new Uint8Array(32);
  for (let k = 0; k < 256; k++) {
    if ((coefficients[k] as number) > median) {
      const byte = 31 - (k >> 3);
      hash[byte] = (hash[byte] as number) | (1 << (k & 7));
    }
  }
  return hash;
}

export const dihedralNames = [
  'original',
  'rotate90',
  'rotate180',
  'rotate270',
  'flipX',
  'flipY',
  'flipPlus1',
  'flipMinus1',
] as const;
/** `flipX` swaps top and bottom, `flipY` is the mirror image, the last two flip over a diagonal. */
export type DihedralName = (typeof dihedralNames)[number];
export type Dihedral = Record<DihedralName, Uint8Array>;

/** Which coefficient stands where after the turn (transposed or not), and which change their sign. */
const turns: Record<DihedralName, { transposed: boolean; negated(i: number, j: number): boolean }> =
  {
    original: { transposed: false, negated: () => false },
    rotate90: { transposed: true, negated: (_, j) => j % 2 === 0 },
    rotate180: { transposed: false, negated: (i, j) => (i + j) % 2 === 1 },
    rotate270: { transposed: true, negated: (i) => i % 2 === 0 },
    flipX: { transposed: false, negated: (i) => i % 2 === 0 },
    flipY: { transposed: false, negated: (_, j) => j % 2 === 0 },
    flipPlus1: { transposed: true, negated: () => false },
    flipMinus1: { transposed: true, negated: (i, j) => (i + j) % 2 === 1 },
  };

function dihedralsOf(coefficients: Float32Array): Dihedral {
  const hashes = dihedralNames.map((name) => [name, hashOf(turned(coefficients, name))] as const);
  return Object.fromEntries(hashes) as Dihedral;
}

function turned(coefficients: Float32Array, name: DihedralName): Float32Array {
  const { transposed, negated } = turns[name];
  const result = new Float32Array(256);
  for (let i = 0; i < frequencies; i++) {
    for (let j = 0; j < frequencies; j++) {
      const value = coefficients[i * frequencies + j] as number;
      const to = transposed ? j * frequencies + i : i * frequencies + j;
      result[to] = negated(i, j) ? -value : value;
    }
  }
  return result;
}

/**
 * The hash that the turned or mirrored picture would have, told from the hash alone: bits
 * change places and signs. Values near the median may fall on the other side, so it lies a
 * few bits from `dihedralsOfLuma64`, which knows the values.
 */
export function turnedHash(hash: Uint8Array, name: DihedralName): Uint8Array {
  const { transposed, negated } = turns[name];
  const result = new Uint8Array(32);
  for (let k = 0; k < 256; k++) {
    const [i, j] = [k >> 4, k & 15];
    const bit = ((hash[31 - (k >> 3)] as number) >> (k & 7)) & 1;
    if (bit === (negated(i, j) ? 1 : 0)) continue;
    const to = transposed ? j * frequencies + i : k;
    result[31 - (to >> 3)] = (result[31 - (to >> 3)] as number) | (1 << (to & 7));
  }
  return result;
}
