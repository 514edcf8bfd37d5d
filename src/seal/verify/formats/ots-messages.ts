/** Carries out the operations of an OpenTimestamps proof: what each attestation in it is about. */
import { ripemd160 } from '@noble/hashes/legacy.js';
import { type Bytes, joined, sha256, toHex, utf8 } from './bytes.ts';
import {
  type OtsAttestation,
  OtsError,
  type OtsNode,
  type OtsOperation,
  otsLimits,
} from './ots-proof.ts';

export interface AttestedMessage {
  attestation: OtsAttestation;
  /** What the operations have made of the digest by there. */
  message: Bytes;
  /** Where in the tree it stands. */
  node: OtsNode;
}

/**
 * Every attestation, in the order of the bytes, with the message that it is about.
 * @throws OtsError when a message grows beyond the limit
 */
export async function attestedMessages(start: Bytes, tree: OtsNode): Promise<AttestedMessage[]> {
  const found = tree.attestations.map((attestation) => ({
    attestation,
    message: start,
    node: tree,
  }));
  for (const { operation, next } of tree.branches)
    found.push(...(await attestedMessages(await applied(operation, start), next)));
  return found;
}

/** What one operation makes of a message. @throws OtsError */
export async function applied(operation: OtsOperation, message: Bytes): Promise<Bytes> {
  const result = await resultOf(operation, message);
  if (result.length <= otsLimits.messageBytes) return result;
  throw new OtsError('a message grows longer than it may be');
}

async function resultOf(operation: OtsOperation, message: Bytes): Promise<Bytes> {
  switch (operation.kind) {
    case 'sha256':
      return sha256(message);
    case 'sha1':
      return new Uint8Array(await crypto.subtle.digest('SHA-1', message));
    case 'ripemd160':
      return ripemd160(message);
    case 'reverse':
      return message.toReversed() as Bytes;
    case 'hexlify':
      return utf8(toHex(message));
    case 'append':
      return joined([message, operation.bytes]);
    case 'prepend':
      return joined([operation.bytes, message]);
  }
}
