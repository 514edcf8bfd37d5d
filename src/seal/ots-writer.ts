/** Writes OpenTimestamps proofs: one that has just begun, and one that a calendar has completed. */
import { createHash } from 'node:crypto';
import {
  attestationTags,
  type OtsAttestation,
  OtsError,
  type OtsNode,
  type OtsOperation,
  type OtsProof,
  otsHeader,
  otsLimits,
  otsMagicEnd,
  otsTags,
  otsVersion,
} from './verify/formats/ots-proof.ts';

/**
 * A proof that begins as the public clients begin one: the digest of the file, sixteen
 * random bytes behind it, hashed again. Only that last hash is shown to a calendar, so it
 * learns nothing of the file.
 * @param answerTo makes the rest of the tree from what is submitted, 32 bytes
 */
export async function begunProof(
  file: Uint8Array,
  nonce: Uint8Array,
  answerTo: (submitted: Buffer) => Promise<OtsNode>,
): Promise<OtsProof> {
  const digest = createHash('sha256').update(file).digest();
  const submitted = createHash('sha256').update(digest).update(nonce).digest();
  const hashed: OtsNode = {
    attestations: [],
    branches: [{ operation: { kind: 'sha256' }, next: await answerTo(submitted) }],
  };
  const append: OtsOperation = { kind: 'append', bytes: new Uint8Array(nonce) };
  return {
    digest: new Uint8Array(digest),
    tree: { attestations: [], branches: [{ operation: append, next: hashed }] },
  };
}

/** The same tree, with what a calendar knows of the message at `place` added there. */
export function completedTree(tree: OtsNode, place: OtsNode, answer: OtsNode): OtsNode {
  const branches = tree.branches.map(({ operation, next }) => ({
    operation,
    next: completedTree(next, place, answer),
  }));
  if (tree !== place) return { attestations: tree.attestations, branches };
  return {
    attestations: [...tree.attestations, ...answer.attestations],
    branches: [...branches, ...answer.branches],
  };
}

/** @throws OtsError where it would be longer than a proof may be, or has an end that attests nothing */
export function writeOtsProof({ digest, tree }: OtsProof): Buffer {
  const head = [otsHeader, otsMagicEnd, Buffer.of(otsVersion, otsTags.sha256), digest];
  const bytes = Buffer.concat([...head, writeOtsTree(tree)]);
  if (bytes.length > otsLimits.proofBytes) throw new OtsError('it is longer than a proof may be');
  return bytes;
}

/** Every part but the last is announced by a fork. @throws OtsError */
export function writeOtsTree({ attestations, branches }: OtsNode): Buffer {
  const parts = [
    ...attestations.map(writeAttestation),
    ...branches.map(({ operation, next }) =>
      Buffer.concat([writeOperation(operation), writeOtsTree(next)]),
    ),
  ];
  const last = parts.pop();
  if (last === undefined) throw new OtsError('an end of the proof attests nothing');
  return Buffer.concat([...parts.flatMap((part) => [Buffer.of(otsTags.fork), part]), last]);
}

function writeOperation(operation: OtsOperation): Buffer {
  const tag = Buffer.of(otsTags[operation.kind]);
  return 'bytes' in operation ? Buffer.concat([tag, sized(operation.bytes)]) : tag;
}

function writeAttestation(attestation: OtsAttestation): Buffer {
  const [tag, payload] = attestationParts(attestation);
  const head = Buffer.of(otsTags.attestation);
  return Buffer.concat([head, Buffer.from(tag, 'hex'), sized(payload)]);
}

function attestationParts(attestation: OtsAttestation): [tag: string, payload: Uint8Array] {
  switch (attestation.kind) {
    case 'pending':
      return [attestationTags.pending, sized(Buffer.from(attestation.calendar))];
    case 'bitcoin':
      return [attestationTags.bitcoin, number(attestation.height)];
    case 'unknown':
      return [attestation.tag, attestation.payload];
  }
}

function sized(bytes: Uint8Array): Buffer {
  return Buffer.concat([number(bytes.length), bytes]);
}

/** Seven bits a byte, the lowest first, as LEB128. */
function number(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.of(...bytes, rest);
}
