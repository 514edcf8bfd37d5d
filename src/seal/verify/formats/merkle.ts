/**
 * Hashes of an RFC 6962 Merkle tree and the checking of its proofs, by the algorithms of
 * RFC 9162 sections 2.1.3.2 and 2.1.4.2. Making proofs is the log's work, not done here.
 * Indexes and sizes are whole numbers below 2^53; no bit operators, which end at 2^32.
 */
import { type Bytes, sameBytes, sha256 } from './bytes.ts';

export const hashBytes = 32;

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

export function leafHash(entry: Uint8Array): Promise<Bytes> {
  return sha256(leafPrefix, entry);
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return sha256(nodePrefix, left, right);
}

export interface InclusionClaim {
  index: number;
  size: number;
  leaf: Uint8Array;
  /** From the leaf's sibling up. */
  proof: Uint8Array[];
}

/** The root that a leaf and its proof lead to; `null` when the proof has not the form for this place. */
async function rootFromInclusion(claim: InclusionClaim): Promise<Uint8Array | null> {
  const { index, size, leaf, proof } = claim;
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([leaf, ...proof]))
    return null;
  let place = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return null;
    if (place % 2 === 1 || place === last) {
      hash = await nodeHash(sibling, hash);
      // A right edge without siblings of its own is lifted to where it has one.
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else {
      hash = await nodeHash(hash, sibling);
    }
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hash : null;
}

export async function verifyInclusion(claim: InclusionClaim, root: Uint8Array): Promise<boolean> {
  const found = await rootFromInclusion(claim);
  return found !== null && sameBytes(found, root);
}

export interface ConsistencyClaim {
  oldSize: number;
  oldRoot: Uint8Array;
  size: number;
  root: Uint8Array;
  proof: Uint8Array[];
}

/** Whether the tree of `size` begins with the whole tree of `oldSize`. */
export async function verifyConsistency(claim: ConsistencyClaim): Promise<boolean> {
  const { oldSize, oldRoot, size, root, proof } = claim;
  if (!isCount(oldSize) || !isCount(size) || oldSize > size) return false;
  if (!areHashes([oldRoot, root, ...proof])) return false;
  if (oldSize === size) return proof.length === 0 && sameBytes(oldRoot, root);
  // Every tree begins with the empty one, whose root is the hash of nothing.
  if (oldSize === 0) return proof.length === 0 && sameBytes(oldRoot, await sha256());
  const [first, ...rest] = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof;
  if (first === undefined) return false;
  let place = oldSize - 1;
  let last = size - 1;
  while (place % 2 === 1) [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  let oldHash = first;
  let hash = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      oldHash = await nodeHash(sibling, oldHash);
      hash = await nodeHash(sibling, hash);
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else {
      hash = await nodeHash(hash, sibling);
    }
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 && sameBytes(oldHash, oldRoot) && sameBytes(hash, root);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function areHashes(hashes: Uint8Array[]): boolean {
  return hashes.every(({ length }) => length === hashBytes);
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value)) && 2 ** Math.log2(value) === value;
}
