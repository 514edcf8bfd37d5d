/**
 * The log as a Merkle tree (RFC 6962 section 2.1), built from stored hashes of whole
 * subtrees, so that an append, a root and a proof each need some twenty of them however
 * long the log is. Checking proofs is the verifier's work, not done here.
 */
import { createHash } from 'node:crypto';

/** The subtree of 2^level leaves that begins at leaf `idx` · 2^level. */
export interface NodeId {
  level: number;
  idx: number;
}

export interface TreeNodeHash extends NodeId {
  hash: Buffer;
}

/** Gives the hashes of whole subtrees, in the order of the question. Throws when one is missing. */
export type ReadNodes = (wanted: NodeId[]) => Promise<Buffer[]>;

/** A run of leaves, [start, end). */
interface Range {
  start: number;
  end: number;
}

export function leafHash(entry: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.of(0)).update(entry).digest();
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
}

/** Root of a tree without leaves: the hash of nothing. */
export const emptyRoot = createHash('sha256').digest();

/** The subtrees that a leaf added to a tree of `size` leaves is joined to: known before the leaf is. */
export function joinedBy(size: number): NodeId[] {
  const joined: NodeId[] = [];
  for (let level = 0, idx = size; idx % 2 === 1; level += 1, idx = (idx - 1) / 2) {
    joined.push({ level, idx: idx - 1 });
  }
  return joined;
}

/**
 * The subtrees that become whole when a leaf is added to a tree of `size` leaves: the leaf
 * itself, then its parents for as long as the leaf ends them.
 * @param joined hashes of `joinedBy(size)`
 */
export function grow(size: number, leaf: Buffer, joined: Buffer[]): TreeNodeHash[] {
  const grown: TreeNodeHash[] = [{ level: 0, idx: size, hash: leaf }];
  let hash = leaf;
  for (const [level, sibling] of joined.entries()) {
    hash = nodeHash(sibling, hash);
    grown.push({ level: level + 1, idx: Math.floor(size / 2 ** (level + 1)), hash });
  }
  return grown;
}

export async function rootOf(size: number, read: ReadNodes): Promise<Buffer> {
  if (size === 0) return emptyRoot;
  return first(await hashesOf([{ start: 0, end: size }], read));
}

/**
 * RFC 6962 section 2.1.1: from the leaf's sibling up.
 * @throws RangeError where there is no such leaf
 */
export async function inclusionProof(
  idx: number,
  size: number,
  read: ReadNodes,
): Promise<Buffer[]> {
  if (!(idx >= 0 && idx < size)) throw new RangeError(`no leaf ${idx} in a tree of ${size}`);
  const path: Range[] = [];
  let range = { start: 0, end: size };
  while (range.end - range.start > 1) {
    const middle = split(range);
    const [left, right] = [
      { start: range.start, end: middle },
      { start: middle, end: range.end },
    ];
    path.push(idx < middle ? right : left);
    range = idx < middle ? left : right;
  }
  return hashesOf(path.reverse(), read);
}

/**
 * RFC 6962 section 2.1.2: that the tree of `size` begins with the tree of `oldSize`. Empty
 * for two trees of one size, and from the empty tree.
 */
export async function consistencyProof(
  oldSize: number,
  size: number,
  read: ReadNodes,
): Promise<Buffer[]> {
  if (!(oldSize >= 0 && oldSize <= size)) throw new RangeError(`${oldSize} is beyond ${size}`);
  if (oldSize === 0 || oldSize === size) return [];
  const proof: Range[] = [];
  let range = { start: 0, end: size };
  // Until the old tree's last subtree is reached; it is left out where it is the old tree itself.
  while (range.end !== oldSize) {
    const middle = split(range);
    const [left, right] = [
      { start: range.start, end: middle },
      { start: middle, end: range.end },
    ];
    proof.push(oldSize <= middle ? right : left);
    range = oldSize <= middle ? left : right;
  }
  if (range.start !== 0) proof.push(range);
  return hashesOf(proof.reverse(), read);
}

/** Where a run of leaves is split: after the largest power of two that is smaller than it. */
function split({ start, end }: Range): number {
  let width = 1;
  while (width * 2 < end - start) width *= 2;
  return start + width;
}

/** Hashes of runs, each made of whole subtrees, all of which are asked for at once. */
async function hashesOf(ranges: Range[], read: ReadNodes): Promise<Buffer[]> {
  const parts = ranges.map(wholeSubtrees);
  const hashes = await read(parts.flat());
  let position = 0;
  return parts.map((nodes) => {
    const own = hashes.slice(position, position + nodes.length);
    position += nodes.length;
    return own.reduceRight((right, left) => nodeHash(left, right));
  });
}

/** Largest first. A run begins at a multiple of the power of two that it is wide, as every split makes it. */
function wholeSubtrees({ start, end }: Range): NodeId[] {
  const nodes: NodeId[] = [];
  let from = start;
  while (from < end) {
    let level = 0;
    while (2 ** (level + 1) <= end - from && from % 2 ** (level + 1) === 0) level += 1;
    nodes.push({ level, idx: from / 2 ** level });
    from += 2 ** level;
  }
  return nodes;
}

function first(hashes: Buffer[]): Buffer {
  const [hash] = hashes;
  if (hash === undefined) throw new RangeError('a run of leaves has a hash');
  return hash;
}
