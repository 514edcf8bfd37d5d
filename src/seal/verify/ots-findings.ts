/**
 * What an OpenTimestamps proof over a checkpoint shows, and what it does not. Without block
 * headers it shows nothing by itself: it only says which Merkle root a block must have.
 */

import type { Result } from './findings.ts';
import { type BitcoinHeaders, backwards } from './formats/bitcoin-headers.ts';
import { sameBytes, sha256 } from './formats/bytes.ts';
import { attestedMessages } from './formats/ots-messages.ts';
import { OtsError, readOtsProof } from './formats/ots-proof.ts';

export interface OtsFinding {
  result: Result;
  message: string;
  /** `pending`: a promise. `unproved`: needs a header. `proved`: agrees with a given header. */
  state: 'pending' | 'unproved' | 'proved' | 'refuted' | 'unknown';
  /** Of the block that it names. */
  height: number | null;
  /** Of the header that it agrees with. */
  blockTime: Date | null;
}

/**
 * @param data the bytes that the proof must be over
 * @param headers what the reader gave; `null`: nothing
 * @throws OtsError when it is no proof, or one over other bytes
 */
export async function otsFindings(
  proof: Uint8Array,
  data: Uint8Array,
  headers: BitcoinHeaders | null,
): Promise<OtsFinding[]> {
  const { digest, tree } = readOtsProof(proof);
  if (!sameBytes(digest, await sha256(data))) throw new OtsError('the proof is over other bytes');
  const attested = await attestedMessages(digest, tree);
  const inBlocks = attested.some(({ attestation }) => attestation.kind === 'bitcoin');
  const findings: OtsFinding[] = [];
  for (const { attestation, message } of attested) {
    if (attestation.kind === 'bitcoin')
      findings.push(await blockFinding(attestation.height, message, headers));
    // A promise that was kept is of no more interest.
    else if (attestation.kind === 'pending' && !inBlocks)
      findings.push(
        finding(
          'note',
          'pending',
          `pending: ${attestation.calendar} promised to have it put into a Bitcoin block; nothing is proved by that`,
        ),
      );
    else if (attestation.kind === 'unknown')
      findings.push(
        finding('note', 'unknown', `an attestation of an unknown kind (${attestation.tag})`),
      );
  }
  return findings;
}

async function blockFinding(
  height: number,
  merkleRoot: Uint8Array,
  headers: BitcoinHeaders | null,
): Promise<OtsFinding> {
  if (merkleRoot.length !== 32)
    return finding('invalid', 'refuted', 'what it attests is no Merkle root', height);
  const demanded = `Bitcoin block ${height} must have the Merkle root ${backwards(merkleRoot)}`;
  if (headers === null)
    return finding(
      'note',
      'unproved',
      `not proved here: ${demanded}. If it has (any block explorer shows it), this existed before that block; or give its header with --bitcoin-headers`,
      height,
    );
  try {
    const header = await headers.find(height, merkleRoot);
    if (header === null)
      return finding('incomplete', 'unproved', `${demanded}; no such header was given`, height);
    if (!sameBytes(header.merkleRoot, merkleRoot))
      return finding(
        'invalid',
        'refuted',
        `${demanded}, but the header that was given for it has ${backwards(header.merkleRoot)}: the proof or the header is wrong`,
        height,
      );
    const words = `existed before Bitcoin block ${height} (${header.hash}), whose own time is ${header.time.toISOString()}, if the headers that were given are those of the chain`;
    return { ...finding('ok', 'proved', words, height), blockTime: header.time };
  } catch (error) {
    return finding('invalid', 'refuted', (error as Error).message, height);
  }
}

function finding(
  result: Result,
  state: OtsFinding['state'],
  message: string,
  height: number | null = null,
): OtsFinding {
  return { result, state, message, height, blockTime: null };
}
